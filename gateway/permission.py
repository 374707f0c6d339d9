"""What holds a carrier back: its own rest, its SIM's plan, the gate after an outage, a better placed carrier.

The worker asks before each SMS; every answer here costs microseconds. What stands behind the questions lives elsewhere:
`leave` what the SIM may spend, `gate` whether a backlog has been looked at, `sharing` who has more left.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from gateway.carrier import Accepted, Outcome, Submission, Uncertain
from gateway.clock import Time
from gateway.limits import MINUTE, Limits, day_start
from gateway.queue import views


class Leave(Protocol):
    """What one SIM may spend."""

    def open(self, connection: sqlite3.Connection, line: str, now: datetime) -> None:
        """Load what the SIM has spent, and whether it is blocked."""

    def wait_s(self, now: datetime) -> float:
        """0.0: an SMS may go out; else look again in so many seconds."""

    def after(self, submission: Submission, outcome: Outcome, now: datetime) -> Outcome:
        """Note what went out; the outcome to record, which may be milder than the carrier's own."""

    def unblock(self, connection: sqlite3.Connection, now: datetime) -> None:
        """A person says that the operator lets the SIM send."""


class Gate(Protocol):
    """Closed as long as a backlog has not been looked at."""

    @property
    def is_open(self) -> bool: ...


class Sharing(Protocol):
    """Who of the carriers takes the next message that any of them may take."""


class Permission:
    """Whether one carrier may send now, and how long it has to wait; its worker's thread asks."""

    def __init__(self, time: Time, leave: Leave | None, gate: Gate | None, sharing: Sharing | None) -> None:
        self.leave = leave
        self.is_held = False  # a person wants nothing new to begin
        self.sharing = sharing
        self._time = time
        self._gate = gate
        self._rest_until = 0.0  # monotonic

    def rest(self, rest_s: float) -> None:
        """Send nothing for so long; 0 ends a rest."""
        self._rest_until = self._time.monotonic() + rest_s

    def wait_s(self) -> float:
        """How long until an SMS may go out; 0.0: now."""
        rest_s = self._rest_until - self._time.monotonic()
        leave_s = self.leave.wait_s(self._time.now()) if self.leave else 0.0
        return max(0.0, rest_s, leave_s)

    def may_begin(self) -> bool:
        """Whether a new message may be taken, beside what `wait_s` says; one begun goes on whatever this says."""
        return not self.is_held and (self._gate is None or self._gate.is_open)

    def after(self, submission: Submission, outcome: Outcome) -> Outcome:
        """The outcome to record."""
        return self.leave.after(submission, outcome, self._time.now()) if self.leave else outcome


class Limited:
    """Leave by two limits, counted in the queue."""

    def __init__(self, name: str, limits: Limits, timezone: ZoneInfo) -> None:
        self._name, self._limits, self._timezone = name, limits, timezone
        self._unrecorded = 0  # just gone out, and not in the queue yet
        self._connection: sqlite3.Connection | None = None

    def open(self, connection: sqlite3.Connection, line: str, now: datetime) -> None:
        self._connection = connection

    def wait_s(self, now: datetime) -> float:
        if self._connection is None or not self._limits.are_set:
            return 0.0
        in_last_minute, today = (self._sent(since) for since in (now - MINUTE, day_start(now, self._timezone)))
        self._unrecorded = 0
        return 0.0 if self._limits.allow(in_last_minute, today) else 0.5

    def unblock(self, connection: sqlite3.Connection, now: datetime) -> None:
        pass

    def after(self, submission: Submission, outcome: Outcome, now: datetime) -> Outcome:
        self._unrecorded = int(isinstance(outcome, Accepted | Uncertain))
        return outcome

    def _sent(self, since: datetime) -> int:
        assert self._connection is not None
        return views.sent_by(self._connection, self._name, since) + self._unrecorded
