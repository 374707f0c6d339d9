"""What everything in a simulation shares: the clocks, chance, what is to happen when, and the trace."""

from __future__ import annotations

import heapq
import itertools
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from random import Random

from gateway.clock import Time
from gateway.queue import db, times
from tests.simulation.baton import FOREVER_S, Baton


class World:
    """The main thread runs what happens; workers and dispatcher have their turns in between."""

    def __init__(self, seed: int, start: datetime, *, is_traced: bool = False) -> None:
        self.seed = seed
        self.chance = Random(f"world {seed}")
        self.baton = Baton(Random(f"baton {seed}"))
        self.is_traced = is_traced
        self.clock_offset = timedelta()  # how far the machine's clock is off
        self.touched = threading.Event()  # somebody may have written to the database
        self.calls_to_kill: int | None = None  # so many calls of carriers until the power fails
        self.power_fails = threading.Event()
        self.started_at = start
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    @property
    def moment(self) -> float:
        return self.baton.moment

    def true_now(self) -> datetime:
        """The network's time."""
        return self.started_at + timedelta(seconds=self.baton.moment)

    def now(self) -> datetime:
        """The machine's wall clock, which may be wrong."""
        return self.true_now() + self.clock_offset

    def time(self) -> Time:
        return Time(self.now, lambda: self.baton.moment, self.baton.wait)

    @contextmanager
    def times_databases(self) -> Iterator[None]:
        """Whatever database is opened for as long as this lasts has the machine's clock."""
        connect = db._connect

        @wraps(connect)
        def connect_with_clock(*arguments: object) -> db.Connection:
            connection = connect(*arguments)  # type: ignore[arg-type]
            self.give_time(connection)
            return connection

        db._connect = connect_with_clock
        try:
            yield
        finally:
            db._connect = connect

    def give_time(self, connection: sqlite3.Connection) -> None:
        """The triggers' clock is the machine's too: theirs is always 'now', in the gateway's own form."""
        connection.create_function("strftime", -1, lambda _form, *_moment: times.to_text(self.now()))

    def at(self, moment: float, what: Callable[[], None]) -> None:
        """Have it happen then."""
        heapq.heappush(self._due, (max(moment, self.baton.moment), next(self._count), what))
        self.baton.main.deadline = min(self.baton.main.deadline, self._due[0][0])

    def after(self, wait_s: float, what: Callable[[], None]) -> None:
        self.at(self.baton.moment + wait_s, what)

    @property
    def has_plans(self) -> bool:
        """Whether anything is still to happen."""
        return bool(self._due)

    def run_until(self, moment: float) -> None:
        """Let time pass, and what is due in it happen."""
        while self.baton.moment < moment:
            until = min(moment, self._due[0][0] if self._due else FOREVER_S)
            self.baton.wait_any((self.power_fails,), until - self.baton.moment)
            if self.power_fails.is_set():
                self.power_fails.clear()
                self.on_power_failure()
            while self._due and self._due[0][0] <= self.baton.moment:
                heapq.heappop(self._due)[2]()

    def on_power_failure(self) -> None:
        """Set by whoever runs the daemon."""

    def call_point(self) -> None:
        """A carrier is called: others may have their turn, and here the power may fail."""
        if self.calls_to_kill is not None:
            self.calls_to_kill -= 1
            if self.calls_to_kill <= 0:
                self.calls_to_kill = None
                self.power_fails.set()
                self.baton.sleep(FOREVER_S)
        if self.chance.random() < 0.05:
            self.baton.sleep(0.0)

    def say(self, what: str, **more: object) -> None:
        """A line of the trace."""
        if self.is_traced:
            details = " ".join(f"{key}={value}" for key, value in more.items())
            print(f"{self.now():%m-%d %H:%M:%S.%f}"[:-3], what, details)
