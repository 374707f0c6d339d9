"""The power fails at every step of what is known of carriers and SIMs, and of what is done when they are others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import CarrierStatus, Outcome, Refused, Submission
from gateway.life import Life
from gateway.plan.balance import Balance
from gateway.plan.limits import Cap, Plan, Span, Unit
from gateway.queue import clearing, heartbeat, lines, lives, routing, spending
from gateway.queue.clearing import Choice
from gateway.queue.lines import Sighting
from gateway.queue.rerouting import STAMP, Rerouting, stamp
from gateway.routing import Route
from gateway.worker.leave import Leave
from tests.queue.clinic import BUSY, LONG, OTHER_PHONE, PHONE, RULES
from tests.queue.power import Tale, World, survives

THIRD_PHONE = "+79000004321"
FORM = {"line": "line of sim-1", "imei": "350000000000001", "port": "/dev/ttyUSB0"}


def rows(world: World, query: str, *values: object) -> list[tuple[object, ...]]:
    return world.connection.execute(query, values).fetchall()


# --- other [[route]] tables ------------------------------------------------------------------------------------------

OLD = replace(RULES, carriers=("sim-1", "sim-2", "sim-3"), routes=(Route(carriers=("sim-3", "sim-1")),))
NEW = replace(OLD, routes=(Route(carriers=("sim-2", "sim-1")),))


def other_routes(world: World) -> None:
    """What waits, what is held, what is for later, what is out in part, what its writer has pinned."""
    heartbeat.start(world.connection, 17, world.now)
    reroute(world)
    world.add(LONG, PHONE)
    world.send(world.accepted(), BUSY)
    world.add("Ждём вас", OTHER_PHONE, THIRD_PHONE)
    world.connection.execute("UPDATE outbox SET state = 'held' WHERE id = 3")
    world.add("Ждём вас", OTHER_PHONE, not_before=world.now + timedelta(hours=1))
    world.add("Ждём вас", OTHER_PHONE, sender="sim-1")
    world.configure(NEW)
    reroute(world)
    world.send(world.accepted(), carrier="sim-2")


def reroute(world: World) -> None:
    rerouting = Rerouting(world.rules)
    while not rerouting.is_done:
        rerouting.go_on(world.connection)


def all_go_by_the_tables_in_force(world: World) -> None:
    """In the end they are out; the stamp is that of the tables, and what is out in part went one way."""
    assert rows(world, STAMP) == [(stamp(world.rules),)]
    if world.rules is NEW:
        ways = rows(world, "SELECT DISTINCT route FROM outbox WHERE id IN (2, 3, 4) AND error_code IS NULL")
        assert ways == [("sim-2\nsim-1",)]
        assert rows(world, "SELECT carrier FROM outbox WHERE id = 5 AND route <> 'sim-1'") == []
    assert all(
        count == (1,)
        for count in rows(world, "SELECT count(DISTINCT carrier) FROM segments WHERE attempts > 0 GROUP BY outbox_id")
    )


# --- a carrier that is gone ------------------------------------------------------------------------------------------

GONE = replace(RULES, carriers=("sim-2",))


def a_carrier_that_is_gone(world: World) -> None:
    """Pinned to it: one that is out in part and follows the SIM, one that is held, an emergency."""
    lines.seen(world.connection, Sighting(carrier="sim-1", **FORM), world.now)
    world.add(LONG, PHONE, sender="sim-1")
    world.send(world.accepted(), BUSY)
    world.add("Ждём вас", OTHER_PHONE, sender="sim-1")
    world.add("Приходите срочно", THIRD_PHONE, category="emergency", sender="sim-1")
    world.configure(GONE)
    world.carriers = ("sim-2",)
    world.wait(minutes=1)
    world.wait(seconds=1)
    assert rows(world, "SELECT error_code, state FROM outbox ORDER BY id")[:2] == [
        ("carrier_gone", "queued"),
        ("carrier_gone", "held"),
    ]
    follow_the_sim(world)


def follow_the_sim(world: World) -> None:
    """As the daemon tells of its carriers, now and then; and a person lets go what is held."""
    if world.rules is GONE:
        world.wait(minutes=1)
        lines.seen(world.connection, Sighting(carrier="sim-2", **FORM), world.now)
        held = max((group.last_id for group in clearing.look(world.connection, Choice())), default=0)
        for _some in clearing.release(world.connection, Choice(), held, world.now):
            pass
        world.send(world.accepted(), world.accepted(), carrier="sim-2")


def nothing_is_left_behind(world: World) -> None:
    assert {state for (state,) in rows(world, "SELECT state FROM outbox")} <= {"sent"}
    if world.rules is GONE:
        # of one that got no answer nobody knows whether a part is out: it may go over another SIM
        broken = "SELECT outbox_id FROM events WHERE to_state = 'uncertain'"
        assert rows(world, f"SELECT id FROM outbox WHERE id = 2 AND carrier <> 'sim-2' AND id NOT IN ({broken})") == []
        assert rows(world, "SELECT carrier FROM lines WHERE line = 'line of sim-1'") == [("sim-2",)]
        assert len(rows(world, "SELECT 1 FROM events WHERE event = 'follows'")) <= 1


# --- a message that rather goes over one SIM -------------------------------------------------------------------------

PREFERRING = replace(RULES, prefixes={"sim-1": ("+7900",)})


def wishes_for_a_sim(world: World) -> None:
    """One goes where it wished, one is loosened as that SIM can't send, one has waited too long, one failed there."""
    world.add("Ждём вас", PHONE)
    world.send(world.accepted())
    world.add("Ждём вас снова", PHONE, OTHER_PHONE)
    routing.loosen(world.connection, ("sim-1",), world.now)
    assert world.claim("sim-2") is None
    world.send(BUSY)
    routing.loosen(world.connection, ("sim-2",), world.now)
    world.send(world.accepted(), carrier="sim-2")
    world.add("Ещё раз", THIRD_PHONE)
    world.wait(minutes=11)
    routing.loosen(world.connection, ("sim-1", "sim-2"), world.now)
    world.send(world.accepted(), carrier="sim-2")


def loosen(world: World) -> None:
    world.now += timedelta(minutes=11)
    while routing.loosen(world.connection, ("sim-1", "sim-2"), world.now):
        pass


def no_wish_is_left(world: World) -> None:
    assert not routing.has_wishes(world.connection)
    assert {state for (state,) in rows(world, "SELECT state FROM outbox")} <= {"sent"}


# --- where SIMs are, and how carriers stand --------------------------------------------------------------------------


def a_sim_on_its_way(world: World) -> None:
    """Found and named, seen in another port, another stick, with another carrier, and its place taken by another."""
    see(world)
    lines.give_up_name(world.connection, "sim-1", "")
    see(world)


def see(world: World) -> None:
    """What a daemon sees, from any point on: a locked stick, its SIM, and wherever that goes."""
    lines.give_name(world.connection, "350000000000001", world.now, imei="350000000000001")
    lines.give_name(world.connection, "line of sim-1", world.now, imei="350000000000001")
    for number, change in enumerate(PLACES):
        lines.seen(world.connection, replace(Sighting(carrier="sim-1", **FORM), **change), world.now)
        world.now += timedelta(hours=number)


PLACES: tuple[dict[str, str], ...] = (
    {},
    {"port": "/dev/ttyUSB4"},
    {"imei": "350000000000002"},
    {"carrier": "sim-2"},
    {"line": "another line", "iccid": "8970100000000000001"},
)


def each_place_is_told(world: World) -> None:
    """One carrier has one line; the record says how each came to where it is."""
    found = rows(world, "SELECT line, carrier, imei, port FROM lines WHERE carrier IS NOT NULL ORDER BY line")
    assert found == [
        ("another line", "sim-1", "350000000000001", "/dev/ttyUSB0"),
        ("line of sim-1", "sim-2", "350000000000001", "/dev/ttyUSB0"),
    ]
    told = [event for (event,) in rows(world, "SELECT event FROM events WHERE event IN ('sim', 'device', 'port')")]
    assert {"sim", "device", "port"} == set(told)
    assert len(names := rows(world, "SELECT name FROM lines WHERE name IS NOT NULL")) == len(set(names))
    assert lines.name_of(world.connection, "line of sim-1") is not None


def a_carriers_life(world: World) -> None:
    heartbeat.start(world.connection, 17, world.now)
    for state in (Life.STARTING, Life.READY, Life.SEARCHING, Life.FAILED, Life.PAUSED, Life.READY):
        tell(world, state)
    lives.dismiss(world.connection, "sim-1", world.now)
    tell(world, Life.READY)
    lives.note(world.connection, "sim-1", "balance_unknown", "", world.now)
    heartbeat.stopped(world.connection, world.now)


def tell(world: World, state: Life) -> None:
    trouble = {"last_error": "No network.", "last_error_at": world.now} if state is Life.FAILED else {}
    status = CarrierStatus(state=state.value, detail="", line="line of sim-1", **trouble)
    lives.report(world.connection, "sim-1", "modem", status, 1, 500, world.now)
    world.now += timedelta(minutes=1)


def it_serves_again(world: World) -> None:
    tell(world, Life.STARTING)
    tell(world, Life.READY)


def its_history_has_no_gap(world: World) -> None:
    """Each change begins where the one before has ended; the last one is how it stands."""
    told = rows(
        world, "SELECT from_state, to_state FROM events WHERE carrier = 'sim-1' AND event = 'state' ORDER BY id"
    )
    assert all(before[1] in (after[0], Life.STOPPED) for before, after in pairwise(told)), told
    assert rows(world, "SELECT state FROM carriers") == [(told[-1][1],)] == [(Life.READY,)]


# --- what a SIM has spent, its block, its money ----------------------------------------------------------------------

PLAN = Plan(caps=(Cap(Span.DAY, Unit.SMS, 6), Cap(Span.DAY, Unit.RECIPIENTS, 5)))
BARRED = Refused("cms_8", "Barred.")


def a_block_and_a_balance(world: World) -> None:
    """One SMS goes out, others are refused until the SIM is blocked; after its rest one tries; a person unblocks it."""
    leave = opened(world)
    world.add("Ждём вас", *(f"+790000015{number:02}" for number in range(6)))
    for outcome in (world.accepted(), *[BARRED] * 5):
        over(world, leave, outcome)
    assert leave.block is not None
    spending.keep_balance(world.connection, "line of sim-1", Balance(120.5, 40), world.now)
    world.now += timedelta(hours=2)
    spending.keep_balance(world.connection, "line of sim-1", Balance(90.0, 30), world.now)
    leave.keep(world.now)
    over(world, leave, BARRED)
    leave.unblock(world.connection, world.now)
    over(world, leave, world.accepted())


def opened(world: World) -> Leave:
    leave = Leave(PLAN, ZoneInfo("UTC"))
    leave.open(world.connection, "line of sim-1", world.now)
    return leave


def over(world: World, leave: Leave, outcome: Outcome) -> None:
    """As the worker does it, one SMS at a time."""
    room = leave.room(world.now)
    submission: Submission | None = None
    if not leave.wait_s(world.now):
        submission = world.box.claim("sim-1", "line of sim-1", world.now, room=room)
    if submission is not None:
        leave.begins(world.now)
        after = leave.after(submission, outcome, world.now)
        world.hand_over(submission, after, go_on=False)
        leave.keep(world.now)
        world.now += timedelta(seconds=5)
        world.box.ripen(world.now)


def no_more_is_spent_than_known(world: World) -> None:
    """Each that went out is counted, so that a limit never lets out too many; a block is whole or none."""
    counted = {key for (key,) in rows(world, "SELECT segment_id FROM spent")}
    assert world.air.has <= counted
    block = spending.block_of(world.connection, "line of sim-1")
    assert block is None or (block.code == "cms_8" and block.until > block.at)
    assert rows(world, "SELECT balance FROM balances ORDER BY id") in ([], [(120.5,)], [(120.5,), (90.0,)])
    leave = opened(world)
    assert (leave.block is None) is (block is None)
    assert rows(world, "SELECT count(*) FROM outbox WHERE state = 'failed' AND error_code <> 'cms_8'") == [(0,)]


TALES = (
    Tale(other_routes, OLD, reroute, all_go_by_the_tables_in_force),
    Tale(a_carrier_that_is_gone, RULES, follow_the_sim, nothing_is_left_behind),
    Tale(wishes_for_a_sim, PREFERRING, loosen, no_wish_is_left),
    Tale(a_sim_on_its_way, RULES, see, each_place_is_told),
    Tale(a_carriers_life, RULES, it_serves_again, its_history_has_no_gap),
    Tale(a_block_and_a_balance, RULES, is_right=no_more_is_spent_than_known),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_leaves_what_is_known_of_carriers(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
