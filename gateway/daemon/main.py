"""The daemon: the fleet of carriers, the dispatcher, orderly start, reload and stop.

Start: take the database's lock, bring its schema up to date, settle what a crash left, then open the carriers.
Reload (SIGHUP): what can be changed while it works is; the rest is said. Stop (SIGTERM, SIGINT): no new SMS begins, the
ones in the air finish, then exit 0.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime

import structlog

from gateway import logs
from gateway.clock import utc_now
from gateway.daemon import starting
from gateway.daemon.dispatcher import Dispatcher
from gateway.daemon.fleet import STOP_MARGIN_S, Fleet
from gateway.daemon.housekeeping import Housekeeping
from gateway.daemon.lock import Hold, hold
from gateway.daemon.notify import Manager
from gateway.daemon.overseer import Overseer
from gateway.daemon.rounds import Carriers
from gateway.daemon.rulebook import Rulebook
from gateway.daemon.signals import Signals
from gateway.daemon.watchdog import Moving
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _, ngettext
from gateway.life import Life
from gateway.queue import db, heartbeat
from gateway.queue.presence import Presence
from gateway.settings import Settings, load
from gateway.settings.changes import changed, needs_restart
from gateway.settings.rules import intake_rules
from gateway.worker.gate import Gate
from gateway.worker.switchboard import Switchboard

PREPARING_S = 600.0  # the longest that one step of an upgrade may take; asked of the service manager, step by step
NOTE_WAIT_S = 1.0  # for a locked database, when there is something to tell of a loop: the watchdog is fed in between
LEAVE_S = 2.0  # so long, at the end, for threads of jobs that hang
FINISH_S = 30.0  # to stop, beside the SMS in the air: the last words in the database, LEAVE_S

log = structlog.get_logger("gateway.daemon")


class _BrokenOff(Exception):
    """Asked to stop before the start was over."""


def run(settings: Settings) -> int:
    """Send and receive until SIGTERM or SIGINT; the exit code.

    Raises GatewayError when the database can't be used or another daemon has it.
    """
    starting.set_up_process()
    manager, signals = Manager.take_from(os.environ), Signals()
    signals.catch()
    starting.refuse_missing(settings.gateway.database, is_service=manager.is_there)
    with hold(settings.gateway.database) as held:
        try:
            starting.bring_up_to_date(settings.gateway.database, lambda: _go_on(manager, signals))
            code = _Daemon(settings, held, manager, signals).run()
        except _BrokenOff:
            code = 0
    _leave_behind(code)
    return code


def _go_on(manager: Manager, signals: Signals) -> None:
    if signals.is_stopping:
        raise _BrokenOff
    manager.more_time(PREPARING_S)


def _leave_behind(code: int) -> None:
    """Python waits at its end for the threads of a pool, daemon or not; a job that hangs must not keep the process."""
    deadline = time.monotonic() + LEAVE_S
    others = [each for each in threading.enumerate() if each is not threading.current_thread()]
    for thread in others:
        thread.join(max(0.0, deadline - time.monotonic()))
    hanging = [thread.name for thread in others if thread.is_alive()]
    if hanging:
        log.warning("left_behind", threads=hanging)
        sys.stderr.flush()
        os._exit(code)


class _Daemon:
    def __init__(self, settings: Settings, held: Hold, manager: Manager, signals: Signals) -> None:
        self._settings = self._loaded = settings  # at the start; the last that was read
        self._held = held
        self._manager = manager
        self._signals = signals
        self._database = settings.gateway.database
        self._rules = intake_rules(settings)  # of the start
        self._gate, self._switchboard = Gate(), Switchboard()
        self._rulebook = Rulebook(self._rules, lambda rules: self._dispatcher.apply(rules))
        self._fleet = self._new_fleet()
        self._housekeeping = Housekeeping(settings)
        self._dispatcher = self._new_dispatcher()
        self._overseer = Overseer(manager, self._loops, on_hung=self._note_hung)
        self._presence = Presence(self._database)
        self._not_loaded = 0  # keys of the configuration that wait for a restart

    def _new_fleet(self) -> Fleet:
        return Fleet(
            self._settings,
            self._database,
            self._rules,
            on_names=self._rulebook.know,
            gate=self._gate,
            switchboard=self._switchboard,
        )

    def _new_dispatcher(self) -> Dispatcher:
        carriers = Carriers(
            ring=self._fleet.ring,
            has_changed=self._fleet.has_changed,
            able=self._fleet.able,
            in_service=self._fleet.in_service,
            heed=self._fleet.heed,
            beat=self._beat,
            beaten=lambda connection, now: starting.remember(connection, self._held, now),
        )
        return Dispatcher(self._database, self._rules, carriers, gate=self._gate, switchboard=self._switchboard)

    def run(self) -> int:
        starting.recover(self._database, self._rules, self._held)
        self._housekeeping.start()
        self._dispatcher.start()
        try:
            self._fleet.start()
            starting.settle_down()
            self._manager.ready()
            self._serve()
        finally:
            are_done = self._stop()
        return 0 if are_done and self._presence.is_the_same() else 1

    def _serve(self) -> None:
        """Look after the loops, which do the work, until a signal to stop."""
        while not self._signals.is_stopping and self._has_its_database():
            self._overseer.look()
            self._manager.status(self._in_one_line())
            self._housekeeping.keep_up(utc_now())
            logs.catch_up()
            self._signals.wait(self._overseer.every_s)
            if self._signals.take_reload():
                self._reload()

    def _has_its_database(self) -> bool:
        if self._presence.is_the_same():
            return True
        advice = _(
            "Its database file was removed, renamed or replaced while it worked, so it ends. Stop the service before"
            " you touch the file; `smsgw db restore FILE` puts a backup in its place."
        )
        log.critical("database_gone", database=str(self._database), advice=advice)
        return False

    def _loops(self) -> Mapping[str, Moving]:
        workers = {worker.carrier.name: worker for worker in self._fleet.everybody}
        return {"dispatcher": self._dispatcher, "fleet": self._fleet, **workers}

    def _note_hung(self, names: frozenset[str]) -> bool:
        """For `smsgw status`, `doctor` and the alarms; whether it was written down."""
        self._fleet.note_hung(names)
        try:
            with closing(db.open_database(self._database, busy_timeout_s=NOTE_WAIT_S)) as connection:
                heartbeat.hung(connection, sorted(names), utc_now())
        except (sqlite3.Error, GatewayError) as fault:
            log.error("database_not_writable", reason=str(fault))
            return False
        return True

    def _in_one_line(self) -> str:
        """For `systemctl status`."""
        states = [worker.status().state for worker in self._fleet.workers]
        can_send = ngettext("{ready} of {all} carrier can send.", "{ready} of {all} carriers can send.", len(states))
        line = can_send.format(ready=states.count(Life.READY), all=len(states))
        restart = ngettext(
            " {count} change of the configuration waits for a restart: smsgw status",
            " {count} changes of the configuration wait for a restart: smsgw status",
            self._not_loaded,
        )
        return line + (restart.format(count=self._not_loaded) if self._not_loaded else "")

    # The configuration.

    def _reload(self) -> None:
        self._manager.reloading()
        try:
            self._take_over()
        except Exception as fault:  # a full disk, say: the daemon goes on as it was
            log.exception("reload_failed", fault=type(fault).__name__)
        self._manager.ready()

    def _take_over(self) -> None:
        """Take over what can be; a configuration with mistakes changes nothing."""
        try:
            settings = load(self._settings.path)
        except UsageProblem as problem:
            mistakes = str(problem).splitlines()
            log.error("reload_refused", mistakes=mistakes, advice=_("The old configuration stays; correct the file."))
            self._note_loaded(mistakes)
        else:
            self._apply(settings)

    def _apply(self, settings: Settings) -> None:
        different = changed(self._loaded, settings)
        left = [*dict.fromkeys([*needs_restart(changed(self._settings, settings)), *self._fleet.apply(settings)])]
        self._loaded = settings
        self._rulebook.reload(intake_rules(settings), lambda: self._fleet.names)
        self._housekeeping.apply(settings)
        for key in left:
            log.warning("not_reloaded", key=key, advice=_("This counts from the next start on."))
        log.info("reloaded", changed=[key for key in different if key not in left], not_changed=left)
        self._note_loaded([_("{key} counts from the next start on.").format(key=key) for key in left])
        self._not_loaded = len(left)

    def _note_loaded(self, left: list[str]) -> None:
        """For `smsgw status`."""
        with closing(db.open_database(self._database)) as connection:
            heartbeat.loaded(connection, utc_now(), left)

    def _beat(self, connection: sqlite3.Connection, now: datetime) -> None:
        if self._fleet.beat(connection, now):
            self._housekeeping.look_soon()

    # The end.

    def _stop(self) -> bool:
        """Whether all carriers ended in time."""
        log.info("stopping")
        self._manager.stopping()
        self._manager.more_time(self._fleet.longest_s + STOP_MARGIN_S + FINISH_S)
        are_done = self._fleet.stop()
        self._dispatcher.stop()
        self._housekeeping.stop()
        if self._presence.is_the_same():
            self._say_stopped(are_done)
        return are_done

    def _say_stopped(self, are_done: bool) -> None:
        with closing(db.open_database(self._database)) as connection:
            self._beat(connection, utc_now())
            heartbeat.stopped(connection, utc_now())
            starting.remember(connection, self._held, utc_now())
        log.info("stopped", all_finished=are_done)
