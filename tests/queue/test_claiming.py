"""Claiming: which message a carrier gets, in which order, and when; what is too late or spoilt is put aside."""

from __future__ import annotations

import pytest

from gateway.carrier import Accepted
from tests.queue.clinic import NOW, OTHER_PHONE, SILENT, Clinic, later


def test_nothing_due_is_no_submission(clinic: Clinic) -> None:
    assert clinic.claim() is None


def test_two_carriers_never_get_the_same_message(clinic: Clinic) -> None:
    other = Clinic(clinic.path)
    for number in range(20):
        clinic.add(f"Приём {number}")
    keys = [carrier.begun(name).key for _ in range(10) for carrier, name in ((clinic, "sim-1"), (other, "sim-2"))]
    assert len(set(keys)) == 20
    assert clinic.claim() is None
    other.connection.close()


ORDERS = {
    "priority first": ([{"priority": 3}, {"priority": 7}], [2, 1]),
    "age among equals": ([{}, {}], [1, 2]),
    "by category": ([{"category": "marketing"}, {}, {"category": "otp"}, {"category": "emergency"}], [4, 3, 2, 1]),
    "an own priority before the category's": ([{"category": "otp"}, {"category": "marketing", "priority": 9}], [2, 1]),
    "pinned ones in their place": ([{"priority": 3}, {"priority": 5, "sender": "sim-1"}, {"priority": 7}], [3, 2, 1]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_who_goes_first(clinic: Clinic, case: str) -> None:
    messages, order = ORDERS[case]
    for more in messages:
        clinic.add(**more)
    taken = []
    while (submission := clinic.claim()) is not None:
        query = "SELECT outbox_id FROM segments WHERE id = ?"
        taken.append(clinic.connection.execute(query, (submission.key,)).fetchone()[0])
    assert taken == order


def test_a_message_for_one_carrier_is_left_by_the_others(clinic: Clinic) -> None:
    clinic.add(sender="sim-2")
    assert clinic.claim("sim-1") is None
    assert clinic.begun("sim-2").sender is None


def test_a_message_is_not_claimed_before_its_time(clinic: Clinic) -> None:
    clinic.add(not_before=later(hours=1))
    assert clinic.claim() is None
    assert clinic.box.next_due(NOW) == later(hours=1)
    assert clinic.box.ripen(later(minutes=59)) == 0
    assert clinic.box.ripen(later(hours=1)) == 1
    assert clinic.claim(now=later(hours=1)) is not None


def test_a_message_expires_rather_than_go_out_too_late(clinic: Clinic) -> None:
    clinic.add(category="otp")
    clinic.add()
    assert clinic.claim(now=later(minutes=15)) is not None
    assert (clinic.state(1), clinic.value("error_code", 1)) == ("expired", "expired")
    assert clinic.state(2) == "sending"


SPOILT = {"emptied": "", "taken away": None}


@pytest.mark.parametrize("case", SPOILT)
def test_a_text_spoilt_behind_the_gateways_back_fails_and_does_not_hold_up_the_others(
    clinic: Clinic, case: str
) -> None:
    clinic.add()
    clinic.add(recipient=OTHER_PHONE)
    clinic.connection.execute("DROP TRIGGER outbox_words_changed")
    clinic.connection.execute("UPDATE outbox SET body = ? WHERE id = 1", (SPOILT[case],))
    assert clinic.begun().recipient == OTHER_PHONE
    assert clinic.state(1) == "failed"
    assert clinic.value("error_text", 1)


def test_a_message_whose_every_sms_is_out_is_not_sent_again_by_a_hand_that_queues_it(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    clinic.connection.execute("UPDATE segments SET state = 'sent'")
    clinic.connection.execute("UPDATE outbox SET state = 'queued', due = 1")
    assert clinic.claim() is None
    assert clinic.state() == "sent"


def test_many_messages_expire_together(clinic: Clinic) -> None:
    for _ in range(450):
        clinic.add(category="otp")
    clinic.box.tick(later(minutes=15))
    assert clinic.connection.execute("SELECT DISTINCT state FROM outbox").fetchall() == [("expired",)]


def test_a_message_that_another_program_made_sending_is_sent_all_the_same(clinic: Clinic) -> None:
    clinic.add()
    other = clinic.add("Ваш анализ готов", OTHER_PHONE, not_before=later(hours=1))
    in_hands = clinic.begun()
    clinic.connection.execute("UPDATE outbox SET state = 'sending' WHERE id = ?", (other,))
    clinic.box.tick(later(seconds=1))
    clinic.box.intake(later(seconds=1))
    assert clinic.events(other)[-2:] == ["sending", "queued"]
    clinic.record(in_hands, Accepted("1"))
    assert clinic.claim() is None
    clinic.box.ripen(later(hours=1))
    assert clinic.begun(now=later(hours=1)).recipient == OTHER_PHONE
