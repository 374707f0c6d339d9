"""How many of a day's messages arrived, counted on from look to look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.alarms.arrived import Arrived
from gateway.queue import times

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EVENT = "INSERT INTO events (outbox_id, at, event, to_state) VALUES (:id, :at, :state, :state)"


def ended(connection: Connection, state: str, at: datetime, carrier: str = "sim-1") -> None:
    """A message over this carrier ended so."""
    message = connection.execute("INSERT INTO outbox (recipient) VALUES ('+79000000001')").lastrowid
    connection.execute("UPDATE outbox SET carrier = ? WHERE id = ?", (carrier, message))
    connection.execute(EVENT, {"id": message, "at": times.to_text(at), "state": state})


def test_each_carriers_are_counted(connection: Connection) -> None:
    for carrier, state in (("sim-1", "delivered"), ("sim-1", "undelivered"), ("sim-2", "delivered"), ("sim-1", "sent")):
        ended(connection, state, NOW, carrier)
    assert Arrived().read(connection, NOW) == {"sim-1": (1, 1), "sim-2": (1, 0)}


def test_what_has_come_since_the_last_look_is_added(connection: Connection) -> None:
    found = Arrived()
    ended(connection, "delivered", NOW)
    assert found.read(connection, NOW) == {"sim-1": (1, 0)}
    assert found.read(connection, NOW) == {"sim-1": (1, 0)}
    ended(connection, "undelivered", NOW)
    assert found.read(connection, NOW) == {"sim-1": (1, 1)}


def test_after_a_day_it_counts_no_more(connection: Connection) -> None:
    ended(connection, "delivered", NOW)
    found = Arrived()
    assert found.read(connection, NOW + timedelta(hours=22)) == {"sim-1": (1, 0)}
    assert found.read(connection, NOW + timedelta(hours=25)) == {}


def test_a_daemon_that_starts_reads_no_more_than_a_day(connection: Connection) -> None:
    ended(connection, "delivered", NOW - timedelta(days=3))
    found = Arrived()
    assert found.read(connection, NOW) == {}
    ended(connection, "delivered", NOW)
    assert found.read(connection, NOW) == {"sim-1": (1, 0)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 8), min_size=1, max_size=6), st.integers(1, 7))
def test_however_it_is_cut_the_sum_is_the_same(connection: Connection, looks: list[int], at_once: int) -> None:
    before = Arrived().read(connection, NOW).get("sim-1", (0, 0))[0]
    found = Arrived(at_once)
    for count in looks:
        for _ in range(count):
            ended(connection, "delivered", NOW)
        found.read(connection, NOW)
    assert found.read(connection, NOW).get("sim-1", (0, 0))[0] == before + sum(looks)
