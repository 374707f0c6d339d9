"""The simulated machine: its clock is everybody's, and it may lose its power at any time."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.queue import db, times
from tests.simulation import story
from tests.simulation.world import World


def test_what_the_triggers_write_has_the_machines_time(tmp_path: Path) -> None:
    """Held in the same millisecond in which it was written: the trigger takes its own time then."""
    world = World(1, datetime(2031, 5, 1, tzinfo=UTC))
    path = tmp_path / "gateway.db"
    with world.times_databases(), closing(db.open_database(path, create=True)) as connection:
        connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', 'Come at ten')")
        connection.execute("UPDATE outbox SET state = 'held'")
        told = connection.execute("SELECT event, at FROM events ORDER BY id").fetchall()
    assert told == [("queued", times.to_text(world.now())), ("held", times.to_text(world.now()))]


@pytest.mark.parametrize("meanwhile", ["_power_fails", "_restart"])
def test_a_gateway_that_is_being_stopped_may_lose_its_power_or_be_stopped_again(meanwhile: str, tmp_path: Path) -> None:
    begun = story.begin(3, 1, tmp_path)
    begun.gateway.start()
    begun.world.run_until(60.0)
    begun.world.after(0.3, getattr(begun.chaos, meanwhile))
    begun.gateway.stop()
    assert not begun.gateway.is_running
    begun.world.run_until(3 * 3600.0)
    assert (begun.gateway.is_running, begun.gateway.runs) == (True, 2)
    begun.gateway.stop()
    begun.clinic.close()
