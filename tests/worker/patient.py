"""A carrier in memory whose illness is scripted, under a clock that jumps: what a worker does in hours takes moments.

`Patient.run` runs the worker's own loop in the test's thread: whatever waits lets the clock jump, and what is planned
for a moment happens when the clock gets there. It imitates no wire: SMS and reports are values.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.carrier import Accepted, CarrierStatus, Inbound, Outcome, Remedy, Submission
from gateway.clock import Time
from gateway.errors import CarrierLost, Cause
from gateway.queue import db, lives
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from gateway.queue.rules import SafetyRules
from gateway.worker.loop import Worker

HOUR_S = 3600.0
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
RULES = IntakeRules(safety=SafetyRules(same_text_limit=0, daily_limit=0))
OPENING_S, SMS_S, MENDING_S, CALLING_S = 1.0, 4.0, 5.0, 12.0
TO = "+79000000001"


@dataclass
class Clock:
    """Seconds since the start, and what is planned."""

    passed_s: float = 0.0
    plans: list[tuple[float, Callable[[], object]]] = field(default_factory=list)

    def at(self, moment_s: float, action: Callable[[], object]) -> None:
        self.plans.append((moment_s, action))
        self.plans.sort(key=lambda plan: plan[0])

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed_s)

    def pass_by(self, seconds: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, with what is planned on the way, until `is_over`."""
        until = self.passed_s + seconds
        while not is_over() and self.plans and self.plans[0][0] <= until:
            self.passed_s, action = max(self.passed_s, self.plans[0][0]), self.plans.pop(0)[1]
            action()
        if not is_over():
            self.passed_s = until

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.pass_by(seconds, event.is_set)
        return event.is_set()

    @property
    def time(self) -> Time:
        return Time(self.now, lambda: self.passed_s, self.wait)


class Patient:
    """The carrier. `opens`, `answers` and `mends` may be replaced at any time: what it does then."""

    name, kind, line = "sim-1", "modem", "8970199000000000017"

    def __init__(self, clock: Clock, remedies: Sequence[Remedy] = tuple(Remedy)) -> None:
        self.clock = clock
        self.opens: Callable[[], None] = lambda: None
        self.answers: Callable[[Submission], Outcome] = lambda submission: Accepted(str(submission.key % 256))
        self.mends: Callable[[Remedy], None] = lambda remedy: None
        self.speaks: Callable[[], None] = lambda: None  # raises when the line is dead
        self.is_awake = True  # else it answers nothing, and is given up when it was called for long enough
        self.opened_at: list[float] = []
        self.mended: list[tuple[float, Remedy]] = []
        self.submitted: list[Submission] = []
        self.incoming: list[Inbound] = []
        self.acknowledged: list[Inbound] = []
        self._remedies = remedies
        self._is_open = self._is_woken = False
        self._state = "stopped"

    @property
    def remedies(self) -> Sequence[Remedy]:
        closed = {Remedy.RESYNC, Remedy.REINIT}
        return [remedy for remedy in self._remedies if self._is_open or remedy not in closed]

    def open(self) -> None:
        self._state = "starting"
        self.clock.pass_by(OPENING_S)
        self.opened_at.append(self.clock.passed_s)
        self.opens()
        self._is_open, self._state = True, "ready"

    def submit(self, submission: Submission) -> Outcome:
        self.clock.pass_by(SMS_S)
        self.submitted.append(submission)
        return self.answers(submission)

    def is_there(self) -> bool:
        return self.is_awake

    @property
    def is_silent(self) -> bool:
        return not self.is_awake

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        self.speaks()
        if not self.is_awake:
            self._call()
        self.clock.pass_by(wait_s, lambda: self._is_woken or bool(self.incoming))
        self._is_woken = False
        found, self.incoming = self.incoming, []
        return found

    def _call(self) -> None:
        self.clock.pass_by(CALLING_S, lambda: self.is_awake)
        if not self.is_awake:
            raise CarrierLost("It does not answer.", Cause.SILENT)

    def acknowledge(self, inbound: Inbound) -> None:
        self.acknowledged.append(inbound)

    def wake(self) -> None:
        self._is_woken = True

    def status(self) -> CarrierStatus:
        return CarrierStatus(self._state, line=self.line)

    def close(self) -> None:
        self._is_open = False

    def mend(self, remedy: Remedy) -> None:
        self.clock.pass_by(MENDING_S)
        self.mended.append((self.clock.passed_s, remedy))
        self.mends(remedy)

    def ussd(self, code: str) -> str:
        return f"Answer to {code}"


class Ward:
    """One patient with its worker and its queue; `run` lets hours pass."""

    def __init__(self, folder: Path, remedies: Sequence[Remedy] = tuple(Remedy), **worker: Any) -> None:
        self.clock = Clock()
        self.patient = Patient(self.clock, remedies)
        self.database = folder / "gateway.db"
        db.create_or_upgrade(self.database)
        self.connection = db.open_database(self.database)
        self.connection.execute("PRAGMA synchronous = OFF")
        self.outbox = Outbox(self.connection, RULES)
        self.options = worker
        self.worker = self._worker()

    def __enter__(self) -> Ward:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.connection.close()

    def _worker(self) -> Worker:
        return Worker(self.patient, self.database, RULES, time=self.clock.time, **self.options)

    def run(self, seconds: float) -> None:
        """Let the worker live for so long."""
        self.clock.at(self.clock.passed_s + seconds, self.worker.stop)
        self.worker.run()

    def restart(self) -> None:
        """Another worker, as after a restart of the daemon."""
        self.worker = self._worker()

    def add(self, count: int = 1, body: str = "Hello", **columns: Any) -> None:
        """Messages that are due."""
        messages = [NewMessage(TO, body, **columns) for _number in range(count)]
        add(self.connection, messages, self.clock.now())
        self.outbox.intake(self.clock.now())
        self.worker.wake()

    def add_at(self, moment_s: float, count: int = 1, body: str = "Hello", **columns: Any) -> None:
        self.clock.at(moment_s, lambda: self.add(count, body, **columns))

    def beat(self, every_s: float, until_s: float) -> None:
        """Write down how the carrier is, as the dispatcher does."""
        for number in range(int(until_s / every_s)):
            self.clock.at(self.clock.passed_s + number * every_s, self.report)

    def report(self) -> None:
        lives.report(self.connection, "sim-1", "modem", self.worker.status(), 0, None, self.clock.now())

    def states(self) -> list[str]:
        return [state for (state,) in self.connection.execute("SELECT state FROM outbox ORDER BY id")]

    def events(self, event: str) -> list[str]:
        """The details of such events about the carrier."""
        rows = self.connection.execute("SELECT detail FROM events WHERE carrier = 'sim-1' AND event = ?", (event,))
        return [detail for (detail,) in rows]

    def remedies_tried(self) -> list[str]:
        return [detail.partition(":")[0] for detail in self.events("remedy")]


def lost(cause: Cause, detail: str = "It is gone.") -> Callable[..., None]:
    """What raises CarrierLost."""

    def raise_it(*_arguments: object) -> None:
        raise CarrierLost(detail, cause)

    return raise_it
