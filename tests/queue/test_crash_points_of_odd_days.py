"""The power fails at every step of what is done only on odd days: rows that refuse, a clock that is put back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.queue import backlog, heartbeat
from tests.queue.clinic import OTHER_PHONE, PHONE, RULES
from tests.queue.power import Tale, World, survives
from tests.queue.test_crash_points_of_carriers import opened, over, rows

# Somebody's own triggers, which let nothing be said of a message; until somebody takes them away.
REFUSES = "CREATE TRIGGER own_{id} BEFORE UPDATE ON outbox WHEN old.id = {id} BEGIN SELECT RAISE(ABORT, 'own'); END"


def rows_that_refuse(world: World) -> None:
    """The second message is not examined with the others, the third not ended; then the triggers go, and both are."""
    world.connection.execute(REFUSES.format(id=2))
    world.add("Ждём вас", PHONE, OTHER_PHONE, "+79000001599", expires_at=world.now + timedelta(minutes=30))
    world.connection.execute(REFUSES.format(id=3))
    world.send(world.accepted())
    world.wait(hours=1)
    let_them(world)
    world.wait(minutes=1)


def let_them(world: World) -> None:
    for message in (2, 3):
        world.connection.execute(f"DROP TRIGGER IF EXISTS own_{message}")
    world.wait(hours=2)


def it_is_too_late_for_them(world: World) -> None:
    assert set(rows(world, "SELECT state FROM outbox WHERE id > 1")) <= {("expired",)}


def a_clock_put_back(world: World) -> None:
    """Two SMS, then it is two hours earlier; what was to come has happened now, until the clock is set right."""
    heartbeat.start(world.connection, 17, world.now)
    leave = opened(world)
    world.add("Ждём вас", PHONE, OTHER_PHONE, "+79000001599")
    over(world, leave, world.accepted())
    world.now += timedelta(hours=1)
    backlog.note_able(world.connection, world.now)
    over(world, leave, world.accepted())
    world.now -= timedelta(hours=2)
    over(world, opened(world), world.accepted())
    world.now += timedelta(hours=3)
    opened(world)
    heartbeat.loaded(world.connection, world.now, ["gateway.database"])


def each_is_counted(world: World) -> None:
    """Once each; the one that the cut has met may not have gone out, and counts too."""
    counted = [key for (key,) in rows(world, "SELECT segment_id FROM spent")]
    assert world.air.has == set(counted)
    assert 0 <= len(counted) - sum(world.air.handed.values()) <= 1


TALES = (
    Tale(rows_that_refuse, RULES, let_them, it_is_too_late_for_them),
    Tale(a_clock_put_back, RULES, is_right=each_is_counted),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_on_an_odd_day_is_put_right_too(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
