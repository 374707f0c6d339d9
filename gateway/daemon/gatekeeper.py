"""Who opens and closes the gate: it tells an outage, and goes through the backlog that it has left.

The gateway can send when a carrier is in service, whether or not its limits let it: what waits for a limit, or for the
end of quiet hours, is in no backlog. How long it could not is told by both clocks, whichever says more: the wall clock
knows of the time when the machine was off, the monotonic one is right when the wall clock is put back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import structlog

from gateway.queue import backlog
from gateway.queue.backlog import Progress
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.worker.gate import Gate

log = structlog.get_logger("gateway.gatekeeper")


class Gatekeeper:
    """The dispatcher's thread calls it. `can_send`: whether any carrier is in service."""

    def __init__(self, gate: Gate, can_send: Callable[[], bool]) -> None:
        self._gate = gate
        self._can_send = can_send
        self._able_at: datetime | None = None
        self._able_moment = 0.0
        self._is_noted = False  # that it can send since then; the beats, which are rarer, note how long it could
        self._before: datetime | None = None  # the backlog is gone through up to here
        self._done = Progress()

    @property
    def is_busy(self) -> bool:
        """Whether a backlog is being gone through: it is to be called again at once."""
        return self._before is not None

    @property
    def is_able(self) -> bool:
        """Whether messages go out now."""
        return self._gate.is_open and self._can_send()

    def begin(self, connection: sqlite3.Connection, now: datetime, moment: float) -> None:
        """What the database knows, at the start or after a fault; `moment` is monotonic."""
        if self._able_at is None:
            self._able_at, self._able_moment = backlog.able_at(connection) or now, moment
        self._before, self._done = backlog.found_at(connection), Progress()
        if self._before is not None:
            self._gate.close()

    def look(
        self,
        connection: sqlite3.Connection,
        rules: IntakeRules,
        now: datetime,
        moment: float,
        *,
        is_all_examined: bool,
    ) -> bool:
        """Close the gate when an outage begins, open it when its backlog is done; whether it was opened just now."""
        if self._before is not None:
            return self._go_on(connection, rules, self._before, now, moment)
        is_outage, can_send = self._gap_s(now, moment) >= rules.safety.outage_s, self._can_send()
        if self._gate.is_open:
            if can_send:
                self._can(connection, now, moment)
            elif is_outage:
                self._close(now, moment)
            return False
        if not is_outage:
            return self._open()
        if can_send and is_all_examined:
            return self._find(connection, rules, now, moment)
        return False

    def _can(self, connection: sqlite3.Connection, now: datetime, moment: float) -> None:
        """A daemon that ends before its next beat has sent all the same: from then on an outage is counted."""
        self._able_at, self._able_moment = now, moment
        if not self._is_noted:
            backlog.note_able(connection, now)
            self._is_noted = True

    def _gap_s(self, now: datetime, moment: float) -> float:
        """For how long nothing could be sent."""
        by_wall = (now - self._able_at).total_seconds() if self._able_at else 0.0
        return max(by_wall, moment - self._able_moment)

    def _close(self, now: datetime, moment: float) -> None:
        self._is_noted = False
        log.warning("outage", for_s=round(self._gap_s(now, moment)))
        self._gate.close()

    def _open(self) -> bool:
        self._gate.open()
        return True

    def _find(self, connection: sqlite3.Connection, rules: IntakeRules, now: datetime, moment: float) -> bool:
        """Nothing was sent for long, and now it can be: what has expired goes first, the rest is counted."""
        Outbox(connection, rules).tick(now)
        self._before, self._done = backlog.find(connection, rules, now), Progress()
        if self._before is not None:
            return False
        self._able_at, self._able_moment = now, moment
        return self._open()

    def _go_on(
        self, connection: sqlite3.Connection, rules: IntakeRules, before: datetime, now: datetime, moment: float
    ) -> bool:
        self._done = backlog.go_through(connection, rules, before, self._done, now)
        if not self._done.is_done:
            return False
        backlog.end(connection, self._done, before, now)
        log.warning("backlog", held=self._done.held, dropped=self._done.dropped, sent=self._done.sent)
        self._before = None
        self._able_at, self._able_moment = now, moment
        return self._open()
