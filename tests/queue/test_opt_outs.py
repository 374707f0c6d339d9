"""An answer of STOP takes a number out of what its owner may refuse, at once and for good; START brings it back."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.carrier import Accepted, Deferred, Incoming, LateAnswer, Outcome, Refused, Scope, Uncertain
from gateway.queue import desk, opt_outs, receiving
from gateway.queue.flood import Flood
from gateway.queue.intake import intake
from gateway.queue.outbox import Outbox
from gateway.queue.rules import CATEGORIES, Consent, IntakeRules, WhenUncertain
from gateway.sms.message import Concatenation
from tests.queue.clinic import NOW

PATIENT = "+79000000001"
OTHER = "+79000000002"
RULES = IntakeRules()
WORDS = {
    "STOP": True, "stop.": True, "Стоп!": True, "«СТОП»": True, " не  присылать ": True, "Отписаться": True,
    "退订": True, "T": True, "START": False, "Старт": False, "恢复": False,
    "Стоп, а во сколько приём?": None, "не стоп": None, "": None, "!": None, "Да": None, "стопа болит": None,
}  # fmt: skip


def receive(connection: sqlite3.Connection, text: str, at: datetime = NOW, sender: str = PATIENT) -> None:
    incoming = Incoming(sender, text, at, None, f"{text} {at}")
    receiving.store(connection, RULES, "sim-1", "line", incoming, at)


def add(
    connection: sqlite3.Connection, category: str | None, recipient: str = PATIENT, text: str = "Осмотр со скидкой"
) -> int:
    statement = "INSERT INTO outbox (recipient, body, category) VALUES (?, ?, ?)"
    return int(connection.execute(statement, (recipient, text, category)).lastrowid or 0)


def examine(connection: sqlite3.Connection, rules: IntakeRules = RULES) -> None:
    intake(connection, rules, Flood(rules.safety), NOW, 1000)


def state(connection: sqlite3.Connection, message: int) -> tuple[str, str | None]:
    row = connection.execute("SELECT state, error_code FROM outbox WHERE id = ?", (message,)).fetchone()
    return row[0], row[1]


@pytest.mark.parametrize(("text", "wish"), WORDS.items(), ids=str)
def test_only_a_text_that_says_nothing_else_is_a_wish(text: str, wish: bool | None) -> None:
    assert opt_outs.wish_of(text) is wish


def test_a_stop_takes_back_what_waits_and_refuses_what_comes(connection: sqlite3.Connection) -> None:
    waiting = add(connection, "marketing")
    examine(connection)
    receive(connection, "СТОП")
    later, of_other = add(connection, "Marketing "), add(connection, "marketing", OTHER)
    examine(connection)
    assert state(connection, waiting) == ("rejected", "opted_out")
    assert state(connection, later) == ("rejected", "opted_out")
    assert state(connection, of_other) == ("queued", None)


@pytest.mark.parametrize(
    ("wishes", "is_out"),
    [
        ([("STOP", 7), ("START", 0)], False),
        ([("STOP", -1), ("START", 7), ("STOP", 0)], True),
        ([("STOP", 7), ("START", 0), ("STOP", 1)], True),
    ],
)
def test_the_last_word_counts_also_when_the_clock_was_put_back_before_it(
    connection: sqlite3.Connection, wishes: list[tuple[str, int]], is_out: bool
) -> None:
    for text, hour in wishes:
        receive(connection, text, NOW + timedelta(hours=hour))
    assert opt_outs.among(connection, [PATIENT]) == ({PATIENT} if is_out else set())


@pytest.mark.parametrize("category", [None, "notification", "otp", "emergency"])
def test_what_a_patient_has_to_know_goes_out_all_the_same(connection: sqlite3.Connection, category: str | None) -> None:
    receive(connection, "stop")
    message = add(connection, category)
    examine(connection)
    assert state(connection, message) == ("queued", None)


def test_a_clinic_may_let_people_refuse_reminders_too(connection: sqlite3.Connection) -> None:
    reminders = {**CATEGORIES, "notification": replace(CATEGORIES["notification"], consent=Consent.UNTIL_WITHDRAWN)}
    receive(connection, "stop")
    message = add(connection, None)
    examine(connection, replace(RULES, categories=reminders))
    assert state(connection, message) == ("rejected", "opted_out")


def test_a_start_brings_the_number_back_and_a_second_stop_takes_it_out_again(connection: sqlite3.Connection) -> None:
    states = []
    for hours, word in enumerate(("stop", "start", "stop")):
        receive(connection, word, NOW + timedelta(hours=hours))
        message = add(connection, "marketing")
        examine(connection)
        states.append(state(connection, message)[0])
    assert states == ["rejected", "queued", "rejected"]


def test_a_stop_that_comes_twice_is_noted_once_and_nothing_of_it_is_ever_deleted(
    connection: sqlite3.Connection,
) -> None:
    receive(connection, "stop")
    receive(connection, "stop", NOW + timedelta(minutes=1))
    assert connection.execute("SELECT count(*) FROM opt_outs").fetchone() == (1,)
    for statement in ("DELETE FROM opt_outs", "UPDATE opt_outs SET is_out = 0"):
        with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
            connection.execute(statement)


def test_a_held_message_of_such_a_number_is_cancelled(connection: sqlite3.Connection) -> None:
    message = add(connection, "marketing")
    examine(connection)
    connection.execute("UPDATE outbox SET state = 'held', error_code = 'backlog' WHERE id = ?", (message,))
    receive(connection, "stop")
    assert state(connection, message)[0] == "cancelled"


def test_a_stop_is_noted_for_every_person_with_the_number(connection: sqlite3.Connection) -> None:
    for person in (1, 2):
        statement = "INSERT INTO persons (id, key, created_at, changed_at) VALUES (?, ?, '', '')"
        connection.execute(statement, (person, str(person)))
        connection.execute("INSERT INTO person_numbers VALUES (?, ?, 0, 'phone')", (person, PATIENT))
    columns = "person, category, is_given, source, at, noted_at"
    connection.execute(f"INSERT INTO consents ({columns}) VALUES (1, 'marketing', 1, 'form', '2026-01-01', '')")
    receive(connection, "stop")
    receive(connection, "start", NOW + timedelta(hours=1))
    rows = connection.execute("SELECT person, category, is_given, source FROM consents ORDER BY id").fetchall()
    assert rows == [
        (1, "marketing", 1, "form"),
        (1, "", 0, "reply"),
        (2, "", 0, "reply"),
        (1, "marketing", 1, "reply"),  # the second one never agreed to anything
    ]


def test_the_look_ups_of_opt_outs_go_by_their_index(connection: sqlite3.Connection) -> None:
    plan = connection.execute("EXPLAIN QUERY PLAN " + opt_outs.AMONG, {"msisdns": "[]"}).fetchall()
    assert "opt_outs_msisdn" in str(plan)
    plan = connection.execute("EXPLAIN QUERY PLAN " + opt_outs.WAITING, {"msisdn": PATIENT}).fetchall()
    assert "outbox_msisdn" in str(plan)


LONG = "Осмотр со скидкой, " * 8  # 3 SMS
SILENT = Uncertain("no_answer", "No answer came.")
LATER = NOW + timedelta(minutes=10)


def begun(outbox: Outbox, at: datetime = NOW) -> int:
    submission = outbox.claim("sim-1", "line", at)
    assert submission is not None
    return submission.key


@pytest.mark.parametrize("together", [False, True])
def test_the_rest_of_a_long_message_is_not_begun_after_a_stop(connection: sqlite3.Connection, together: bool) -> None:
    messages = [add(connection, "marketing", number, LONG) for number in (PATIENT, OTHER)]
    examine(connection)
    outbox = Outbox(connection, RULES)
    first, other = (begun(outbox) for _message in messages)
    receive(connection, "stop")
    if together:
        (following,) = outbox.record_all([(first, Accepted("1")), (other, Accepted("2"))], NOW)
    else:
        assert outbox.record(first, Accepted("1"), NOW) is None
        following = outbox.record(other, Accepted("2"), NOW)
    assert following is not None
    assert following.recipient == OTHER, "the other one goes on"
    assert outbox.claim("sim-1", "line", NOW) is None
    assert state(connection, messages[0]) == ("failed", "part_sent")


def test_a_long_message_that_waits_with_a_part_out_ends_with_the_stop(connection: sqlite3.Connection) -> None:
    message = add(connection, "marketing", text=LONG)
    examine(connection)
    outbox = Outbox(connection, RULES)
    outbox.record(begun(outbox), Accepted("1"), NOW, go_on=False)
    receive(connection, "stop")
    assert state(connection, message) == ("failed", "part_sent")
    assert outbox.claim("sim-1", "line", LATER) is None


@pytest.mark.parametrize("stopped", ["before its wait is over", "when it was queued once more"])
def test_an_sms_without_an_answer_is_not_sent_once_more_after_a_stop(
    connection: sqlite3.Connection, stopped: str
) -> None:
    message = add(connection, "marketing")
    examine(connection)
    outbox = Outbox(connection, RULES)
    key = begun(outbox)
    outbox.record(key, SILENT, NOW)
    if stopped == "before its wait is over":
        receive(connection, "stop")
        assert state(connection, message) == ("uncertain", "no_answer"), "a report may still tell"
        outbox.tick(LATER)
    else:
        outbox.tick(LATER)
        assert state(connection, message)[0] == "queued"
        receive(connection, "stop", LATER)
    assert outbox.claim("sim-1", "line", LATER) is None
    assert state(connection, message) == ("failed", "uncertain")
    outbox.store("sim-1", "line", [LateAnswer(key, Accepted("7"))], LATER)
    assert state(connection, message) == ("failed", "sent_late"), "what comes late is told all the same"


def test_what_may_be_refused_and_is_urgent_waits_for_its_report_after_a_stop(connection: sqlite3.Connection) -> None:
    urgent = replace(CATEGORIES["marketing"], when_uncertain=WhenUncertain.AT_ONCE)
    rules = replace(RULES, categories={**CATEGORIES, "marketing": urgent})
    message = add(connection, "marketing")
    examine(connection, rules)
    outbox = Outbox(connection, rules)
    key = begun(outbox)
    receive(connection, "stop")
    outbox.record(key, SILENT, NOW)
    assert state(connection, message) == ("uncertain", "no_answer")


@pytest.mark.parametrize(("outcome", "code"), {"part": "part_sent", "silent": "uncertain"}.items())
def test_a_held_one_of_which_something_may_be_out_says_so_when_it_is_taken_back(
    connection: sqlite3.Connection, outcome: str, code: str
) -> None:
    message = add(connection, "marketing", text=LONG)
    examine(connection)
    outbox = Outbox(connection, RULES)
    if outcome == "part":
        outbox.record(begun(outbox), Accepted("1"), NOW, go_on=False)
    else:
        outbox.record(begun(outbox), SILENT, NOW)
        outbox.tick(LATER)
    connection.execute("UPDATE outbox SET state = 'held', error_code = 'backlog' WHERE id = ?", (message,))
    receive(connection, "stop", LATER)
    assert state(connection, message) == ("cancelled", code)


OFF = Deferred("smpp_0x14", "The phone is off.", Scope.NUMBER)
BARRED = Refused("smpp_0x45", "The network refused it.")


@pytest.mark.parametrize("outcome", [OFF, BARRED], ids=["put off", "queued anew by a person"])
@pytest.mark.parametrize("claims", ["one by one", "many at a time"])
def test_a_stop_that_comes_while_a_carrier_has_the_message_ends_it_when_it_comes_back(
    connection: sqlite3.Connection, outcome: Outcome, claims: str
) -> None:
    message = add(connection, "marketing")
    examine(connection)
    outbox = Outbox(connection, RULES)
    begun = outbox.claim("sim-1", "line", NOW)
    assert begun is not None
    receive(connection, "stop")
    outbox.record(begun.key, outcome, NOW)
    if outcome is BARRED:
        desk.retry(connection, message, NOW, RULES)
    later = NOW + timedelta(minutes=10)
    outbox.ripen(later)
    taken = outbox.claim("sim-1", "line", later) if claims == "one by one" else outbox.claim_some("a", "l", later, 9)
    assert not taken
    assert state(connection, message) == ("rejected", "opted_out")


def test_a_part_of_a_text_is_no_wish(connection: sqlite3.Connection) -> None:
    """Of a long SMS of which a part never came nobody knows what it says."""
    place = Concatenation(reference=7, total=2, number=1)
    receiving.store(connection, RULES, "sim-1", "line", Incoming(PATIENT, "стоп", NOW, place, "f"), NOW)
    receiving.deliver_stale(connection, RULES, NOW + timedelta(days=2))
    assert connection.execute("SELECT complete FROM inbox").fetchone() == (0,)
    assert opt_outs.among(connection, [PATIENT]) == set()
