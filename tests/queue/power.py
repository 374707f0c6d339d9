"""A power cut at any statement: a database connection that dies, and what is known outside of it.

`Power.step` counts every statement that the queue runs, a COMMIT twice: before it nothing of the transaction is on
disk, after it everything is, and the caller does not know yet. From the cut on no statement works, as for a process
that is gone; what it had not committed is lost.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.carrier import Accepted, Inbound, Outcome, Submission, Uncertain
from gateway.queue import checking, db, heartbeat, ways
from gateway.queue.adding import NewMessage, add
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules
from gateway.routing import Opening, names_of
from tests.queue.clinic import NOW, PHONE

ROUNDS = 40  # of eleven minutes each: more than any message here takes to its end
UNFINISHED = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'uncertain'))"
UNTIL_THE_END = timedelta(minutes=11)


class PowerCutError(BaseException):
    """Nothing may catch it but the test."""


@dataclass
class Power:
    """Fails at the given step; None: never."""

    fails_at: int | None = None
    steps: int = 0
    is_off: bool = False

    def step(self) -> None:
        self.steps += 1
        if self.is_off or self.steps == self.fails_at:
            self.is_off = True
            raise PowerCutError

    def committed(self) -> None:
        """A transaction is on disk."""
        self.step()


class Mortal(db.Connection):
    """A connection that lives as long as there is power."""

    power: Power

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        self.power.step()
        cursor = super().execute(sql, *values)
        if sql == "COMMIT":
            self.power.committed()
        return cursor

    def executemany(self, sql: str, rows: Iterable[Any]) -> sqlite3.Cursor:
        self.power.step()
        return super().executemany(sql, rows)


def mortal(path: Path, power: Power) -> Mortal:
    """As db.open_database would, but that each commit waits for the disk: a process that dies needs no such wait."""
    connection = sqlite3.connect(path, isolation_level=None, factory=Mortal)
    connection.power = Power()
    connection.gate = db._gate(path)
    for pragma in ("synchronous = OFF", "foreign_keys = ON", "wal_autocheckpoint = 0"):
        connection.execute(f"PRAGMA {pragma}")
    connection.power = power
    return connection


@dataclass
class Air:
    """What the network knows: it outlives every power cut."""

    handed: Counter[int] = field(default_factory=Counter)  # segment -> times that its bytes went out
    refused: Counter[int] = field(default_factory=Counter)  # segment -> times that it is known not to have been taken
    has: set[int] = field(default_factory=set)  # segments that the network took

    def take(self, key: int, outcome: Outcome) -> None:
        self.handed[key] += 1
        if isinstance(outcome, Accepted | Uncertain):
            self.has.add(key)
        else:
            self.refused[key] += 1


def as_a_daemon_starts(world: World) -> None:
    """As far as the queue sees it."""
    world.box.recover(world.now)
    heartbeat.start(world.connection, 17, world.now)


@dataclass
class World:
    """A queue with its carriers, over one life of the daemon after the other."""

    path: Path
    rules: IntakeRules
    power: Power = field(default_factory=Power)
    air: Air = field(default_factory=Air)
    now: datetime = NOW
    references: int = 0
    carriers: tuple[str, ...] = ("sim-1", "sim-2")  # those that go on after the story
    start: Story = as_a_daemon_starts

    def __post_init__(self) -> None:
        self.connection: sqlite3.Connection = mortal(self.path, self.power)
        self.box = Outbox(self.connection, self.rules)

    def restart(self) -> None:
        """After the cut: the next daemon starts."""
        self.connection.close()
        self.power = Power()
        self.__post_init__()
        self.start(self)

    def configure(self, rules: IntakeRules) -> None:
        """From now on, and at the next start, another configuration."""
        self.rules = rules
        self.box = Outbox(self.connection, rules)

    def wait(self, **spans: float) -> None:
        self.now += timedelta(**spans)
        self.box.tick(self.now)
        self.box.ripen(self.now)

    def add(self, body: str, *recipients: str, **more: Any) -> None:
        add(self.connection, [NewMessage(each, body, **more) for each in recipients or (PHONE,)], self.now)
        while self.box.intake(self.now):
            pass

    def hand_over(self, submission: Submission | None, *outcomes: Outcome, go_on: bool = True) -> Submission | None:
        """What a worker does with each segment; `outcomes` come one after the other."""
        for outcome in outcomes:
            if submission is None:
                return None
            self.air.take(submission.key, outcome)
            submission = self.box.record(submission.key, outcome, self.now, go_on=go_on)
        return submission

    def send(self, *outcomes: Outcome, carrier: str = "sim-1", go_on: bool = True) -> Submission | None:
        return self.hand_over(self.claim(carrier), *outcomes, go_on=go_on)

    def claim(self, carrier: str = "sim-1") -> Submission | None:
        return self.box.claim(carrier, f"line of {carrier}", self.now, openings=self._openings(carrier))

    def _openings(self, carrier: str) -> list[Opening]:
        """Each way that it belongs to; nobody is better placed."""
        found = ways.in_queue(self.connection) if self.rules.has_ways else ()
        return [Opening(way) for way in found if carrier in names_of(way)]

    def store(self, *inbound: Inbound, carrier: str = "sim-1") -> None:
        self.box.store(carrier, f"line of {carrier}", inbound, self.now)

    def accepted(self) -> Accepted:
        self.references += 1
        return Accepted(str(self.references % 256))

    def finish(self) -> None:
        """A good network from now on, and all the time that it takes."""
        for _round in range(ROUNDS):
            if not self.connection.execute(UNFINISHED).fetchone()[0]:
                return
            while self.box.intake(self.now) + self.box.ripen(self.now):
                pass
            for carrier in self.carriers:
                while (submission := self.claim(carrier)) is not None:
                    while submission is not None:
                        submission = self.hand_over(submission, self.accepted())
            self.now += UNTIL_THE_END
            self.box.tick(self.now)


def is_sound(connection: sqlite3.Connection) -> None:
    """Whatever has happened: the rows fit together, and nothing is in the air."""
    assert list(checking.faults(connection)) == []
    assert connection.execute("SELECT count(*) FROM outbox WHERE state = 'sending'").fetchone() == (0,)
    assert connection.execute("SELECT count(*) FROM segments WHERE state = 'begun'").fetchone() == (0,)


def is_truthful(world: World) -> None:
    """In the end every message says what has become of it, and nothing went out twice without a reason that is told."""
    rows = world.connection.execute("SELECT id, state, error_code FROM outbox").fetchall()
    states = {message: state for message, state, _code in rows}
    broken_off = {message for message, state, code in rows if (state, code) == ("failed", "expired")}
    assert not {"queued", "sending", "uncertain"} & {*states.values()}, states
    uncertain = Counter(
        message for (message,) in world.connection.execute("SELECT outbox_id FROM events WHERE to_state = 'uncertain'")
    )
    for key, message, state in world.connection.execute("SELECT id, outbox_id, state FROM segments").fetchall():
        assert world.air.handed[key] <= 1 + world.air.refused[key] + uncertain[message], key
        assert key in world.air.has or state not in ("sent", "delivered", "undelivered")
        if key in world.air.has and message not in broken_off and not uncertain[message]:
            assert states[message] in ("sent", "delivered", "undelivered", "held")


Story = Callable[[World], None]


def cuts(story: Story, make: Callable[[Power], World]) -> Iterator[World]:
    """The world after a power cut at the first step of the story, at the second, … and after none."""
    for step in range(1, 100_000):
        world = make(Power(step))
        was_cut = _dies(world, story)
        yield world
        if not was_cut:
            return
    raise AssertionError("a story without end")


def _dies(world: World, story: Story) -> bool:
    """Whether the power failed before the story's end."""
    try:
        story(world)
    except PowerCutError:
        return True
    assert not world.power.is_off  # or something has caught the cut
    return False


def nothing(_world: World) -> None:
    """Nobody does anything, nothing else is to be right."""


@dataclass(frozen=True)
class Tale:
    """A story with what belongs to it."""

    story: Story
    rules: IntakeRules
    then: Story = nothing  # what the daemon, or a person who saw no end of it, does after the next start
    is_right: Story = nothing  # in the end, besides what always must be
    start: Story = as_a_daemon_starts

    @property
    def name(self) -> str:
        return self.story.__name__


def survives(tale: Tale, folder: Path, empty: bytes) -> int:
    """Cut the power at each step of it, start anew, go on to the end, and look; how many steps it had."""
    steps = 0

    def make(power: Power) -> World:
        path = folder / f"{power.fails_at}.db"
        path.write_bytes(empty)
        return World(path, tale.rules, power, start=tale.start)

    for world in cuts(tale.story, make):
        steps += 1
        world.restart()
        is_sound(world.connection)
        tale.then(world)
        world.finish()
        is_sound(world.connection)
        is_truthful(world)
        tale.is_right(world)
        world.connection.close()
        world.path.unlink()
    return steps
