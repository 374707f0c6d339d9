"""What people decide, and what they are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.carrier import Accepted, CarrierStatus, Submission
from gateway.errors import GatewayError
from gateway.queue import clearing, desk, heartbeat, views
from gateway.queue.adding import NewMessage, add
from gateway.queue.rules import CATEGORIES
from gateway.queue.states import State
from tests.queue.clinic import BUSY, LONG, NEVER, NOW, OTHER_PHONE, PHONE, RULES, SILENT, Clinic, later, report
from tests.queue.test_incoming import single
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
    with pytest.raises(GatewayError, match="not to be sent later"):
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


def test_views_have_the_tables_own_names(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.send(("1", "2", "3"))
    clinic.store(single("Приду"))
    message = views.message(clinic.connection, 1)
    assert message is not None
    assert (message["msisdn"], message["state"], message["segments"]) == (PHONE, "sent", 3)
    assert [row["message_reference"] for row in views.segments_of(clinic.connection, 1)] == ["1", "2", "3"]
    assert [row["to_state"] for row in views.events_of(clinic.connection, 1) if row["to_state"]] == [
        *("queued", "sending", "sent")
    ]
    assert views.inbox(clinic.connection)[0]["complete"] is True
    assert views.message(clinic.connection, 99) is None


def test_messages_come_newest_first_by_page_state_and_category(clinic: Clinic) -> None:
    for category in (None, "otp", None, "otp"):
        clinic.add(category=category)
    desk.cancel(clinic.connection, 2, NOW)

    def ids(**filters: object) -> list[object]:
        return [row["id"] for row in views.messages(clinic.connection, **filters)]  # type: ignore[arg-type]

    assert ids() == [4, 3, 2, 1]
    assert ids(limit=2, before=4) == [3, 2]
    assert ids(category="otp") == [4, 2]
    assert ids(category="notification") == [3, 1]
    assert ids(state="queued") == [4, 3, 1]
    assert ids(state="cancelled", category="otp") == [2]


def test_what_changed_since_an_event_is_one_query(clinic: Clinic) -> None:
    clinic.add()
    last = views.last_event(clinic.connection)
    clinic.send()
    assert [row["event"] for row in views.events_after(clinic.connection, last)] == ["sending", "begun", "sent"]


def test_the_queue_is_counted_by_state_and_by_age(clinic: Clinic) -> None:
    assert views.oldest_queued_s(clinic.connection, NOW) is None
    clinic.add(not_before=later(hours=5))
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) is None
    clinic.add(now=later(seconds=60))
    clinic.add(now=later(seconds=70))
    assert views.queue_counts(clinic.connection) == {state.value: 3 if state is State.QUEUED else 0 for state in State}
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) == 30.0


def test_a_message_whose_time_has_come_is_as_old_as_its_time(clinic: Clinic) -> None:
    clinic.add(not_before=later(hours=5))
    clinic.box.ripen(later(hours=5))
    assert views.oldest_queued_s(clinic.connection, later(hours=5, seconds=2)) == 2.0


def test_a_message_that_waits_for_its_next_try_is_as_old_as_it_is(clinic: Clinic) -> None:
    clinic.add()
    clinic.record(clinic.begun(), BUSY, later(seconds=1))
    clinic.add(now=later(seconds=60))
    assert views.oldest_queued_s(clinic.connection, later(seconds=90)) == 90.0


def test_todays_figures_begin_at_the_clinics_midnight(clinic: Clinic) -> None:
    before, after = later(hours=11, minutes=59), later(hours=12, minutes=1)  # midnight in Moscow is 21:00 UTC
    for moment in (before, after):
        clinic.add(now=moment)
        clinic.send(("1",), now=moment)
        clinic.store(single(str(moment)), now=moment)
    clinic.store(report("1", at=after), now=after)
    figures = views.today(clinic.connection, "Europe/Moscow", after + timedelta(hours=1))
    assert figures["sent"] == figures["delivered"] == figures["received"] == 1
    assert figures["failed"] == figures["rejected"] == figures["expired"] == 0


def test_the_heartbeat_tells_a_living_daemon_from_a_stopped_one(clinic: Clinic) -> None:
    assert heartbeat.read(clinic.connection) is None
    heartbeat.start(clinic.connection, 7, NOW)
    heartbeat.beat(clinic.connection, 7, later(seconds=2))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(7, NOW, later(seconds=2), None)
    heartbeat.stopped(clinic.connection, later(seconds=3))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(7, NOW, later(seconds=3), later(seconds=3))
    heartbeat.beat(clinic.connection, 8, later(seconds=9))
    assert heartbeat.read(clinic.connection) == heartbeat.Heartbeat(8, later(seconds=9), later(seconds=9), None)


def test_a_carriers_last_state_is_kept(clinic: Clinic) -> None:
    heartbeat.report(clinic.connection, "sim-1", "modem", CarrierStatus("searching", "No network."), 3, 500, NOW)
    heartbeat.report(clinic.connection, "sim-1", "modem", CarrierStatus("ready", imei="0" * 15), 4, None, NOW)
    (row,) = heartbeat.carriers(clinic.connection)
    assert (row["name"], row["state"], row["imei"], row["sent_today"], row["limit_today"]) == (
        *("sim-1", "ready", "0" * 15, 4, None),
    )
    heartbeat.forget(clinic.connection, "sim-1")
    assert heartbeat.carriers(clinic.connection) == []


def test_a_refused_pin_is_remembered(clinic: Clinic) -> None:
    heartbeat.remember_refused_pin(clinic.connection, "8970100000000000001 abc")
    heartbeat.remember_refused_pin(clinic.connection, "8970100000000000001 abc")
    again = clinic.reopened()
    assert heartbeat.is_pin_refused(again.connection, "8970100000000000001 abc")
    assert not heartbeat.is_pin_refused(again.connection, "8970100000000000001 def")
    again.connection.close()


def test_of_many_that_are_cancelled_one_that_is_out_in_part_says_so(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=False)
    clinic.add("Ждём вас", OTHER_PHONE)
    assert sum(clearing.cancel(clinic.connection, clearing.Choice((State.QUEUED, State.HELD)), 99, NOW)) == 2
    assert (clinic.value("error_code", 1), clinic.value("error_code", 2)) == ("part_sent", None)


def test_what_is_written_after_the_question_is_not_concerned(clinic: Clinic) -> None:
    clinic.add()
    (group,) = clearing.look(clinic.connection, clearing.Choice((State.QUEUED,)))
    clinic.add()
    assert sum(clearing.cancel(clinic.connection, clearing.Choice((State.QUEUED,)), group.last_id, NOW)) == 1
    assert clinic.state(2) == "queued"


def test_many_are_released_some_at_a_time_and_go_out(clinic: Clinic) -> None:
    add(clinic.connection, [NewMessage(f"+7900000{n:04}", "Ждём вас") for n in range(450)], NOW)
    clinic.box.intake(NOW)
    clinic.connection.execute("UPDATE outbox SET state = 'held', error_code = 'backlog'")
    counts = list(clearing.release(clinic.connection, clearing.Choice(code="backlog"), 450, NOW))
    assert counts == [200, 200, 50]
    while clinic.box.ripen(NOW):
        pass
    assert clinic.claim() is not None
