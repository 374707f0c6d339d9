"""Whoever wants no more messages gets none, whenever they say so: while a question is asked, while a carrier sends."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta

import click
import pytest

from gateway.carrier import Accepted, Deferred, Scope
from gateway.queue import db, opt_outs
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules
from tests.cli.conftest import Gateway
from tests.contacts.patients import bodies
from tests.contacts.test_sending import TO_ALL, left_out

LONG_OFFER = (*TO_ALL[:-1], "--template", "Скидка, {ФИО}! " * 5, "--category", "marketing")
OFFER = (*TO_ALL[:-1], "--template", "Скидка, {ФИО}!", "--category", "marketing")
BY_PHONE = ("--withdrawn", "marketing", "--source", "по телефону")


def reminders_may_be_refused(gateway: Gateway) -> None:
    gateway.config.write_text(gateway.config.read_text() + '\n[category.notification]\nconsent = "until_withdrawn"\n')


def answered(gateway: Gateway, *wishes: tuple[str, bool]) -> None:
    """These numbers answer STOP (True) or START (False), a day apart."""
    with closing(db.open_database(gateway.database)) as connection:
        for day, (msisdn, is_out) in enumerate(wishes, start=1):
            moment = datetime(2026, 6, day, tzinfo=UTC)
            opt_outs.note(connection, msisdn, opt_outs.REPLY, moment, moment, is_out=is_out)


def test_after_start_contacts_who_never_agreed_to_anything_get_reminders_again(stocked: Gateway) -> None:
    reminders_may_be_refused(stocked)
    answered(stocked, ("+79000000001", True))
    assert left_out(stocked) == {1: "opted_out", 3: "opted_out"}
    answered(stocked, ("+79000000001", True), ("+79000000001", False))
    assert left_out(stocked) == {}
    assert left_out(stocked, "--category", "marketing") == {2: "opted_out", 3: "no_consent"}


def test_a_stop_holds_while_another_number_of_the_contact_is_out(stocked: Gateway) -> None:
    reminders_may_be_refused(stocked)
    stocked.execute("INSERT INTO person_numbers (person, msisdn, rank, kind) VALUES (2, '+79000000007', 1, '')")
    answered(stocked, ("+79000000002", True), ("+79000000007", True), ("+79000000007", False))
    assert left_out(stocked) == {2: "opted_out"}


def test_start_does_not_lift_what_was_withdrawn_by_phone(stocked: Gateway) -> None:
    reminders_may_be_refused(stocked)
    stocked.run("contacts", "consent", "104-23", "--withdrawn", "notification", "--source", "по телефону")
    answered(stocked, ("+79000000002", True), ("+79000000002", False))
    assert left_out(stocked) == {2: "opted_out"}


MARKETING = ("--category", "marketing")
ANNA, VERA = 1, 3
SAID_BY_WORD = {  # of Анна, who had agreed on paper before; STOP on the first of June, START on the second
    "nothing else": ([], False),
    "withdrawn by phone before the STOP": ([("--withdrawn", "2026-05-01")], True),
    "withdrawn by phone between them": ([("--withdrawn", "2026-06-01T12:00")], True),
    "withdrawn by phone after them": ([("--withdrawn", "2026-06-05")], True),
    "withdrawn by phone, and agreed anew on paper before the STOP": (
        [("--withdrawn", "2026-05-01"), ("--given", "2026-05-02")], False
    ),
    "withdrawn by phone, and agreed anew on paper after the START": (
        [("--withdrawn", "2026-05-01"), ("--given", "2026-06-05")], False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SAID_BY_WORD)
def test_a_start_gives_back_what_the_stop_took_and_nothing_that_was_withdrawn_by_word(
    stocked: Gateway, case: str
) -> None:
    said, is_out = SAID_BY_WORD[case]
    for wish, day in said:
        moment = ("104-22", wish, "marketing", "--source", "по телефону", "--date", day)
        assert stocked.run("contacts", "consent", *moment).exit_code == 0
    answered(stocked, ("+79000000001", True), ("+79000000001", False))
    assert (ANNA in left_out(stocked, *MARKETING)) is is_out


def test_a_start_without_a_stop_lifts_nothing_that_was_withdrawn_by_word(stocked: Gateway) -> None:
    stocked.run("contacts", "consent", "104-22", *BY_PHONE)
    with closing(db.open_database(stocked.database)) as connection:
        opt_outs.heed(connection, "+79000000001", "START", IntakeRules(), datetime.now(UTC))
    assert left_out(stocked, *MARKETING)[ANNA] == "opted_out"
    assert stocked.execute("SELECT count(*) FROM opt_outs") == [(0,)]


def test_who_withdraws_while_a_carrier_has_the_message_gets_it_no_more_when_it_comes_back(stocked: Gateway) -> None:
    stocked.run(*OFFER, "--yes")
    with closing(db.open_database(stocked.database)) as connection:
        outbox, at = Outbox(connection, IntakeRules()), datetime.now(UTC)
        outbox.intake(at)
        begun = outbox.claim("sim-1", "line", at)
        assert begun is not None
        stocked.run("contacts", "consent", "104-22", *BY_PHONE)
        outbox.record(begun.key, Deferred("smpp_0x14", "The phone is off.", Scope.NUMBER), at)
        later = datetime.now(UTC) + timedelta(minutes=10)
        outbox.ripen(later)
        assert outbox.claim("sim-1", "line", later) is None
    assert stocked.execute("SELECT state, error_code FROM outbox") == [("rejected", "opted_out")]


@pytest.mark.parametrize("together", [False, True])
def test_the_rest_of_a_long_message_goes_to_no_contact_who_withdraws_meanwhile(
    stocked: Gateway, together: bool
) -> None:
    stocked.run("contacts", "consent", "104-24", "--given", "marketing", "--source", "анкета")  # the same number
    stocked.run(*LONG_OFFER, "--yes")
    with closing(db.open_database(stocked.database)) as connection:
        outbox, at = Outbox(connection, IntakeRules()), datetime.now(UTC)
        outbox.intake(at)
        begun = [outbox.claim("sim-1", "line", at) for _contact in range(2)]
        answers = [(each.key, Accepted(str(each.key))) for each in begun if each is not None]
        stocked.run("contacts", "consent", "104-22", *BY_PHONE)
        if together:
            following = outbox.record_all(answers, at)
        else:
            following = [next_one for answer in answers for next_one in outbox.record_all([answer], at)]
        assert len(following) == 1
        assert outbox.claim("sim-1", "line", at) is None
    assert dict(stocked.execute("SELECT list_row, state FROM outbox")) == {ANNA: "failed", VERA: "sending"}
    assert stocked.execute("SELECT error_code FROM outbox WHERE state = 'failed'") == [("part_sent",)]


@pytest.mark.parametrize("family", [False, True], ids=["of one contact", "of two contacts"])
def test_who_withdraws_while_the_question_is_asked_is_left_out(
    stocked: Gateway, monkeypatch: pytest.MonkeyPatch, family: bool
) -> None:
    if family:
        stocked.run("contacts", "consent", "104-24", "--given", "marketing", "--source", "анкета")  # the same number

    def answer(*_words: object, **_options: object) -> str:
        stocked.run("contacts", "consent", "104-22", *BY_PHONE)
        return "y"

    monkeypatch.setattr(click, "prompt", answer)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _stream: True)
    result = stocked.run(*OFFER)
    said = " ".join(result.stderr.split())
    assert bodies(stocked) == ([("+79000000001", "Скидка, Белова Вера!")] if family else [])
    assert ("1 message is queued." in said) is family
    assert ("Nothing was queued" in said) is not family
    assert "1 is left out for not having agreed, or wanting no more." in said


def test_what_a_contact_withdrew_by_phone_stays_with_the_number_when_the_contact_is_removed(stocked: Gateway) -> None:
    """Борис said no in the list and has a number of his own; Анна's is Вера's too, who has said nothing."""
    for key in ("104-22", "104-23"):
        stocked.run("contacts", "consent", key, *BY_PHONE, "--date", "2026-03-01")
        assert stocked.run("contacts", "remove", key, "--yes").exit_code == 0
    kept = stocked.execute("SELECT msisdn, is_out, source FROM opt_outs")
    assert kept == [("+79000000002", 1, "contact")]
    stocked.run("contacts", "remove", "104-24", "--yes")
    assert stocked.execute("SELECT count(*) FROM opt_outs") == [(1,)]


@pytest.mark.parametrize("wishes", [(False,), (True, False)], ids=["agreed since", "withdrew before that"])
def test_who_agreed_the_last_time_leaves_no_opt_out(stocked: Gateway, wishes: tuple[bool, ...]) -> None:
    for month, is_out in enumerate(wishes, start=3):
        said = ("--withdrawn" if is_out else "--given", "marketing", "--source", "анкета")
        stocked.run("contacts", "consent", "104-23", *said, "--date", f"2026-0{month}-01")
    stocked.run("contacts", "remove", "104-23", "--yes")
    assert stocked.execute("SELECT count(*) FROM opt_outs") == [(0,)]
