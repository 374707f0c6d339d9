"""What a person decides about a message: cancelled, tried again, released, settled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.carrier import Accepted, Submission
from gateway.errors import GatewayError
from gateway.queue import desk
from gateway.queue.rules import CATEGORIES
from gateway.queue.states import State
from tests.queue.clinic import LONG, NEVER, NOW, PHONE, RULES, SILENT, Clinic, later
from tests.queue.test_states import message_in


def test_a_waiting_message_is_cancelled(clinic: Clinic) -> None:
    clinic.add()
    desk.cancel(clinic.connection, 1, later(minutes=1))
    assert clinic.state() == "cancelled"
    assert clinic.value("updated_at") == "2026-11-22T09:01:00.000Z"
    assert clinic.claim() is None


@pytest.mark.parametrize("is_outsider", [False, True])
def test_a_message_cancelled_between_two_of_its_sms_says_that_a_part_is_out(clinic: Clinic, is_outsider: bool) -> None:
    clinic.add(LONG)
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=False)
    if is_outsider:
        clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE id = 1")
    else:
        desk.cancel(clinic.connection, 1, later(minutes=1))
    assert [clinic.state(), clinic.value("error_code")] == ["cancelled", "part_sent"]
    assert clinic.claim() is None


@pytest.mark.parametrize("is_outsider", [False, True])
def test_a_message_cancelled_before_it_is_sent_once_more_says_that_it_may_have_arrived(
    clinic: Clinic, is_outsider: bool
) -> None:
    clinic.add(category="emergency")
    clinic.record(clinic.begun(), SILENT)
    assert clinic.state() == "queued"
    if is_outsider:
        clinic.connection.execute("UPDATE outbox SET state = 'cancelled' WHERE id = 1")
    else:
        desk.cancel(clinic.connection, 1, later(minutes=1))
    assert [clinic.state(), clinic.value("error_code")] == ["cancelled", "uncertain"]


def tried_again(clinic: Clinic, message: int) -> None:
    clinic.connection.execute("UPDATE outbox SET msisdn = ? WHERE id = ?", (PHONE, message))
    desk.retry(clinic.connection, message, NOW, RULES)


VERBS: dict[str, tuple[Callable[[Clinic, int], None], set[State]]] = {
    "cancel": (lambda clinic, message: desk.cancel(clinic.connection, message, NOW), {State.QUEUED, State.HELD}),
    "release": (lambda clinic, message: desk.release(clinic.connection, message, NOW), {State.HELD}),
    "retry": (lambda clinic, message: tried_again(clinic, message), {State.FAILED}),
    "settle": (lambda clinic, message: desk.settle(clinic.connection, message, "failed", NOW), {State.UNCERTAIN}),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", State)
def test_a_verb_works_where_it_may_and_says_why_elsewhere(clinic: Clinic, verb: str, state: State) -> None:
    act, allowed = VERBS[verb]
    message = message_in(clinic.connection, state)
    if state in allowed:
        act(clinic, message)
        assert clinic.state(message) != state
        return
    with pytest.raises(GatewayError, match=state) as refusal:
        act(clinic, message)
    assert "only" in str(refusal.value)
    assert clinic.state(message) == state


@pytest.mark.parametrize("verb", VERBS)
def test_a_message_that_is_not_there_is_said_so(clinic: Clinic, verb: str) -> None:
    with pytest.raises(GatewayError, match="no message 99"):
        VERBS[verb][0](clinic, 99)


def test_a_failed_message_is_sent_when_it_is_tried_again(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    desk.retry(clinic.connection, 1, later(days=5), RULES)
    assert "retry" in clinic.events()
    clinic.send(("4",), now=later(days=5))
    assert (clinic.state(), clinic.value("error_code"), clinic.value("attempts")) == ("sent", None, 2)


def test_a_part_sent_message_that_failed_goes_on_where_it_was(clinic: Clinic) -> None:
    clinic.add(LONG)
    second = clinic.record(clinic.begun(), Accepted("1"))
    assert second is not None
    clinic.record(second, NEVER)
    desk.retry(clinic.connection, 1, NOW, RULES)
    assert clinic.claim("sim-2") is None
    assert clinic.begun("sim-1").key == second.key


def test_a_message_with_an_own_expiry_is_not_tried_again_after_it(clinic: Clinic) -> None:
    clinic.add(expires_at=later(hours=1))
    clinic.record(clinic.begun(), NEVER)
    with pytest.raises(GatewayError, match="not to be sent later than 2026-11-22 13:00"):
        desk.retry(clinic.connection, 1, later(hours=2), RULES)
    assert clinic.state() == "failed"


def test_a_message_whose_number_was_removed_is_not_tried_again(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), NEVER)
    clinic.connection.execute("UPDATE outbox SET recipient = NULL, body = NULL")
    with pytest.raises(GatewayError, match="was removed"):
        desk.retry(clinic.connection, 1, NOW, RULES)


def test_a_message_with_an_own_expiry_keeps_it_when_it_is_tried_again(clinic: Clinic) -> None:
    clinic.add(expires_at=later(hours=1))
    clinic.record(clinic.begun(), NEVER)
    desk.retry(clinic.connection, 1, later(minutes=30), RULES)
    assert clinic.begun(now=later(minutes=30)).validity_s == 1800


def test_a_message_without_an_own_expiry_gets_that_of_its_category_as_it_is_configured(clinic: Clinic) -> None:
    clinic.add(category="otp")
    clinic.record(clinic.begun(), NEVER)
    patient = replace(RULES, categories={**CATEGORIES, "otp": replace(CATEGORIES["otp"], expires_after_s=3600.0)})
    desk.retry(clinic.connection, 1, NOW, patient)
    assert clinic.begun().validity_s == 3600


def test_a_held_message_goes_out_when_it_is_released(clinic: Clinic) -> None:
    clinic.add()
    clinic.connection.execute("UPDATE outbox SET state = 'held'")
    assert clinic.claim() is None
    desk.release(clinic.connection, 1, NOW)
    clinic.box.ripen(NOW)
    assert clinic.claim() is not None


def test_a_held_message_that_was_never_examined_is_examined_when_it_is_released(clinic: Clinic) -> None:
    message_in(clinic.connection, State.HELD)
    desk.release(clinic.connection, 1, NOW)
    clinic.box.intake(NOW)
    assert clinic.state() == "rejected"


def test_an_uncertain_message_is_settled_as_sent(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    desk.settle(clinic.connection, 1, "sent", later(minutes=1))
    assert (clinic.state(), clinic.value("sent_at")) == ("sent", "2026-11-22T09:01:00.000Z")
    assert "settled" in clinic.events()


def test_a_long_uncertain_message_goes_on_when_it_is_settled_as_sent(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.record(clinic.begun(), SILENT)
    desk.settle(clinic.connection, 1, "sent", NOW)
    submission: Submission = clinic.begun("sim-1")
    assert submission.segment.concatenation is not None
    assert submission.segment.concatenation.number == 2


def test_a_message_settled_as_failed_is_not_sent_again(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), SILENT)
    desk.settle(clinic.connection, 1, "failed", NOW)
    clinic.box.tick(later(hours=1))
    assert (clinic.state(), clinic.value("error_code")) == ("failed", "settled")
