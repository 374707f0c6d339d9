"""The daemon's watch over the outbox: new rows are examined at once, what is due is called out, time limits are kept.

Another process's commit shows in `PRAGMA data_version`, which costs microseconds to read; so it is read a hundred times
a second, and the outbox itself only when something changed or became due.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from gateway.clock import Clock, utc_now
from gateway.queue import db, views
from gateway.queue.outbox import IntakeRules, Outbox

WATCH_S = 0.01  # between two looks at data_version
EXAMINED_AT_ONCE = 200  # rows in one round, some 20 ms; then the workers have the processor for WATCH_S
TICK_S = 1.0  # between two rounds of time limits: expiry, uncertain, incomplete
LOOK_S = 0.1  # between two looks at how the carriers are
BEAT_S = 2.0  # between two heartbeats
FAULT_WAIT_S = 1.0  # after a database fault

log = structlog.get_logger("gateway.dispatcher")


class Dispatcher:
    """One thread with its own connection.

    `ring` tells the workers that something is due; `beat` writes that all live, now and then and when `has_changed`.
    """

    def __init__(
        self,
        database: Path,
        rules: IntakeRules,
        *,
        ring: Callable[[], None],
        has_changed: Callable[[], bool],
        beat: Callable[[sqlite3.Connection, datetime], None],
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._rules = rules
        self._ring = ring
        self._has_changed = has_changed
        self._beat = beat
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def apply(self, rules: IntakeRules) -> None:
        """From its next turn on by these rules; any thread may call it."""
        self._rules = rules

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                connection = db.open_database(self._database)
                try:
                    self._watch(connection)
                finally:
                    connection.close()
            except Exception as fault:  # this loop must survive a locked or full disk, and whatever stands in a row
                log.exception("dispatcher_failed", fault=type(fault).__name__)
                self._stopping.wait(FAULT_WAIT_S)

    def _watch(self, connection: sqlite3.Connection) -> None:
        rules = self._rules
        watch = _Watch(connection, Outbox(connection, rules))
        next_tick = next_beat = next_look = 0.0
        while not self._stopping.wait(WATCH_S) and self._rules is rules:
            moment, now = time.monotonic(), self._clock()
            if moment >= next_look:
                next_look = moment + LOOK_S
                if moment >= next_beat or self._has_changed():
                    self._beat(connection, now)
                    next_beat = moment + BEAT_S
            if watch.has_changed(now) and watch.take_up(now):
                self._ring()
            if moment >= next_tick:  # last: a row whose time limit can't be kept holds up no other
                watch.tick(now)
                next_tick = moment + TICK_S


class _Watch:
    """What one connection has seen of the outbox."""

    def __init__(self, connection: sqlite3.Connection, outbox: Outbox) -> None:
        self._connection = connection
        self._outbox = outbox
        self._version = -1
        self._next_due: datetime | None = None
        self._last_event = views.last_event(connection)

    def tick(self, now: datetime) -> None:
        """Keep the time limits; what they changed is looked at next."""
        self._outbox.tick(now)
        self._version = -1

    def has_changed(self, now: datetime) -> bool:
        """Whether anybody else has committed since the last look, or a message's time has come."""
        version = db.data_version(self._connection)
        if version == self._version and not (self._next_due and self._next_due <= now):
            return False
        self._version = version
        return True

    def take_up(self, now: datetime) -> bool:
        """Examine new rows and make due what is, some at a time; whether a worker has something to do.

        An import of 100,000 rows takes many rounds: between them come heartbeat, ticks and whatever is more urgent.
        """
        if self._outbox.intake(now, EXAMINED_AT_ONCE) + self._outbox.ripen(now):
            self._version = -1  # there may be more
        self._next_due = self._outbox.next_due(now)
        self._log_events()
        return self._outbox.has_work(now)

    def _log_events(self) -> None:
        """One line per message's change of state, whoever made it; the steps between them for those who debug."""
        for event in views.events_after(self._connection, self._last_event):
            self._last_event = event["id"]
            say = log.info if event["to_state"] else log.debug
            detail = {"detail": event["detail"]} if event["detail"] else {}
            say("message", id=event["outbox_id"], change=event["event"], **detail)
