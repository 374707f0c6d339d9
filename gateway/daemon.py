"""The daemon: one worker per carrier, the dispatcher, orderly start and stop.

Start: take the database's lock, bring its schema up to date, settle what a crash left, then open the carriers.
Stop (SIGTERM, SIGINT, SIGHUP): no new SMS begins, the ones in the air finish, then exit 0.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import structlog

from gateway import __version__, housekeeping
from gateway.clock import utc_now
from gateway.dispatcher import Dispatcher
from gateway.i18n import _
from gateway.limits import Limits, day_start
from gateway.lock import hold
from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.queue import db, heartbeat, views
from gateway.queue.outbox import Outbox
from gateway.settings import ModemSettings, Settings
from gateway.settings.rules import intake_rules
from gateway.worker import Worker

STOP_MARGIN_S = 15.0  # beside the longest that an SMS in the air may take
TURN_S = 0.0005  # a thread that computes lets the others go on after this; Python's own 5 ms is a modem's whole pause
DISCOVER_S = 10.0  # with no modem configured and none found, look again so often

log = structlog.get_logger("gateway.daemon")


def run(settings: Settings) -> int:
    """Send and receive until SIGTERM or SIGINT; the exit code.

    Raises GatewayError when the database can't be used or another daemon has it.
    """
    sys.setswitchinterval(TURN_S)
    with hold(settings.gateway.database):
        db.create_or_upgrade(settings.gateway.database)
        return _Daemon(settings).run()


class _Daemon:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._database = settings.gateway.database
        self._timezone = ZoneInfo(settings.gateway.timezone)
        self._stop = threading.Event()
        self._workers: list[Worker] = []
        self._longest_s = 0.0  # that an SMS may be in the air
        self._shown: list[str] = []
        self._rules = intake_rules(settings)

    def run(self) -> int:
        self._catch_signals()
        self._recover()
        scheduler = housekeeping.start(self._database)
        self._start_dispatcher()
        try:
            self._start_workers(self._settings.modems)
            self._warn_of_smpp()
            self._wait()
        finally:
            are_done = self._stop_workers()
            self._dispatcher.stop()
            scheduler.shutdown(wait=False)
            self._say_stopped(are_done)
        return 0 if are_done else 1

    def _catch_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:  # a terminal that is closed; nohup ignores that
            signal.signal(signal.SIGHUP, lambda _number, _frame: self._stop.set())

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if self._stop.is_set():  # asked twice: what is in the air is `uncertain` at the next start
            os._exit(1)
        self._stop.set()

    def _recover(self) -> None:
        """Settle what the last run left, before any carrier opens."""
        with closing(db.open_database(self._database)) as connection:
            now = utc_now()
            recovery = Outbox(connection, self._rules).recover(now)
            heartbeat.start(connection, os.getpid(), now)
            self._forget_carriers(connection)
        log.info("started", version=__version__, database=str(self._database), **asdict(recovery))

    def _forget_carriers(self, connection: sqlite3.Connection) -> None:
        """What the last run knew of carriers is no longer so."""
        for carrier in heartbeat.carriers(connection):
            heartbeat.forget(connection, str(carrier["name"]))

    def _start_dispatcher(self) -> None:
        self._dispatcher = Dispatcher(
            self._database, self._rules, ring=self._ring, has_changed=self._has_changed, beat=self._beat
        )
        self._dispatcher.start()

    def _start_workers(self, modems: Iterable[ModemSettings]) -> None:
        for modem in modems:
            self._longest_s = max(self._longest_s, modem.answer_wait)
            worker = Worker(
                ModemCarrier(modem, PinBook(self._database)),
                self._database,
                self._rules,
                limits=Limits(modem.max_per_minute, modem.max_per_day),
                timezone=self._timezone,
            )
            self._workers.append(worker)
            worker.start()

    def _wait(self) -> None:
        """Until a signal; with no modem configured, take up those that are found."""
        while not self._workers and not self._stop.is_set():
            self._take_up(pool.discover())
        self._stop.wait()

    def _take_up(self, found: Sequence[ModemSettings]) -> None:
        """Modems that nobody configured; from now on only one of them may be named as a message's `sender`."""
        if not found:
            log.warning("no_modem", advice=_("No modem was found. Plug one in; `smsgw doctor` says what is seen."))
            self._stop.wait(DISCOVER_S)
            return
        self._dispatcher.stop()
        names = frozenset(modem.name for modem in found)
        self._rules = replace(self._rules, carriers=names, are_carriers_known=True)
        self._start_dispatcher()
        self._start_workers(found)

    def _warn_of_smpp(self) -> None:
        if self._settings.smpp:
            log.warning("no_smpp_yet", advice=_("This version sends over modems only; [[smpp]] tables are not used."))

    def _ring(self) -> None:
        for worker in self._workers:
            worker.wake()

    def _has_changed(self) -> bool:
        """Whether a carrier is in another state than the one last written down."""
        return [worker.status().state for worker in self._workers] != self._shown

    def _beat(self, connection: sqlite3.Connection, now: datetime) -> None:
        """One commit: the daemon lives, and how each carrier is."""
        today = day_start(now, self._timezone)
        self._shown = [worker.status().state for worker in self._workers]
        with db.write(connection):
            heartbeat.beat(connection, os.getpid(), now)
            for worker in self._workers:
                self._report(connection, worker, today, now)

    def _report(self, connection: sqlite3.Connection, worker: Worker, today: datetime, now: datetime) -> None:
        name, kind, status = worker.carrier.name, worker.carrier.kind, worker.status()
        sent_today = views.sent_by(connection, name, today)
        heartbeat.report(connection, name, kind, status, sent_today, worker.limits.per_day, now)

    def _stop_workers(self) -> bool:
        """Whether all ended in time."""
        log.info("stopping")
        for worker in self._workers:
            worker.stop()
        deadline = time.monotonic() + self._longest_s + STOP_MARGIN_S
        are_done = [worker.join(max(0.0, deadline - time.monotonic())) for worker in self._workers]
        return all(are_done)

    def _say_stopped(self, are_done: bool) -> None:
        with closing(db.open_database(self._database)) as connection:
            self._beat(connection, utc_now())
            heartbeat.stopped(connection, utc_now())
        log.info("stopped", all_finished=are_done)


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
