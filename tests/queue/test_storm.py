"""The storm breaker: the same text, or too many messages, to one number wait for a person."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.alarms.facts import PAST_LIMIT
from gateway.carrier import Accepted, Outcome, Refused
from gateway.queue import desk, storm, times
from gateway.queue.adding import NewMessage, add
from gateway.queue.rules import SafetyRules
from tests.queue.clinic import BUSY, NOW, OTHER_PHONE, PHONE, RULES, SILENT, Clinic, later

SAFETY = SafetyRules(same_text_limit=3, daily_limit=5)
GUARDED = replace(RULES, safety=SAFETY)


@pytest.fixture
def guarded(path: Path) -> Clinic:
    return Clinic(path, GUARDED)


def states(clinic: Clinic) -> list[str]:
    return [state for (state,) in clinic.connection.execute("SELECT state FROM outbox ORDER BY id")]


def send_all(clinic: Clinic, carrier: str = "sim-1", **spans: float) -> int:
    """Everything that is due goes out; how many SMS."""
    sent, now = 0, later(**spans)
    clinic.box.ripen(now)
    while (submission := clinic.claim(carrier, now)) is not None:
        clinic.record(submission, Accepted(str(sent)), now)
        sent += 1
    return sent


@pytest.mark.parametrize(("outcome", "state"), [(SILENT, "held"), (BUSY, "sending")], ids=["in doubt", "put off"])
def test_what_was_taken_back_counts_when_it_may_have_gone_out(guarded: Clinic, outcome: Outcome, state: str) -> None:
    for _time in range(2):
        guarded.add("Ждём вас завтра")
    assert send_all(guarded) == 2
    guarded.add("Ждём вас завтра")
    guarded.record(guarded.begun(), outcome, NOW)
    again_at = later(hours=1)
    guarded.box.tick(again_at)
    desk.cancel(guarded.connection, 3, again_at)
    guarded.add("Ждём вас завтра", now=again_at)
    guarded.claim(now=again_at)
    assert guarded.state(4) == state


SAME = {
    "word for word": "Ждём вас завтра",
    "other case": "ждём ВАС завтра",
    "other space": "  Ждём  вас\nзавтра ",
}


@pytest.mark.parametrize("case", SAME)
def test_the_same_text_goes_to_a_number_only_so_often(guarded: Clinic, case: str) -> None:
    for _time in range(3):
        guarded.add("Ждём вас завтра")
    guarded.add(SAME[case])
    assert send_all(guarded) == 3
    assert states(guarded) == ["sent"] * 3 + ["held"]
    assert guarded.value("error_code", 4) == "storm_same_text"
    assert "smsgw outbox release 4" in str(guarded.value("error_text", 4))


def test_other_texts_and_other_numbers_go_on_behind_a_storm(guarded: Clinic) -> None:
    for _time in range(4):
        guarded.add("Ждём вас завтра")
    other_text = guarded.add("Ваш код 4711")
    other_number = guarded.add("Ждём вас завтра", OTHER_PHONE)
    assert send_all(guarded) == 5
    assert {guarded.state(other_text), guarded.state(other_number)} == {"sent"}


def test_codes_that_differ_are_held_by_the_limit_of_a_day(guarded: Clinic) -> None:
    for number in range(7):
        guarded.add(f"Ваш код {number}", category="otp")
    assert send_all(guarded) == 5
    assert (guarded.value("error_code", 6), guarded.state(7)) == ("storm_number", "held")
    guarded.add("Ваш код 9", now=later(hours=25), category="otp")
    assert send_all(guarded, hours=25) == 1


def test_an_emergency_goes_out_though_its_number_has_had_its_day_and_is_noted(guarded: Clinic) -> None:
    for number in range(7):
        guarded.add(f"Напоминание {number}")
    assert send_all(guarded) == 5
    urgent = guarded.add("Позвоните нам немедленно", category=" Emergency ")
    assert send_all(guarded) == 1
    assert (guarded.state(urgent), guarded.value("error_code", urgent)) == ("sent", None)
    assert "past_limit" in guarded.events(urgent)
    assert states(guarded).count("held") == 2


def test_a_loop_of_emergencies_is_held_and_one_that_is_allowed_is_not_held_with_the_others(guarded: Clinic) -> None:
    for number in range(6):
        guarded.add(f"Напоминание {number}")
    urgent = [guarded.add(f"Срочно {number}", category="emergency", priority=0) for number in range(6)]
    assert send_all(guarded) == 10
    assert guarded.state(6) == "held"
    assert [guarded.state(message) for message in urgent] == ["sent"] * 5 + ["held"]
    assert guarded.value("error_code", urgent[5]) == "storm_number"
    assert [guarded.events(message).count("past_limit") for message in urgent] == [1] * 5 + [0]


def test_the_same_emergency_again_and_again_is_held_as_any_other_text(guarded: Clinic) -> None:
    for _time in range(4):
        guarded.add("Позвоните нам немедленно", category="emergency")
    assert send_all(guarded) == 3
    assert (guarded.state(4), guarded.value("error_code", 4)) == ("held", "storm_same_text")


def test_emergencies_beyond_the_limit_are_found_by_their_index(guarded: Clinic) -> None:
    plan = guarded.connection.execute(f"EXPLAIN QUERY PLAN {PAST_LIMIT}", {"since": ""}).fetchall()
    assert "events_past_limit" in str(plan)


def test_many_carriers_at_once_let_no_more_through(guarded: Clinic) -> None:
    for _time in range(5):
        guarded.add()
    taken = [guarded.claim(f"sim-{number}") for number in range(1, 6)]
    assert [bool(submission) for submission in taken] == [True, True, True, False, False]


def test_what_was_refused_or_put_off_counts_and_is_not_held_itself(guarded: Clinic) -> None:
    for _time in range(4):
        guarded.add()
    guarded.record(guarded.begun(), Refused("cms_1", "No such number."))
    guarded.record(guarded.begun(), BUSY)
    guarded.record(guarded.begun("sim-2"), BUSY)
    assert send_all(guarded, minutes=1) == 2
    assert states(guarded) == ["failed", "sent", "sent", "held"]


def test_one_that_a_person_let_go_is_not_caught_again(guarded: Clinic) -> None:
    for _time in range(4):
        guarded.add()
    send_all(guarded)
    desk.release(guarded.connection, 4, NOW)
    assert send_all(guarded, seconds=1) == 1
    assert guarded.state(4) == "sent"


@pytest.mark.parametrize(
    "safety",
    [
        replace(SAFETY, exempt=frozenset({PHONE})),
        replace(SAFETY, same_text_limit=0, daily_limit=0),
        replace(SAFETY, same_text_limit=0, daily_limit=100),
        replace(SAFETY, same_text_limit=100, daily_limit=0),
    ],
    ids=["exempt", "off", "high daily limit", "high limit of the same text"],
)
def test_what_no_limit_concerns_goes_out(path: Path, safety: SafetyRules) -> None:
    clinic = Clinic(path, replace(RULES, safety=safety))
    for _time in range(9):
        clinic.add()
    assert send_all(clinic) == 9


def test_a_loop_that_writes_thousands_ends_held_and_leaves_others_their_turn(guarded: Clinic) -> None:
    add(guarded.connection, [NewMessage(PHONE, "Ждём вас завтра")] * 1000, NOW)
    add(guarded.connection, [NewMessage(OTHER_PHONE, "Ждём вас завтра")], NOW)
    while guarded.box.intake(NOW, SAFETY.same_text_limit):
        pass
    assert send_all(guarded) == 4
    assert states(guarded).count("held") == 997


def test_inside_another_transaction_only_some_are_held_at_once(guarded: Clinic) -> None:
    add(guarded.connection, [NewMessage(PHONE, "Ждём вас завтра")] * 1500, NOW)
    while guarded.box.intake(NOW, SAFETY.same_text_limit):  # so few at once are no crowd
        pass
    send = [guarded.begun() for _time in range(3)]
    with guarded.box.write():
        assert guarded.record(send[0], Accepted("1")) is None
        assert guarded.claim() is None
    assert 0 < states(guarded).count("held") < 1497
    assert guarded.box.has_work(NOW, "sim-1")


def test_each_held_message_names_itself_and_others_stay_as_they_are(guarded: Clinic) -> None:
    for _time in range(6):
        guarded.add()
    later_one = guarded.add(not_before=later(days=3))
    other_text = guarded.add("Ваш код 4711")
    send_all(guarded)
    texts = [str(guarded.value("error_text", message)) for message in (4, 5, 6)]
    assert all(f"release {message}`" in text for message, text in zip((4, 5, 6), texts, strict=True))
    assert (guarded.state(later_one), guarded.state(other_text)) == ("queued", "sent")
    assert guarded.events(5) == ["queued", "held"]


def test_what_is_no_text_any_more_is_held_like_any_other(guarded: Clinic) -> None:
    for _time in range(5):
        guarded.add()
    guarded.connection.execute("UPDATE outbox SET body = CAST(x'd0' AS TEXT)")
    examined = "UPDATE outbox SET due = 1, rank = 5, route = '', msisdn = ?, segments = 1"
    guarded.connection.execute(examined, (PHONE,))  # as if a disk had damaged it
    send_all(guarded)
    assert states(guarded) == ["sent"] * 3 + ["held"] * 2


def test_nothing_of_the_patient_is_in_the_reason(guarded: Clinic) -> None:
    for number in range(7):
        guarded.add("Ждём вас завтра" if number < 4 else f"Код {number}")
    send_all(guarded)
    reasons = [text for (text,) in guarded.connection.execute("SELECT error_text FROM outbox WHERE state = 'held'")]
    assert len(reasons) == 2
    assert not any("9000001234" in reason or "Ждём" in reason for reason in reasons)


def test_a_writer_can_not_say_that_its_message_was_released(guarded: Clinic) -> None:
    guarded.connection.execute(
        "INSERT INTO outbox (recipient, body, released_at, taken_at) VALUES (?, 'x', '2026', '2026')", (PHONE,)
    )
    assert (guarded.value("released_at"), guarded.value("taken_at")) == (None, None)


def test_the_look_back_is_a_handful_of_rows(guarded: Clinic) -> None:
    steps = guarded.connection.execute(
        f"EXPLAIN QUERY PLAN {storm.TAKEN}", {"msisdn": "x", "since": "", "until": "", "limit": 1}
    ).fetchall()
    assert "outbox_taken" in steps[0][3]
    with pytest.raises(sqlite3.OperationalError):
        guarded.connection.execute(storm.TAKEN.replace("outbox_taken", "outbox_due"))


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from("абв")), max_size=40),
    st.integers(0, 5),
    st.integers(0, 8),
)
def test_never_more_than_the_limits_in_any_window(
    tries: list[tuple[int, str]], same_text_limit: int, daily_limit: int
) -> None:
    """Hours and texts of messages to one number, in order: those that are let through keep the limits."""
    safety = SafetyRules(same_text_limit=same_text_limit, same_text_window_s=36 * 3600.0, daily_limit=daily_limit)
    taken: list[storm.Taken] = []
    for hour, text in sorted(tries):
        if storm.judge(safety, text, None, taken, later(hours=hour)) is None:
            taken.insert(0, (times.to_text(later(hours=hour)), text, None))
    for at, text, _category in taken:
        end = times.from_text(at)
        day = [each for each in taken if 0 <= (end - times.from_text(each[0])).total_seconds() < 24 * 3600]
        same = [
            each for each in taken
            if each[1] == text and 0 <= (end - times.from_text(each[0])).total_seconds() < 36 * 3600
        ]  # fmt: skip
        assert not daily_limit or len(day) <= daily_limit
        assert not same_text_limit or len(same) <= same_text_limit
