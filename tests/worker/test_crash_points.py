"""The power fails at every step of a worker's turns: one SMS after the other, and many in the air; rows that refuse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.carrier import Accepted, Answer, Inbound, Outcome, Report, Submission
from gateway.plan.limits import Plan
from gateway.worker.leave import Leave
from gateway.worker.permission import Permission
from gateway.worker.pulse import Pulse
from gateway.worker.stream import Stream
from gateway.worker.traffic import Surroundings, Traffic
from gateway.worker.treatment import Treatment
from tests.queue.clinic import BUSY, OTHER_PHONE, PHONE, RULES, report
from tests.queue.power import Tale, World, as_a_daemon_starts, survives
from tests.worker.patient import START, Clock, Patient

STORED = "SELECT count(*) FROM reports WHERE fingerprint = ?"
REFUSES = """
    CREATE TRIGGER sick BEFORE UPDATE OF state ON outbox WHEN OLD.id = 2 AND NEW.state = 'sent'
    BEGIN SELECT RAISE(ABORT, 'not this one'); END"""


class Link(Patient):
    """The same carrier in memory, with two places for SMS in the air; the answers come at its next word."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self._in_the_air: list[Submission] = []

    def room(self) -> int:
        return 2 - len(self._in_the_air)

    def room_in_s(self) -> float:
        return 0.0

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        self._in_the_air += submissions

    def drain(self) -> None:
        """It sends nothing by itself."""

    def receive(self, wait_s: float) -> Sequence[Answer | Inbound]:  # type: ignore[override]
        answered, self._in_the_air = self._in_the_air, []
        return [*(Answer(each.key, self.answers(each)) for each in answered), *super().receive(0.0)]


def put_into_service(world: World, carrier: Patient, clock: Clock) -> Surroundings:
    """What its thread has around it; the network says of each SMS what became of it, and soon that it arrived."""
    clock.passed_s = (world.now - START).total_seconds()

    def answer(submission: Submission) -> Outcome:
        is_busy = submission.key == 1 and not world.air.handed[1]
        outcome = BUSY if is_busy else world.accepted()
        world.air.take(submission.key, outcome)
        if isinstance(outcome, Accepted):
            arrived = report(outcome.message_reference, at=clock.now(), recipient=submission.recipient)
            carrier.incoming.append(arrived)
        return outcome

    def acknowledge(inbound: Inbound) -> None:
        """Whoever is told that it was kept forgets it."""
        assert isinstance(inbound, Report)
        assert not world.connection.in_transaction
        assert world.connection.execute(STORED, (inbound.fingerprint,)).fetchone() == (1,)

    carrier.answers = answer
    carrier.acknowledge = acknowledge  # type: ignore[method-assign]
    leave = Leave(Plan(), ZoneInfo("UTC"))
    leave.open(world.connection, carrier.line, world.now)
    permission = Permission(carrier.name, clock.time, leave, None, None)
    carrier.open()
    return Surroundings(world.box, permission, Treatment(clock.time), Pulse(clock.time), lambda: None)


def turns(world: World, traffic: Traffic | Stream, clock: Clock) -> None:
    for _turn in range(3):
        traffic.send()
        traffic.take_in()
        world.now = clock.now() + timedelta(minutes=1)
        world.box.ripen(world.now)


def one_after_the_other(world: World) -> None:
    clock = Clock()
    carrier = Patient(clock)
    world.add("Ждём вас", PHONE, OTHER_PHONE)
    turns(world, Traffic(carrier, put_into_service(world, carrier, clock)), clock)


def many_in_the_air(world: World) -> None:
    clock = Clock()
    link = Link(clock)
    world.add("Ждём вас", *(f"+790000018{number:02}" for number in range(3)))
    stream = Stream(link, put_into_service(world, link, clock))
    turns(world, stream, clock)
    stream.finish()


def one_row_that_refuses(world: World) -> None:
    """Its turn is written row by row; then the trigger goes, and the message says what has become of it."""
    world.connection.execute(REFUSES)
    many_in_the_air(world)
    let_it(world)
    world.wait(minutes=1)


def let_it(world: World) -> None:
    world.connection.execute("DROP TRIGGER IF EXISTS sick")


def let_it_and_start(world: World) -> None:
    let_it(world)
    as_a_daemon_starts(world)


def all_are_out(world: World) -> None:
    states = world.connection.execute("SELECT DISTINCT state FROM outbox").fetchall()
    assert set(states) <= {("sent",), ("delivered",)}


TALES = (
    Tale(one_after_the_other, RULES, is_right=all_are_out),
    Tale(many_in_the_air, RULES, is_right=all_are_out),
    Tale(one_row_that_refuses, RULES, is_right=all_are_out, start=let_it_and_start),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_of_a_workers_turn_is_put_right(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
