"""The daemon's watch over the outbox: new rows are examined at once, what is due is called out, time limits are kept.

Another process's commit shows in `PRAGMA data_version`, which costs microseconds to read; so it is read a hundred times
a second, and the outbox itself only when something changed or became due (rounds.py).
"""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import structlog

from gateway.clock import REAL, Time
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.daemon.rounds import Carriers, Watch
from gateway.queue import db
from gateway.queue.rules import IntakeRules
from gateway.worker.gate import Gate
from gateway.worker.switchboard import Switchboard

WATCH_S = 0.01  # between two looks at data_version
FAULT_WAIT_S = 1.0  # after a database fault
LONGEST_TURN_S = 60.0  # a locked database ends a turn after 5 s, and some threads may wait for each other there

log = structlog.get_logger("gateway.dispatcher")


class Dispatcher:
    """One thread with its own connection."""

    def __init__(
        self,
        database: Path,
        rules: IntakeRules,
        carriers: Carriers,
        *,
        gate: Gate | None = None,
        switchboard: Switchboard | None = None,
        time: Time = REAL,
    ) -> None:
        self._database = database
        self._rules = rules
        self._carriers = carriers
        self._gatekeeper = Gatekeeper(gate or Gate(), lambda: bool(carriers.in_service()))
        self._switchboard = switchboard or Switchboard()
        self._time = time
        self._stopping = threading.Event()
        self._moved_at = time.monotonic()
        self._thread = threading.Thread(target=self.run, name="dispatcher", daemon=True)

    @property
    def moved_at(self) -> float:
        """When its last turn began, by the monotonic clock."""
        return self._moved_at

    @property
    def longest_turn_s(self) -> float:
        return LONGEST_TURN_S

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def apply(self, rules: IntakeRules) -> None:
        """From its next turn on by these rules; any thread may call it."""
        self._rules = rules

    def run(self) -> None:
        """Watch until `stop`: the thread's own work."""
        while not self._stopping.is_set():
            self._moved_at = self._time.monotonic()
            try:
                self._open_and_watch()
            except Exception as fault:  # noqa: BLE001 - it must survive a locked or full disk, and whatever stands in a row
                _say(fault)
                self._time.wait(self._stopping, FAULT_WAIT_S)

    def _open_and_watch(self) -> None:
        with db.plain_errors(self._database), closing(db.open_database(self._database)) as connection:
            rules = self._rules
            watch = Watch(connection, rules, self._gatekeeper, self._carriers, self._switchboard)
            watch.begin(self._time.now(), self._time.monotonic())
            while not self._time.wait(self._stopping, WATCH_S) and self._rules is rules:
                self._moved_at = self._time.monotonic()
                watch.turn(self._time.now(), self._moved_at)
                watch.turned(self._moved_at, self._time.monotonic())


def _say(fault: Exception) -> None:
    """What is wrong with the database's file, disk or locks is one sentence; whatever else it is has its traceback."""
    if isinstance(fault, db.UnusableError):
        log.error("database_not_usable", reason=str(fault))
    else:
        log.exception("dispatcher_failed", fault=type(fault).__name__)
