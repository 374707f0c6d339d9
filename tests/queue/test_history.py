"""What is told of a number before it is written to again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from random import Random

import pytest

from gateway.carrier import ReportStatus
from gateway.queue import campaigns, history, times
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import NewCampaign
from gateway.queue.history import FAILED, RECENT, WAITING
from gateway.queue.states import State
from tests.queue.clinic import NEVER, NOW, OTHER_PHONE, PHONE, Clinic, later, report

ASKED = history.Asked(later(days=-3), UTC)


def write(
    clinic: Clinic, name: str = "November", *, phone: str = PHONE, at: datetime = NOW, examined: bool = True
) -> None:
    campaigns.queue(clinic.connection, NewCampaign(name), [NewMessage(phone, f"Ждём вас, {name}")], at)
    if examined:
        clinic.box.intake(at)


def codes(clinic: Clinic, phone: str = PHONE) -> list[str]:
    return [each.code for each in history.look(clinic.connection, [phone], ASKED).get(phone, ())]


def test_of_a_number_that_nobody_wrote_to_nothing_is_told(clinic: Clinic) -> None:
    write(clinic)
    assert codes(clinic, OTHER_PHONE) == []


@pytest.mark.parametrize("examined", [True, False])
def test_what_still_waits_is_told_also_before_it_was_examined(clinic: Clinic, examined: bool) -> None:
    write(clinic, examined=examined)
    assert codes(clinic) == [WAITING]


def test_what_went_out_lately_is_told_with_its_campaign_and_day(clinic: Clinic) -> None:
    write(clinic)
    clinic.send()
    (found,) = history.look(clinic.connection, [PHONE, OTHER_PHONE], ASKED)[PHONE]
    assert (found.code, found.reason) == (RECENT, "Campaign “November” wrote to this number on 2026-11-22.")


def test_what_went_out_long_ago_is_not(clinic: Clinic) -> None:
    write(clinic, at=later(days=-4))
    clinic.send(now=later(days=-4))
    assert codes(clinic) == []


def test_what_was_taken_back_is_not(clinic: Clinic) -> None:
    write(clinic)
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled'")
    assert codes(clinic) == []


def test_what_is_of_no_campaign_is_not(clinic: Clinic) -> None:
    clinic.add()
    clinic.send()
    clinic.add("Ждём вас снова")
    assert codes(clinic) == []


@pytest.mark.parametrize("campaign", [b"\x01", "1st"])
def test_what_another_program_calls_a_campaign_of_its_own_is_none(clinic: Clinic, campaign: object) -> None:
    write(clinic, phone=OTHER_PHONE)
    values = (PHONE, "Ждём вас", campaign)
    clinic.connection.execute("INSERT INTO outbox (recipient, body, campaign) VALUES (?, ?, ?)", values)
    clinic.box.intake(NOW)
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE msisdn = ?", (OTHER_PHONE,))
    clinic.record(clinic.begun(), NEVER)
    assert codes(clinic) == [FAILED]


@pytest.mark.parametrize("age", [0, 300])
def test_a_number_that_failed_the_last_time_is_told_however_long_ago(clinic: Clinic, age: int) -> None:
    clinic.add(now=later(days=-age))
    clinic.record(clinic.begun(now=later(days=-age)), NEVER, later(days=-age))
    assert codes(clinic) == [FAILED]


def test_one_that_was_reached_since_is_not(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    clinic.add("Ещё раз")
    clinic.send(("2",))
    clinic.store(report("2"))
    assert codes(clinic) == []


def test_a_report_that_says_no_counts_as_failed(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("2",))
    clinic.store(report("2", ReportStatus.UNDELIVERED))
    assert codes(clinic) == [FAILED]


REASONS = {
    "in words": ("Сеть не знает этого номера.", "did not arrive. Сеть не знает этого номера."),
    "by its code alone": (None, "did not arrive: cms_1."),
}


@pytest.mark.parametrize(("words", "told"), REASONS.values(), ids=REASONS)
def test_why_the_last_message_did_not_arrive_is_told(clinic: Clinic, words: str | None, told: str) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    clinic.connection.execute("UPDATE outbox SET error_code = 'cms_1', error_text = ?", (words,))
    (found,) = history.look(clinic.connection, [PHONE], ASKED)[PHONE]
    assert found.reason.endswith(told)


def test_several_things_are_told_of_one_number(clinic: Clinic) -> None:
    write(clinic)
    clinic.record(clinic.begun(), NEVER)
    write(clinic, "December")
    assert codes(clinic) == [WAITING, RECENT, FAILED]


def test_of_several_numbers_each_is_told_its_own(clinic: Clinic) -> None:
    write(clinic)
    clinic.record(clinic.begun(), NEVER)
    write(clinic, "December", phone=OTHER_PHONE)
    write(clinic, "January")
    found = history.look(clinic.connection, [OTHER_PHONE, PHONE, "+79000000077"], ASKED)
    told = {number: [each.code for each in some] for number, some in found.items()}
    assert told == {PHONE: [WAITING, RECENT, FAILED], OTHER_PHONE: [WAITING]}


def test_of_one_number_the_last_five_messages_are_looked_at(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    for number in range(history.LOOKED - 1):
        write(clinic, f"List {number}")
    assert codes(clinic) == [WAITING, FAILED]
    write(clinic, "One more")
    assert codes(clinic) == [WAITING]


def test_nothing_that_is_told_has_the_number(clinic: Clinic) -> None:
    write(clinic)
    clinic.record(clinic.begun(), NEVER)
    assert all(PHONE[-7:] not in each.reason for each in history.look(clinic.connection, [PHONE], ASKED)[PHONE])


STATES = [state.value for state in State]
GONE = frozenset(STATES) - history.NOT_GONE


def test_it_is_what_a_careful_person_finds_who_reads_all_messages_to_each_number(clinic: Clinic) -> None:
    """Of 400 numbers with any histories; the messages to all of them lie mixed, the oldest first."""
    for name in ("One", "Two"):
        write(clinic, name, phone="+79000009999")
    names = [id for (id,) in clinic.connection.execute("SELECT id FROM campaigns")]
    for trigger in clinic.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        clinic.connection.execute(f"DROP TRIGGER {trigger[0]}")  # they let no message be put into any state
    chance = Random(7)
    histories: dict[str, list[Said]] = {f"+7900000{number:04}": [] for number in range(400)}
    for age in range(12, 0, -1):
        for number in chance.sample(sorted(histories), 150):
            said = chance.choice(STATES), chance.choice([*names, None])
            histories[number].insert(0, (*said, times.to_text(later(days=-age))))
            clinic.connection.execute(PUT, (number, *histories[number][0]))
    found = history.look(clinic.connection, histories, history.Asked(later(days=-6), UTC))
    told = {number: [each.code for each in found.get(number, ())] for number in histories}
    assert told == {number: careful(messages, names) for number, messages in histories.items()}
    assert {len(codes) for codes in told.values()} == {0, 1, 2, 3}


Said = tuple[str, int | None, str]  # state, campaign, created_at
PUT = "INSERT INTO outbox (recipient, body, due, msisdn, state, campaign, created_at) VALUES ('x', 'x', 0, ?, ?, ?, ?)"


def careful(messages: Sequence[Said], names: Sequence[int]) -> list[str]:
    """The rules as they are told to people; the newest message comes first. One that went out long ago ends it."""
    since, last = times.to_text(later(days=-6)), messages[: history.LOOKED]
    ends = [place for place, (state, _campaign, at) in enumerate(last, start=1) if state in GONE and at < since]
    last = last[: min(ends, default=None)]
    gone = [message for message in last if message[0] in GONE]
    return [
        *([WAITING] if any(state in history.TO_GO and campaign in names for state, campaign, _at in last) else []),
        *([RECENT] if any(campaign in names and at >= since for _state, campaign, at in gone) else []),
        *([FAILED] if gone and gone[0][0] in history.WENT_WRONG else []),
    ]
