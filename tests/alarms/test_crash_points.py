"""The power fails at every step of an alarm: raised, reworded, told, over, told again."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest

from gateway.alarms import book, telling
from gateway.alarms.values import Alarm
from gateway.alarms.ways import ways_of
from gateway.settings import NotifySettings
from tests.alarms.watched import STAFF
from tests.queue.clinic import RULES
from tests.queue.power import Tale, World, survives

WAYS = ways_of((NotifySettings(sms=(STAFF,)),), UTC)
TOLD = "SELECT count(*) FROM events WHERE event = ?"


def look(world: World, *found: Alarm) -> None:
    book.update(world.connection, found, lambda _code: list(WAYS), world.now)
    telling.tell_due(world.connection, WAYS, world.now)


def an_alarm(world: World) -> None:
    look(world, Alarm("disk_full", "50 MB are left.", "Make room."))
    look(world, Alarm("disk_full", "5 MB are left.", "Make room."), Alarm("database_slow", "It is slow.", "Look."))
    it_is_well(world)
    while world.box.intake(world.now):
        pass
    for _each in range(4):
        world.send(world.accepted())


def it_is_well(world: World) -> None:
    """As the next look finds it."""
    look(world)


def each_is_told_from_its_beginning_to_its_end(world: World) -> None:
    """By one event each; an SMS that was written before its notice said so is not written again."""
    alarms = world.connection.execute("SELECT count(*), count(cleared_at) FROM alarms").fetchone()
    raised, cleared = (world.connection.execute(TOLD, (f"alarm_{word}",)).fetchone() for word in ("raised", "cleared"))
    assert (*raised, *cleared) == alarms
    notices = world.connection.execute("SELECT count(*), count(next_at) FROM notices").fetchone()
    assert notices == (2 * alarms[0], 0)
    assert world.connection.execute("SELECT count(*) FROM outbox").fetchone() == (notices[0],)


TALES = (Tale(an_alarm, RULES, it_is_well, each_is_told_from_its_beginning_to_its_end),)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_of_an_alarm_is_put_right(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
