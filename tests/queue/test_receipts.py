"""An SMSC's receipts find their segment by its id, in whatever form, early, late and twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted
from tests.queue.bind_desk import ANNA, BORIS, NOW, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_receipt_finds_its_message_however_late_and_whatever_its_date(desk: Desk) -> None:
    desk.send("1a")
    desk.report("1a", at=NOW + timedelta(days=300))
    assert desk.states == ["delivered"]


def test_any_form_of_the_id_will_do(desk: Desk) -> None:
    desk.send("1a")
    desk.report("26", "00000026", "1a", "1A")
    assert desk.states == ["delivered"]


def test_the_recipient_decides_between_two_forms(desk: Desk) -> None:
    desk.send("10", BORIS)
    desk.send("a", ANNA)
    desk.report("10", "a", "A", number=ANNA)
    assert desk.states == ["sent", "delivered"]


def test_a_form_that_fits_two_messages_of_one_person_settles_neither(desk: Desk) -> None:
    desk.send("10")
    desk.send("a")
    desk.report("10", "a", "A")
    assert desk.states == ["sent", "sent"]
    desk.report("10")
    assert desk.states == ["delivered", "sent"]


def test_an_id_of_another_person_is_nobodys(desk: Desk) -> None:
    desk.send("1a", ANNA)
    desk.report("1a", number=BORIS)
    assert desk.states == ["sent"]


def test_an_id_of_another_account_is_nobodys(desk: Desk) -> None:
    desk.send("1a")
    desk.report("1a", line="smpp:other@smsc:2775")
    assert desk.states == ["sent"]


@pytest.mark.parametrize("forms", [("1a",), ("26", "1a")])
def test_a_receipt_before_its_answer_waits_for_it(desk: Desk, forms: tuple[str, ...]) -> None:
    key = desk.begin()
    desk.report(*forms)
    assert desk.states == ["sending"]
    assert desk.waiting == 1
    desk.outbox.record(key, Accepted("1a"), NOW)
    assert desk.states == ["delivered"]
    assert desk.waiting == 0


def test_a_receipt_that_comes_twice_is_kept_once(desk: Desk) -> None:
    desk.send("1a")
    for _ in range(2):
        desk.seen = 0
        desk.report("1a")
    assert desk.states == ["delivered"]
    assert desk.connection.execute("SELECT count(*) FROM reports").fetchone()[0] == 1


def test_the_first_final_receipt_counts(desk: Desk) -> None:
    desk.send("1a")
    desk.report("1a", status="pending")
    assert desk.states == ["sent"]
    desk.report("1a", status="undelivered")
    desk.report("1a", status="delivered")
    assert desk.states == ["undelivered"]


def test_a_receipt_that_is_deleted_leaves_no_forms(desk: Desk) -> None:
    desk.report("26", "1a")
    desk.connection.execute("DELETE FROM reports")
    assert desk.waiting == 0


def test_a_constant_id_is_matched_only_while_one_of_the_persons_messages_is_open(desk: Desk) -> None:
    desk.send("msg_id_not_implemented", ANNA)
    desk.send("msg_id_not_implemented", BORIS)
    desk.report("msg_id_not_implemented", number=BORIS)
    assert desk.states == ["sent", "delivered"]
    desk.send("msg_id_not_implemented", ANNA)
    desk.report("msg_id_not_implemented", number=ANNA)
    assert desk.states == ["sent", "delivered", "sent"]
