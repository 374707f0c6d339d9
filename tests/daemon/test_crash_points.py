"""The power fails at every step of what the daemon itself writes: its start, its beats, the names of found modems."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Uncertain
from gateway.daemon import newcomers, starting
from gateway.daemon.crew import Crew, Member
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.daemon.lock import hold
from gateway.daemon.roll_call import RollCall
from gateway.daemon.rounds import Carriers, Watch
from gateway.modem.readiness import Identity
from gateway.queue import backlog, desk, heartbeat, lines, orders, restored, restoring
from gateway.settings import ModemSettings, SmppSettings
from gateway.worker.gate import Gate
from gateway.worker.loop import Worker
from gateway.worker.switchboard import Switchboard
from tests.queue.clinic import OTHER_PHONE, PHONE, RULES
from tests.queue.power import Tale, World, survives
from tests.worker.patient import Clock, Patient

UTC_ZONE = ZoneInfo("UTC")


def rows(world: World, query: str, *values: object) -> list[tuple[object, ...]]:
    return world.connection.execute(query, values).fetchall()


# --- the start, when the database was put back -----------------------------------------------------------------------


def start(world: World) -> None:
    """As the daemon does it, with what the one before it remembers beside the database."""
    with hold(world.path) as held:
        starting.settle(world.connection, world.rules, held, world.now)
        starting.remember(world.connection, held, world.now)


def a_copy_put_back(world: World) -> None:
    """Of a moment ago, when SMS were in the air: the recovery of these writes more events than were written since."""
    start(world)
    world.add("Ждём вас", *(f"+790000017{number:02}" for number in range(4)))
    in_the_air = [world.claim(), world.claim(), world.claim()]
    with closing(sqlite3.connect(":memory:")) as copy:
        world.connection.backup(copy)
        world.send(world.accepted())  # the fourth one
        with hold(world.path) as held:
            starting.remember(world.connection, held, world.now)
        for each in in_the_air:
            world.hand_over(each, Uncertain("no_answer", "?"))
        copy.backup(world.connection)
    start(world)


def a_copy_restored_by_hand(world: World) -> None:
    """Of a moment ago too, by `smsgw db restore`: the start that follows is told by nothing that this is a copy."""
    start(world)
    world.add("Ждём вас", *(f"+790000017{number:02}" for number in range(4)))
    in_the_air = [world.claim(), world.claim(), world.claim()]
    with closing(sqlite3.connect(":memory:")) as copy:
        world.connection.backup(copy)
        restored.mark(copy, world.now)
        copy.commit()
        world.send(world.accepted())  # the fourth one
        for each in in_the_air:
            world.hand_over(each, Uncertain("no_answer", "?"))
        copy.backup(world.connection)
    restoring.hold(world.connection, world.rules, world.now)
    start(world)


def a_person_looks(world: World) -> None:
    """What nobody knows of is settled; what is held stays so."""
    for (message,) in rows(world, "SELECT id FROM outbox WHERE state = 'uncertain' AND next_attempt_at IS NULL"):
        desk.settle(world.connection, int(str(message)), "sent", world.now)


def none_went_out_again(world: World) -> None:
    """Besides what `is_truthful` asks: whatever the copy did not know the end of waits for a person."""
    if rows(world, "SELECT 1 FROM sqlite_sequence WHERE name = 'events' AND seq > ?", restored.ID_GAP):
        assert rows(world, "SELECT state FROM outbox ORDER BY id") == [("sent",), ("sent",), ("sent",), ("held",)]
        assert not rows(world, "SELECT 1 FROM events WHERE event = 'resend'")


def a_clock_without_a_battery(world: World) -> None:
    """The box starts in 1970, takes a message, and starts anew when the network has told the time."""
    right, world.now = world.now, datetime(1970, 1, 1, tzinfo=UTC)
    start(world)
    world.add("Ждём вас", PHONE, OTHER_PHONE)
    world.send(world.accepted())
    world.now = right
    start(world)


def set_right(world: World) -> None:
    world.now = max(world.now, datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    start(world)


def nothing_is_as_old_as_the_clock_was_wrong(world: World) -> None:
    assert rows(world, "SELECT count(*) FROM outbox WHERE created_at < '2026'") == [(0,)]
    assert set(rows(world, "SELECT state FROM outbox")) <= {("sent",)}
    assert len(rows(world, "SELECT 1 FROM events WHERE event = 'clock_set'")) <= 1


# --- beats -----------------------------------------------------------------------------------------------------------


def roll_call(world: World, *names: str) -> RollCall:
    """Of carriers that are not opened yet."""

    def hire(settings: ModemSettings) -> Worker:
        clock = Clock()
        carrier = Patient(clock)
        carrier.name = settings.name  # type: ignore[misc]
        return Worker(carrier, world.path, world.rules, time=clock.time)

    modems: Crew[ModemSettings] = Crew(hire)
    found = [ModemSettings(name=name, port="/dev/ttyUSB0") for name in names]
    modems.members = tuple(Member(each, hire(each), is_found=False) for each in found)
    binds: Crew[SmppSettings] = Crew(lambda settings: hire(settings))  # type: ignore[arg-type]
    return RollCall(modems, binds)


def beats(world: World) -> None:
    """Of two carriers, then of one: the other has been dismissed."""
    heartbeat.start(world.connection, 17, world.now)
    for names in (("sim-1", "sim-2"), ("sim-1",)):
        roll_call(world, *names).beat(world.connection, UTC_ZONE, world.now)
        world.now += timedelta(seconds=2)
    one_more_beat(world)


def one_more_beat(world: World) -> None:
    roll_call(world, "sim-1").beat(world.connection, UTC_ZONE, world.now)


def each_that_works_is_there(world: World) -> None:
    assert rows(world, "SELECT name FROM carriers") == [("sim-1",)]


def turns_of_the_dispatcher(world: World) -> None:
    """It beats, notes that it can send, and examines what is new."""
    heartbeat.start(world.connection, 17, world.now)
    gate = Gate()
    gate.open()
    carriers = Carriers(beat=lambda connection, now: heartbeat.beat(connection, 17, now))
    watch = Watch(world.connection, world.rules, Gatekeeper(gate, lambda: True), carriers, Switchboard())
    watch.begin(world.now, 0.0)
    for turn in range(4):
        world.add("Ждём вас", f"+790000016{turn:02}")
        world.now += timedelta(seconds=3)
        watch.turn(world.now, 3.0 * turn)
        world.send(world.accepted())


def it_is_not_able_before_it_lives(world: World) -> None:
    """Both are one commit: an outage is told by the one, a daemon that hangs by the other."""
    able_at, found = backlog.able_at(world.connection), heartbeat.read(world.connection)
    assert found is not None
    assert able_at is None or able_at <= found.heartbeat_at


# --- the names of found modems ---------------------------------------------------------------------------------------

DEVICE, SIM = "350000000000001", "8970199000000000017"
TOLD = Identity("", "", DEVICE, None, SIM)


def a_found_modem(world: World) -> None:
    """It is called by its device while its SIM is locked, is paused, then called by its SIM; its pause follows."""
    name = lines.give_name(world.connection, DEVICE, world.now, imei=DEVICE)
    orders.pause(world.connection, name, "tariff", world.now)
    orders.give(world.connection, name, "ussd", "*100#", world.now)
    assert newcomers.rename(world.connection, name, TOLD, ["sim-2", name], [], world.now) == "sim-3"
    lines.give_name(world.connection, "another device", world.now, imei="another device")
    newcomers.absorb(world.connection, "sim-1", "sim-3", world.now)


def it_tells_its_sim_once_more(world: World) -> None:
    """The next daemon finds it by its SIM, wherever the last one was."""
    name = lines.name_of(world.connection, DEVICE)
    if name is not None:
        newcomers.rename(world.connection, name, TOLD, ["sim-2", name], [], world.now)


def its_pause_is_with_its_name(world: World) -> None:
    paused, name = orders.paused(world.connection), lines.name_of(world.connection, SIM)
    assert lines.name_of(world.connection, DEVICE) is None
    assert set(paused) <= {name}
    told = rows(world, "SELECT DISTINCT event FROM events WHERE event = 'pause'")
    assert bool(paused) is bool(told)


TALES = (
    Tale(a_copy_put_back, RULES, a_person_looks, none_went_out_again, start),
    Tale(a_copy_restored_by_hand, RULES, a_person_looks, none_went_out_again, start),
    Tale(a_clock_without_a_battery, RULES, set_right, nothing_is_as_old_as_the_clock_was_wrong, start),
    Tale(beats, RULES, one_more_beat, each_that_works_is_there),
    Tale(turns_of_the_dispatcher, RULES, is_right=it_is_not_able_before_it_lives),
    Tale(a_found_modem, RULES, it_tells_its_sim_once_more, its_pause_is_with_its_name),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_of_the_daemons_own_is_put_right(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 10
