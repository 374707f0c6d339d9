"""The power fails at every statement and commit of an alarm's way: the next daemon tells it, and no SMS of it twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from sqlite3 import Connection

from gateway.alarms import book, telling
from gateway.alarms.values import Alarm
from gateway.alarms.ways import ways_of
from gateway.queue import db
from gateway.settings import NotifySettings
from tests.queue.clinic import RULES
from tests.queue.power import Power, World, cuts

STAFF = ("+79000000008", "+79000000009")
WAYS = ways_of([NotifySettings(sms=STAFF)])
FAILED = Alarm("carrier_failed", "sim-1 is out of service.", "Unplug it.", "sim-1")
ENDS = 2  # it is told when it begins and when it is over


def look(world: World, *found: Alarm) -> None:
    book.update(world.connection, found, lambda _code: list(WAYS), world.now)
    telling.tell_due(world.connection, WAYS, world.now)
    world.wait(minutes=1)


def an_alarm(world: World) -> None:
    look(world, FAILED)
    look(world, FAILED)
    look(world)


def rows(connection: Connection, statement: str) -> Sequence[tuple[object, ...]]:
    return connection.execute(statement).fetchall()


def test_a_power_cut_at_any_step_of_an_alarm_neither_loses_nor_repeats_it(tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    db.create_or_upgrade(new)
    numbers = count()

    def make(power: Power) -> World:
        path = tmp_path / f"{next(numbers)}.db"
        path.write_bytes(new.read_bytes())
        return World(path, RULES, power)

    for world in cuts(an_alarm, make):
        world.restart()
        an_alarm(world)  # it is still so, and over later
        told = rows(world.connection, "SELECT recipient, external_id FROM outbox")
        alarms = rows(world.connection, "SELECT id FROM alarms")
        assert len(told) == len(set(told)) == len(alarms) * ENDS * len(STAFF)
        assert rows(world.connection, "SELECT id FROM alarms WHERE cleared_at IS NULL") == []
        assert rows(world.connection, "SELECT id FROM notices WHERE next_at IS NOT NULL") == []
        ends = rows(world.connection, "SELECT event, count(*) FROM events WHERE event LIKE 'alarm%' GROUP BY event")
        assert ends == [("alarm_cleared", len(alarms)), ("alarm_raised", len(alarms))]
        world.connection.close()
    assert next(numbers) > 20  # an alarm has as many steps as it seems
