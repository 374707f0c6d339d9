"""An SMS whose answer got lost: its receipt settles it as soon as no other can be meant, and never before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Refused, Scope, Uncertain
from gateway.queue.desk import settle
from gateway.queue.outbox import NewMessage, add_one
from tests.queue.bind_desk import ANNA, BORIS, LINE, NOW, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_receipt_before_a_late_answer_waits_for_it_too(desk: Desk) -> None:
    key = desk.begin()
    desk.begin()  # in the air to the same number: the receipt may be about this one
    desk.report("1a")
    desk.outbox.record(key, Accepted("1a"), NOW)
    assert desk.states == ["delivered", "sending"]


def test_a_receipt_settles_the_only_message_to_its_number_whose_answer_got_lost(desk: Desk) -> None:
    key = desk.begin()
    desk.outbox.record(key, Uncertain("link_lost", "The link broke."), NOW)
    assert desk.states == ["uncertain"]
    desk.report("77")
    assert desk.states == ["delivered"]


def test_of_two_without_an_answer_a_receipt_settles_neither(desk: Desk) -> None:
    for _ in range(2):
        desk.outbox.record(desk.begin(), Uncertain("link_lost", "The link broke."), NOW)
    desk.report("77")
    assert desk.states == ["uncertain", "uncertain"]


@pytest.mark.parametrize("verdict", ["sent", "failed"])
def test_one_that_a_person_has_settled_may_be_meant_too(desk: Desk, verdict: Literal["sent", "failed"]) -> None:
    desk.lose()
    settle(desk.connection, 1, verdict, NOW)
    desk.lose()
    desk.report("77")
    assert desk.states == [verdict, "uncertain"]


def test_the_receipt_of_one_that_a_person_has_settled_is_taken(desk: Desk) -> None:
    desk.lose()
    settle(desk.connection, 1, "sent", NOW)
    desk.report("77")
    assert desk.states == ["delivered"]


def test_one_that_its_receipt_has_settled_is_not_meant_by_the_next(desk: Desk) -> None:
    for message_id in ("77", "78"):
        desk.lose()
        desk.report(message_id)
    assert desk.states == ["delivered", "delivered"]


def test_one_that_went_out_again_elsewhere_may_be_meant_too(desk: Desk) -> None:
    later = NOW + timedelta(hours=1, minutes=30)
    desk.lose()
    desk.outbox.tick(later)
    key = desk.hand_over("other", "smpp:other@smsc:2775", later)
    desk.outbox.record(key, Accepted("1a"), later)
    desk.lose()
    desk.report("77", at=NOW)
    assert desk.states == ["sent", "uncertain"]


def test_receipts_settle_nothing_by_their_order_either(desk: Desk) -> None:
    """A link with a window hands over several SMS at once; a later answer brings no guess."""
    for _ in range(2):
        desk.outbox.record(desk.begin(), Uncertain("link_lost", "The link broke."), NOW)
    desk.report("77", at=NOW)
    desk.report("78", at=NOW)
    desk.send("79")
    assert desk.states == ["uncertain", "uncertain", "sent"]


def test_a_receipt_of_another_time_settles_nothing_that_is_uncertain(desk: Desk) -> None:
    desk.outbox.record(desk.begin(), Uncertain("link_lost", "The link broke."), NOW)
    desk.report("77", at=NOW - timedelta(days=1))
    assert desk.states == ["uncertain"]


def test_a_receipt_that_came_before_the_answer_was_given_up_settles_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    key = desk.begin()
    desk.report("77", at=NOW)
    assert desk.states == ["sending"]
    desk.outbox.record(key, Uncertain("no_answer", "No answer came."), NOW + timedelta(seconds=60))
    assert desk.states == ["delivered"]


def test_a_receipt_to_another_number_settles_nothing_that_is_given_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    key = desk.begin()
    desk.report("77", number=BORIS, at=NOW)
    desk.outbox.record(key, Uncertain("no_answer", "No answer came."), NOW + timedelta(seconds=60))
    assert desk.states == ["uncertain"]


def test_a_receipt_of_before_it_was_handed_over_settles_nothing_that_is_given_up(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.report("76", at=NOW)
    add_one(desk.connection, NewMessage(ANNA, "Hello"), NOW)
    key = desk.hand_over(at=NOW + timedelta(seconds=30))
    desk.outbox.record(key, Uncertain("no_answer", "No answer came."), NOW + timedelta(seconds=90))
    assert desk.states == ["uncertain"]


ENDED = {
    "accepted": Accepted("1b"),
    "put off": Deferred("smpp_0x58", "Throttled.", Scope.NETWORK),
    "refused": Refused("smpp_0x0b", "No such number."),
}


@pytest.mark.parametrize("ended", ENDED.values(), ids=ENDED)
def test_a_receipt_that_waited_for_the_answer_of_another_settles_the_one_that_has_none(
    desk: Desk, ended: Outcome
) -> None:
    desk.lose()
    other = desk.begin()
    desk.report("1a")  # of the lost one, or of the one in the air: nobody knows yet
    assert desk.states == ["uncertain", "sending"]
    desk.outbox.record(other, ended, NOW)
    assert desk.states[0] == "delivered"


def test_a_receipt_that_waited_is_looked_at_again_when_many_answers_come_at_once(desk: Desk) -> None:
    desk.lose()
    keys = [desk.begin(number) for number in (BORIS, ANNA)]
    desk.report("1a")
    desk.outbox.record_all([(key, Accepted(f"2{key}")) for key in keys], NOW)
    assert desk.states == ["delivered", "sent", "sent"]


def test_of_two_without_an_answer_a_receipt_settles_the_one_when_the_others_answer_comes_late(desk: Desk) -> None:
    lost, late = desk.lose(), desk.lose()
    desk.report("1a")
    assert desk.states == ["uncertain", "uncertain"]
    desk.outbox.store("operator", LINE, [LateAnswer(late, Accepted("1b"))], NOW)
    assert desk.states == ["delivered", "sent"], lost


def test_the_answer_of_one_person_settles_nothing_of_another(desk: Desk) -> None:
    desk.outbox.record(desk.begin(BORIS), Uncertain("link_lost", "The link broke."), NOW)
    desk.begin(BORIS)
    desk.report("1a", number=BORIS)
    desk.outbox.record(desk.begin(ANNA), Accepted("1b"), NOW)
    assert desk.states == ["uncertain", "sending", "sent"]
