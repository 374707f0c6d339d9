"""The daemon's carriers: one worker for each, those configured and those found.

Its watch is a thread of its own: with no modem configured it takes up those that answer.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from gateway.gate import Gate
from gateway.i18n import _
from gateway.limits import Limits, day_start
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.queue import db, heartbeat, views
from gateway.queue.rules import IntakeRules
from gateway.settings import ModemSettings, Settings
from gateway.settings.changes import changed
from gateway.worker import Worker

STOP_MARGIN_S = 15.0  # beside the longest that an SMS in the air may take
DISCOVER_S = 10.0  # with no modem configured and none found, look again so often

log = structlog.get_logger("gateway.fleet")


class Fleet:
    """The set of workers. All but `start` and `stop` may be called by any thread.

    `on_names` is told the names of all carriers, by the watch's thread, when modems were found that nobody configured.
    """

    def __init__(
        self,
        settings: Settings,
        database: Path,
        rules: IntakeRules,
        *,
        on_names: Callable[[frozenset[str]], None],
        gate: Gate | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._rules = rules
        self._on_names = on_names
        self._gate = gate
        self._timezone = ZoneInfo(settings.gateway.timezone)
        self._stopping = threading.Event()
        self._workers: tuple[Worker, ...] = ()
        self._longest_s = 0.0
        self._shown: list[str] = []
        self._watch = threading.Thread(target=self._look_around, name="fleet", daemon=True)

    @property
    def workers(self) -> Sequence[Worker]:
        return self._workers

    @property
    def names(self) -> frozenset[str]:
        """What `sender` may pin a message to."""
        return frozenset(worker.carrier.name for worker in self._workers)

    @property
    def longest_s(self) -> float:
        """The longest that an SMS may be in the air."""
        return self._longest_s

    def start(self) -> None:
        self._start_workers(self._settings.modems)
        self._watch.start()

    def stop(self) -> bool:
        """No SMS begins any more, those in the air finish; whether all ended in time."""
        self._stopping.set()
        self._watch.join()
        for worker in self._workers:
            worker.stop()
        deadline = time.monotonic() + self.longest_s + STOP_MARGIN_S
        are_done = [worker.join(max(0.0, deadline - time.monotonic())) for worker in self._workers]
        return all(are_done)

    def apply(self, settings: Settings) -> list[str]:
        """Go by this configuration from now on; the keys that count only from the next start on."""
        different = changed(self._settings, settings)
        return [key for key in different if key.startswith("modem.") or key == "gateway.timezone"]

    def ring(self) -> None:
        """There may be something to send."""
        for worker in self._workers:
            worker.wake()

    def heed(self) -> None:
        """A person has paused, resumed or ordered something."""
        for worker in self._workers:
            worker.heed()

    def able(self) -> frozenset[str]:
        """The carriers that can send now."""
        return frozenset(worker.carrier.name for worker in self._workers if worker.is_able)

    def in_service(self) -> frozenset[str]:
        """Also those that could send, and wait for a limit or the end of quiet hours."""
        return frozenset(worker.carrier.name for worker in self._workers if worker.is_in_service)

    def has_changed(self) -> bool:
        """Whether a carrier is in another state than the one last written down."""
        return [worker.status().state for worker in self._workers] != self._shown

    def report(self, connection: sqlite3.Connection, now: datetime) -> None:
        """Write down how each carrier is; the caller commits."""
        today = day_start(now, self._timezone)
        self._shown = [worker.status().state for worker in self._workers]
        for worker in self._workers:
            self._report(connection, worker, today, now)

    def _report(self, connection: sqlite3.Connection, worker: Worker, today: datetime, now: datetime) -> None:
        name, kind, status = worker.carrier.name, worker.carrier.kind, worker.status()
        sent_today = views.sent_by(connection, name, today)
        heartbeat.report(connection, name, kind, status, sent_today, worker.limits.per_day, now)

    def _start_workers(self, modems: Iterable[ModemSettings]) -> None:
        modems = tuple(modems)
        self._longest_s = max([self._longest_s, *(modem.answer_wait for modem in modems)])
        started = [self._worker(modem) for modem in modems]
        self._workers = (*self._workers, *started)
        for worker in started:
            worker.start()

    def _worker(self, modem: ModemSettings) -> Worker:
        return Worker(
            ModemCarrier(modem, PinBook(self._database)),
            self._database,
            self._rules,
            limits=Limits(modem.max_per_minute, modem.max_per_day),
            answer_wait_s=modem.answer_wait,
            may_reset=modem.may_reset,
            timezone=self._timezone,
            gate=self._gate,
        )

    # The watch's thread.

    def _look_around(self) -> None:
        while not self._workers and not self._stopping.is_set():
            try:
                self._take_up(pool.discover())
            except Exception as fault:  # this loop must survive whatever stands behind a port
                log.exception("discovery_failed", fault=type(fault).__name__)
                self._stopping.wait(DISCOVER_S)

    def _take_up(self, found: Sequence[ModemSettings]) -> None:
        """Modems that nobody configured; from now on only one of them may be named as a message's `sender`."""
        if not found:
            log.warning("no_modem", advice=_("No modem was found. Plug one in; `smsgw doctor` says what is seen."))
            self._stopping.wait(DISCOVER_S)
            return
        self._on_names(frozenset(modem.name for modem in found))
        self._start_workers(found)


class PinBook:
    """Remembers in the database which SIM refused which PIN, so that no PIN is ever tried twice (modem.PinMemory)."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def is_refused(self, key: str) -> bool:
        with closing(db.open_database(self._database)) as connection:
            return heartbeat.is_pin_refused(connection, key)

    def remember(self, key: str) -> None:
        with closing(db.open_database(self._database)) as connection:
            heartbeat.remember_refused_pin(connection, key)
