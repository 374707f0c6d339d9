"""The daemon: the fleet of carriers, the dispatcher, orderly start and stop.

Start: take the database's lock, bring its schema up to date, settle what a crash left, then open the carriers.
Stop (SIGTERM, SIGINT, SIGHUP): no new SMS begins, the ones in the air finish, then exit 0.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
from contextlib import closing
from dataclasses import asdict, replace
from datetime import datetime
from types import FrameType

import structlog

from gateway import __version__
from gateway.clock import utc_now
from gateway.dispatcher import Dispatcher
from gateway.fleet import Fleet
from gateway.gate import Gate
from gateway.housekeeping import Housekeeping
from gateway.i18n import _
from gateway.lock import hold
from gateway.queue import db, heartbeat
from gateway.queue.outbox import Outbox
from gateway.settings import Settings
from gateway.settings.rules import intake_rules

TURN_S = 0.0005  # a thread that computes lets the others go on after this; Python's own 5 ms is a modem's whole pause

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
        self._stop = threading.Event()
        self._rules = intake_rules(settings)
        self._gate = Gate()
        self._fleet = Fleet(settings, self._database, self._rules, on_names=self._know, gate=self._gate)
        self._housekeeping = Housekeeping(settings)
        self._dispatcher = Dispatcher(
            self._database,
            self._rules,
            ring=self._fleet.ring,
            has_changed=self._fleet.has_changed,
            beat=self._beat,
            able=self._fleet.able,
            in_service=self._fleet.in_service,
            gate=self._gate,
        )

    def run(self) -> int:
        self._catch_signals()
        self._recover()
        self._housekeeping.start()
        self._dispatcher.start()
        try:
            self._fleet.start()
            self._warn_of_smpp()
            self._stop.wait()
        finally:
            log.info("stopping")
            are_done = self._fleet.stop()
            self._dispatcher.stop()
            self._housekeeping.stop()
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

    def _know(self, names: frozenset[str]) -> None:
        """Modems were found that nobody configured: from now on only one of them may be named as `sender`."""
        self._rules = replace(self._rules, carriers=names, are_carriers_known=True)
        self._dispatcher.apply(self._rules)

    def _warn_of_smpp(self) -> None:
        if self._settings.smpp:
            log.warning("no_smpp_yet", advice=_("This version sends over modems only; [[smpp]] tables are not used."))

    def _beat(self, connection: sqlite3.Connection, now: datetime) -> None:
        """One commit: the daemon lives, and how each carrier is."""
        with db.write(connection):
            heartbeat.beat(connection, os.getpid(), now)
            self._fleet.report(connection, now)

    def _say_stopped(self, are_done: bool) -> None:
        with closing(db.open_database(self._database)) as connection:
            self._beat(connection, utc_now())
            heartbeat.stopped(connection, utc_now())
        log.info("stopped", all_finished=are_done)
