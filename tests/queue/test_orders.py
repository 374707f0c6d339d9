"""Pauses and orders in the database: what the command writes, and the worker takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from sqlite3 import Connection

import pytest

from gateway.queue import heartbeat, lives, orders
from gateway.queue.orders import Pausing
from tests.queue.clinic import NOW, Clinic, later


def test_orders_are_taken_one_after_the_other_by_their_carrier_alone(clinic: Clinic) -> None:
    first = orders.give(clinic.connection, "sim-1", "ussd", "*100#", NOW)
    second = orders.give(clinic.connection, "sim-1", "reset", "", NOW)
    orders.give(clinic.connection, "sim-2", "reset", "", NOW)
    taken = [orders.take(clinic.connection, "sim-1", NOW) for _time in range(3)]
    assert [order and (order.id, order.verb, order.word) for order in taken] == [
        (first, "ussd", "*100#"),
        (second, "reset", ""),
        None,
    ]


def test_a_finished_order_forgets_what_was_asked_and_is_finished_once(clinic: Clinic) -> None:
    order = orders.give(clinic.connection, "sim-1", "ussd", "*100#", NOW)
    orders.take(clinic.connection, "sim-1", NOW)
    orders.finish(clinic.connection, order, "done", "12.50", NOW)
    orders.finish(clinic.connection, order, "failed", "Too late.", NOW)
    found = orders.find(clinic.connection, order)
    assert found is not None
    assert (found["state"], found["answer"]) == ("done", "12.50")
    assert clinic.connection.execute("SELECT word FROM orders").fetchone() == ("",)


def test_only_an_order_that_waits_can_be_withdrawn(clinic: Clinic) -> None:
    waiting = orders.give(clinic.connection, "sim-1", "ussd", "*100#", NOW)
    taken = orders.give(clinic.connection, "sim-2", "ussd", "*100#", NOW)
    orders.take(clinic.connection, "sim-2", NOW)
    assert orders.withdraw(clinic.connection, waiting, NOW)
    assert not orders.withdraw(clinic.connection, taken, NOW)
    assert orders.take(clinic.connection, "sim-1", NOW) is None


def test_what_a_daemon_left_open_has_failed_at_the_next_start_and_old_answers_are_gone(clinic: Clinic) -> None:
    old = orders.give(clinic.connection, "sim-1", "ussd", "*100#", NOW)
    orders.finish(clinic.connection, old, "done", "12.50", NOW)
    left = [orders.give(clinic.connection, name, "reset", "", NOW) for name in ("sim-1", "sim-2")]
    orders.take(clinic.connection, "sim-2", NOW)
    heartbeat.start(clinic.connection, 17, NOW + timedelta(days=2))
    rows = clinic.connection.execute("SELECT id, state FROM orders ORDER BY id").fetchall()
    assert rows == [(order, "failed") for order in left]


def test_a_pause_has_its_last_reason_until_it_ends(clinic: Clinic) -> None:
    wishes = [("new SIM", Pausing.DONE), ("antenna", Pausing.REWORDED), ("antenna", Pausing.KNOWN), ("", Pausing.KNOWN)]
    for hour, (reason, expected) in enumerate(wishes):
        assert orders.pause(clinic.connection, "sim-1", reason, later(hours=hour)) is expected
    assert orders.paused(clinic.connection) == {"sim-1": "antenna"}
    assert orders.pause_of(clinic.connection, "sim-1") == orders.Pause(NOW, "antenna"), "it began when it began"
    assert [row["detail"] for row in lives.history(clinic.connection, "sim-1")] == ["antenna", "new SIM"]
    assert orders.resume(clinic.connection, "sim-1", NOW)
    assert not orders.resume(clinic.connection, "sim-1", NOW)
    assert orders.pause_of(clinic.connection, "sim-1") is None


WISHES: dict[str, Callable[[Connection], object]] = {
    "pause": lambda connection: orders.pause(connection, "sim-1", "", NOW),
    "another reason": lambda connection: orders.pause(connection, "sim-2", "new SIM", NOW),
    "resume": lambda connection: orders.resume(connection, "sim-2", NOW),
    "order": lambda connection: orders.give(connection, "sim-1", "reset", "", NOW),
}


@pytest.mark.parametrize("wish", WISHES.values(), ids=WISHES)
def test_whatever_a_person_wants_changes_the_stamp(clinic: Clinic, wish: Callable[[Connection], object]) -> None:
    orders.pause(clinic.connection, "sim-2", "", NOW)
    before = orders.stamp(clinic.connection)
    assert orders.stamp(clinic.connection) == before
    wish(clinic.connection)
    assert orders.stamp(clinic.connection) != before
