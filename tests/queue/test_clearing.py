"""Decisions about many messages at once."""

from __future__ import annotations

from gateway.carrier import Accepted
from gateway.queue import clearing
from gateway.queue.adding import NewMessage, add
from gateway.queue.states import State
from tests.queue.clinic import LONG, NOW, OTHER_PHONE, Clinic


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


def test_of_one_campaign_nothing_of_another_is_looked_through(clinic: Clinic) -> None:
    """Each transaction would begin again at the oldest of all that is held, and keep the daemon from writing."""
    add(clinic.connection, [NewMessage(f"+7900000{n:04}", "Ждём вас") for n in range(3000)], NOW)
    clinic.box.intake(NOW)
    clinic.connection.execute("PRAGMA foreign_keys = OFF")
    clinic.connection.execute("UPDATE outbox SET state = 'held', error_code = 'restored', campaign = 1 + (id > 2990)")
    steps: list[None] = []

    def count_step() -> None:
        steps.append(None)

    clinic.connection.set_progress_handler(count_step, 1000)
    choice = clearing.Choice(campaign=2)
    (group,) = clearing.look(clinic.connection, choice)
    assert (group.count, list(clearing.release(clinic.connection, choice, 3000, NOW))) == (10, [10])
    assert len(steps) < 10
