"""Examining what writers wrote: fit, or not and why; and times in all their forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue import times
from gateway.queue.db import Connection
from tests.queue.clinic import LONG, NOW, PHONE, RULES, Clinic, later

MOSCOW = ZoneInfo("Europe/Moscow")

REJECTED = {
    "no number": ({"recipient": None}, "invalid_recipient"),
    "a blank number": ({"recipient": "  "}, "invalid_recipient"),
    "a number cut short": ({"recipient": "8 900 000-12"}, "invalid_recipient"),
    "letters for a number": ({"recipient": "мама"}, "invalid_recipient"),
    "octets for a number": ({"recipient": b"\xff\xfe"}, "invalid_recipient"),
    "a landline": ({"recipient": "8 495 123-45-67"}, "landline"),
    "a toll-free number": ({"recipient": "8 800 555-35-35"}, "toll_free"),
    "an emergency number": ({"recipient": "112"}, "emergency_number"),
    "a short code that is not allowed": ({"recipient": "7878"}, "short_code"),
    "no text": ({"body": None}, "empty_text"),
    "a blank text": ({"body": " \n "}, "empty_text"),
    "a text that is not UTF-8": ({"body": b"abc\xff"}, "invalid_text"),
    "a NUL in the text": ({"body": "abc\0def"}, "invalid_text"),
    "a text of more than 255 SMS": ({"body": "я" * 67 * 256}, "too_long"),
    "a text of many millions": ({"body": "a" * 1_000_000}, "too_long"),
    "an unknown category": ({"category": "urgent"}, "invalid_category"),
    "octets for a category": ({"category": b"\xff"}, "invalid_category"),
    "a priority below": ({"priority": -1}, "invalid_priority"),
    "a priority above": ({"priority": 10}, "invalid_priority"),
    "a broken priority": ({"priority": 2.5}, "invalid_priority"),
    "a priority in words": ({"priority": "high"}, "invalid_priority"),
    "octets for a priority": ({"priority": b"5"}, "invalid_priority"),
    "an unknown sender": ({"sender": "sim-9"}, "unknown_sender"),
    "a time in words": ({"not_before": "завтра"}, "invalid_time"),
    "an impossible date": ({"not_before": "2026-02-30"}, "invalid_time"),
    "a number for a time": ({"expires_at": 1790000000}, "invalid_time"),
    "a day before the month": ({"expires_at": "22.11.2026 09:30"}, "invalid_time"),
    "a day after the last of the calendar": ({"not_before": "9999-366"}, "invalid_time"),
    "a day before the first of the calendar": ({"expires_at": "0001-000"}, "invalid_time"),
    "an expiry before the beginning": (
        {"not_before": "2026-11-23T10:00Z", "expires_at": "2026-11-23T09:00Z"},
        "invalid_time",
    ),
}


def insert(clinic: Clinic, **columns: object) -> None:
    row = {"recipient": PHONE, "body": "Ждём вас", "created_at": times.to_text(NOW)} | columns
    marks = ", ".join("?" * len(row))
    clinic.connection.execute(f"INSERT INTO outbox ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
    clinic.box.intake(NOW)


@pytest.mark.parametrize("case", REJECTED)
def test_bad_data_is_rejected_with_its_reason(clinic: Clinic, case: str) -> None:
    columns, code = REJECTED[case]
    insert(clinic, **columns)
    insert(clinic)
    assert (clinic.state(), clinic.value("error_code")) == ("rejected", code)
    assert str(clinic.value("error_text")).endswith(".")
    assert clinic.events() == ["queued", "rejected"]
    assert clinic.state(2) == "queued"


def test_the_event_says_the_reason_and_no_words_of_the_message(clinic: Clinic) -> None:
    insert(clinic, recipient="8 495 123-45-67", body="Анализ готов")
    detail = clinic.connection.execute("SELECT detail FROM events ORDER BY id DESC").fetchone()[0]
    assert detail.startswith("landline: ")
    assert "Анализ" not in detail
    assert "123" not in detail


FIT = {
    "as people write numbers": ({"recipient": "8 (900) 000-12-34"}, {"msisdn": PHONE}),
    "a number given as an integer": ({"recipient": 89000001234}, {"msisdn": PHONE}),
    "a number given as a float": ({"recipient": 79000001234.0}, {"msisdn": PHONE}),
    "a number given as octets": ({"recipient": b"+79000001234"}, {"msisdn": PHONE}),
    "a text given as octets": ({"body": "Ждём вас".encode()}, {"segments": 1}),
    "a text of three SMS": ({"body": LONG}, {"segments": 3}),
    "no category": ({}, {"rank": 5, "expires": "2026-11-25T09:00:00.000Z"}),
    "a blank category": ({"category": ""}, {"rank": 5}),
    "a code": ({"category": "OTP "}, {"rank": 8, "expires": "2026-11-22T09:15:00.000Z"}),
    "a category as octets": ({"category": b"otp"}, {"rank": 8}),
    "an emergency": ({"category": "emergency"}, {"rank": 9, "expires": "2026-11-23T09:00:00.000Z"}),
    "marketing": ({"category": "marketing"}, {"rank": 2, "expires": "2026-11-23T09:00:00.000Z"}),
    "a priority in digits": ({"priority": "7"}, {"rank": 7}),
    "a blank priority": ({"priority": " "}, {"rank": 5}),
    "a whole float for a priority": ({"priority": 7.0}, {"rank": 7}),
    "no sender": ({"sender": " "}, {"route": ""}),
    "a carrier for a sender": ({"sender": "sim-2"}, {"route": "sim-2"}),
    "a time in the clinic's zone": (
        {"not_before": "2026-11-23 10:00"},
        {"next_attempt_at": "2026-11-23T07:00:00.000Z"},
    ),
    "an expiry counted from the beginning": ({"not_before": "2026-11-30"}, {"expires": "2026-12-02T21:00:00.000Z"}),
    "an own expiry": ({"expires_at": "2026-11-22T20:00:00+03:00"}, {"expires": "2026-11-22T17:00:00.000Z"}),
    "a beginning in the past": ({"not_before": "2026-11-20"}, {"due": 1}),
    "an expiry that stands for never": ({"expires_at": "9999-12-31 23:59:59"}, {"expires": "9000-01-01T00:00:00.000Z"}),
    "a beginning that stands for never": (
        {"not_before": "9999-12-31"},
        {"next_attempt_at": "9000-01-01T00:00:00.000Z"},
    ),
    "an expiry at the calendar's very end": (
        {"expires_at": "9999-12-31T24:00:00-14:00"},
        {"expires": "9000-01-01T00:00:00.000Z"},
    ),
    "a beginning at the calendar's very end": (
        {"not_before": "9999-12-31T23:59:59-14:00"},
        {"next_attempt_at": "9000-01-01T00:00:00.000Z"},
    ),
    "a beginning before the calendar's": ({"not_before": "0001-01-01T00:00:00+14:00"}, {"due": 1}),
    "a beginning that stands for always": ({"not_before": "0001-01-01 00:00:00"}, {"due": 1}),
    "a beginning to come": ({"not_before": "2026-11-29"}, {"due": 0}),
}


@pytest.mark.parametrize("case", FIT)
def test_what_is_right_is_understood(clinic: Clinic, case: str) -> None:
    columns, found = FIT[case]
    insert(clinic, **columns)
    assert clinic.state() == "queued", clinic.value("error_text")
    assert {column: clinic.value(column) for column in found} == found


def test_a_message_for_a_carrier_that_is_still_looked_for_waits_for_it(path: Path) -> None:
    searching = Clinic(path, replace(RULES, carriers=(), are_carriers_known=False))
    insert(searching, sender="sim-1")
    assert (searching.state(), searching.claim("sim-2")) == ("queued", None)
    searching.begun("sim-1")
    searching.connection.close()


def test_a_category_or_text_given_as_octets_is_sent_like_any_other(clinic: Clinic) -> None:
    insert(clinic, category=b"notification", body="Ждём вас".encode(), sender=b"sim-1")
    submission = clinic.begun()
    assert submission.segment.text == "Ждём вас"
    assert submission.sender is None


def test_a_row_that_nobody_foresaw_is_rejected_and_does_not_hold_up_the_others(clinic: Clinic) -> None:
    insert(clinic, created_at="2026-13-01T00:00:00.000Z")
    insert(clinic)
    assert (clinic.state(1), clinic.value("error_code", 1)) == ("rejected", "not_understood")
    assert clinic.state(2) == "queued"


def test_old_messages_are_not_sent_when_the_gateway_comes_back(clinic: Clinic) -> None:
    insert(clinic, created_at=times.to_text(NOW - timedelta(days=3)))
    assert (clinic.state(), clinic.value("error_code")) == ("expired", "expired")


def test_rows_are_examined_in_the_order_in_which_they_would_be_sent(clinic: Clinic) -> None:
    weights = [{"category": "marketing"}, {}, {"priority": 7}, {"category": "otp"}, {"category": "emergency"}, {}]
    for weight in weights:
        insert(clinic, **weight)
    clinic.connection.execute("UPDATE outbox SET body = body || '.'")
    examined = []
    while clinic.box.intake(NOW, limit=1):
        rows = clinic.connection.execute("SELECT id FROM outbox WHERE due = 1").fetchall()
        examined += [row[0] for row in rows if row[0] not in examined]
    assert examined == [5, 4, 3, 2, 6, 1]


@pytest.mark.parametrize(
    ("longest", "sender", "code"),
    [
        ({"sim-1": 2, "sim-2": 2}, None, "over_limit"),
        ({"sim-1": 2, "sim-2": 3}, None, None),
        ({"sim-1": 2}, None, None),
        ({"sim-1": 2}, "sim-1", "over_limit"),
        ({"sim-1": 2}, "sim-2", None),
    ],
    ids=["no sim can", "one can", "one without a limit", "the one asked for can't", "the one asked for can"],
)
def test_what_is_longer_than_a_whole_days_limit_is_rejected(
    path: Path, longest: dict[str, int], sender: str | None, code: str | None
) -> None:
    clinic = Clinic(path, replace(RULES, longest=longest))
    clinic.add(LONG, sender=sender)
    assert clinic.value("error_code") == code
    clinic.connection.close()


def test_a_row_that_its_writer_changes_is_examined_again(clinic: Clinic) -> None:
    insert(clinic)
    clinic.connection.execute("UPDATE outbox SET body = ?", (LONG,))
    assert clinic.claim() is None
    assert clinic.box.intake(NOW) == 1
    assert clinic.value("segments") == 3
    assert clinic.events() == ["queued", "changed"]


def test_a_cancelled_message_is_neither_examined_nor_sent(clinic: Clinic) -> None:
    insert(clinic)
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled'")
    assert clinic.claim() is None
    assert clinic.events() == ["queued", "cancelled"]


def test_short_codes_of_the_configuration_are_allowed(path: object, connection: Connection) -> None:
    from gateway.queue.adding import NewMessage, add_one
    from gateway.queue.outbox import IntakeRules, Outbox

    add_one(connection, NewMessage("7878", "БАЛАНС"), NOW)
    box = Outbox(connection, IntakeRules(short_codes=("7878",)))
    box.intake(NOW)
    submission = box.claim("sim-1", "line", NOW)
    assert submission is not None
    assert submission.recipient == "7878"


@given(st.text(max_size=40), st.one_of(st.none(), st.text(max_size=8), st.integers(-5, 15), st.binary(max_size=5)))
def test_examining_never_fails_whatever_a_row_holds(text: str, value: object) -> None:
    from gateway.queue.examining import Unfit, Written, examine
    from gateway.queue.rules import IntakeRules

    octets = text.encode("utf-8", "surrogatepass")
    written = Written(octets, octets, None, value, octets, octets, octets, times.to_text(NOW))
    with pytest.raises(Unfit) as reason:
        examine(written, IntakeRules(), NOW)
    assert reason.value.text


TIMES = {
    "2026-11-22T09:30:00Z": (2026, 11, 22, 9, 30),
    "2026-11-22t09:30z": (2026, 11, 22, 9, 30),
    "2026-11-22 09:30:00": (2026, 11, 22, 6, 30),
    "2026-11-22 09:30:00.5": (2026, 11, 22, 6, 30, 0, 500000),
    "2026-11-22T09:30:00,25+05": (2026, 11, 22, 4, 30, 0, 250000),
    "2026-11-22T09:30-0330": (2026, 11, 22, 13, 0),
    "2026-11-22 09:30:00 +03:00": (2026, 11, 22, 6, 30),
    "20261122T093000": (2026, 11, 22, 6, 30),
    "20261122": (2026, 11, 21, 21, 0),
    "2026-11-22": (2026, 11, 21, 21, 0),
    "2026-11-22T09": (2026, 11, 22, 6, 0),
    "2026-11-22T24:00": (2026, 11, 22, 21, 0),
    "2026-W47-7": (2026, 11, 21, 21, 0),
    "2026-326": (2026, 11, 21, 21, 0),
    " 2026-11-22T09:30Z ": (2026, 11, 22, 9, 30),
}


@pytest.mark.parametrize("text", TIMES)
def test_any_iso_8601_time_is_read(text: str) -> None:
    assert times.read(text, MOSCOW) == datetime(*TIMES[text], tzinfo=UTC)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "22.11.2026", "11/22/2026", "2026-13-01", "2026-11-31", "2026-366", "2026-11-22T25:00"),
        *("2026-11-22T09:60", "1790000000", "20261122093000", "2026-11-22T24:01"),
        *("2026-11-22X09:30", "2026-11-22T09:30+25:00", "-2026-11-22"),
    ],
)
def test_what_is_no_iso_8601_time_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        times.read(text, MOSCOW)


@given(st.from_regex(times.ISO, fullmatch=True), st.sampled_from(["Pacific/Kiritimati", "Pacific/Pago_Pago"]))
def test_whatever_looks_like_a_time_is_one_within_the_calendar_or_said_to_be_none(text: str, zone: str) -> None:
    try:
        found = times.read(text, ZoneInfo(zone))
    except ValueError:
        return
    assert times.from_text(times.to_text(found)).tzinfo is UTC


def test_in_a_clock_change_the_earlier_offset_counts() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert times.read("2026-10-25 02:30", berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert times.read("2026-03-29 02:30", berlin) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_a_written_time_is_read_back_to_the_millisecond_and_sorts_as_text(moment: datetime) -> None:
    text = times.to_text(moment)
    assert abs(times.from_text(text) - moment) < timedelta(milliseconds=1)
    assert len(text) == 24
    assert text < times.to_text(moment + timedelta(milliseconds=2))


def test_a_time_in_another_zone_is_written_in_utc() -> None:
    assert times.to_text(later(hours=0).astimezone(MOSCOW)) == "2026-11-22T09:00:00.000Z"
