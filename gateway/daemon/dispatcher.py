"""The daemon's watch over the outbox: new rows are examined at once, what is due is called out, time limits are kept.

Another process's commit shows in `PRAGMA data_version`, which costs microseconds to read; so it is read a hundred times
a second, and the outbox itself only when something changed or became due.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from gateway.clock import REAL, Time
from gateway.daemon import telling
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.daemon.pace import Pace
from gateway.daemon.telling import Line
from gateway.queue import backlog, behind, db, orders, times, views, ways
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.queue.rerouting import Rerouting
from gateway.worker.gate import Gate
from gateway.worker.switchboard import Switchboard

WATCH_S = 0.01  # between two looks at data_version
EXAMINED_AT_ONCE = 100  # rows in one round, some 7 ms; then the workers have the processor for WATCH_S
TICK_S = 1.0  # between two rounds of time limits: expiry, uncertain, incomplete
LOOK_S = 0.1  # between two looks at how the carriers are
BEAT_S = 2.0  # between two heartbeats; one that tells of a change comes at once
EARLY_BEATS = 8  # of these in a row: a state that flickers is told at the pace of the others
FEW_EVENTS = 100  # so many are told at once, one by one where they differ;
TELLING_S = 1.0  # more than that are summed up over this time: some thousand come in a second over a fast link
EVENTS_AT_ONCE = 5000  # summed up in one turn, some milliseconds
FAULT_WAIT_S = 1.0  # after a database fault
LONGEST_TURN_S = 60.0  # a locked database ends a turn after 5 s, and some threads may wait for each other there

log = structlog.get_logger("gateway.dispatcher")


@dataclass(frozen=True)
class Carriers:
    """What the dispatcher asks and tells the set of workers; as it stands it is that of a gateway without any."""

    ring: Callable[[], None] = lambda: None  # something is due
    has_changed: Callable[[], bool] = lambda: False  # a carrier is in another state than the one last written down
    able: Callable[[], frozenset[str]] = frozenset  # those that may send now
    heed: Callable[[], None] = lambda: None  # a person has paused, resumed or ordered something
    beaten: Callable[[sqlite3.Connection, datetime], None] = lambda _connection, _now: None  # a beat is on disk


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
        able: Callable[[], frozenset[str]] = frozenset,
        in_service: Callable[[], object] = lambda: False,  # whether any is, or waits for a limit or quiet hours' end
        heed: Callable[[], None] = lambda: None,
        beaten: Callable[[sqlite3.Connection, datetime], None] = lambda _connection, _now: None,
        gate: Gate | None = None,
        switchboard: Switchboard | None = None,
        time: Time = REAL,
    ) -> None:
        self._database = database
        self._rules = rules
        self._carriers = Carriers(ring, has_changed, able, heed, beaten)
        self._beat = beat
        self._gatekeeper = Gatekeeper(gate or Gate(), lambda: bool(in_service()))
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
            watch = Watch(connection, rules, self._gatekeeper, self._carriers, self._switchboard, self._beat)
            watch.begin(self._time.now(), self._time.monotonic())
            while not self._time.wait(self._stopping, WATCH_S) and self._rules is rules:
                self._moved_at = self._time.monotonic()
                watch.turn(self._time.now(), self._moved_at)
                watch.turned(self._moved_at, self._time.monotonic())


class Watch:
    """What one connection has seen of the outbox, and when each thing is to be done next."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        rules: IntakeRules,
        gatekeeper: Gatekeeper,
        carriers: Carriers,
        switchboard: Switchboard,
        beat: Callable[[sqlite3.Connection, datetime], None],
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._outbox = Outbox(connection, rules)
        self._gatekeeper = gatekeeper
        self._carriers = carriers
        self._switchboard = switchboard
        self._rerouting = Rerouting(rules)
        self._beat = beat
        self._version = -1
        self._is_all_examined = False
        self._next_due: datetime | None = None
        self._next_tick = self._next_beat = self._next_look = self._next_telling = 0.0
        self._last_event = views.last_event(connection)
        self._early = Pace(EARLY_BEATS, BEAT_S)
        self._orders: tuple[object, ...] = ()

    def begin(self, now: datetime, moment: float) -> None:
        """Before the first turn. `moment`, here and below, is of the monotonic clock."""
        self._gatekeeper.begin(self._connection, now, moment)
        self._is_clock_wrong = True  # perhaps

    def turned(self, began_at: float, ended_at: float) -> None:
        """Where rows were examined the file rests, as after a bind's turn: the next to lock it lets others in first."""
        if not self._is_all_examined:
            self._outbox.turns.took(began_at, ended_at)

    def turn(self, now: datetime, moment: float) -> None:
        """Look once, and do what is to be done."""
        if self._is_clock_wrong:
            self._set_right(now)
        is_time_to_look = moment >= self._next_look
        if is_time_to_look:
            self._next_look = moment + LOOK_S
            self._look(now, moment)
            self._choose(now, moment)
        if not self._rerouting.is_done:
            self._reroute()
        if self._has_changed(now):
            self._take_up(now, moment)
        if (is_time_to_look or self._gatekeeper.is_busy) and self._rerouting.is_done:
            self._mind_the_gate(now, moment)
        if moment >= self._next_tick:  # last: a row whose time limit can't be kept holds up no other
            self._tick(now)
            self._next_tick = moment + TICK_S

    def _set_right(self, now: datetime) -> None:
        """Before anything is done by the new time."""
        if by_s := behind.put_right(self._connection, now):
            log.warning("clock_set", by_s=round(by_s))
        self._is_clock_wrong = not times.is_credible(now)

    def _reroute(self) -> None:
        """Some of what waits gets its way anew, and the rest of the turn goes on: what is new waits for none of it."""
        self._rerouting.go_on(self._connection)
        self._version = -1  # what has no way any more is examined anew, and who serves the ways is to be known

    def _look(self, now: datetime, moment: float) -> None:
        """How the carriers are, and one commit that says so: the daemon lives, and whether it can send."""
        if moment < self._next_beat:
            if not self._early.may(moment) or not self._carriers.has_changed():
                return
            self._early.spend()
        with db.write(self._connection):
            self._beat(self._connection, now)
            if self._gatekeeper.is_able:
                backlog.note_able(self._connection, now)
        self._carriers.beaten(self._connection, now)
        self._next_beat = moment + BEAT_S

    def _choose(self, now: datetime, moment: float) -> None:
        """Who takes which messages now, where not everybody may; nothing is asked where everybody does."""
        has_wishes = self._outbox.has_wishes()
        if not (has_wishes or self._rules.has_ways):
            return
        able = self._carriers.able()
        if self._switchboard.look(able, moment) or ways.has_urgent(self._connection, self._switchboard.ways):
            self._carriers.ring()
        if has_wishes:
            self._loosen(able, now)

    def _loosen(self, able: frozenset[str], now: datetime) -> None:
        """Free the messages that wait for one carrier's turn in vain; while none can send, that changes nothing."""
        if able and self._outbox.loosen(able, now):
            self._version = -1

    def _mind_the_gate(self, now: datetime, moment: float) -> None:
        if self._gatekeeper.look(self._connection, self._rules, now, moment, is_all_examined=self._is_all_examined):
            self._carriers.ring()

    def _tick(self, now: datetime) -> None:
        """Keep the time limits; what they changed is looked at next."""
        self._outbox.tick(now)
        self._version = -1

    def _has_changed(self, now: datetime) -> bool:
        """Whether anybody else has committed since the last look, or a message's time has come."""
        version = db.data_version(self._connection)
        if version == self._version and not (self._next_due and self._next_due <= now):
            return False
        self._version = version
        return True

    def _take_up(self, now: datetime, moment: float) -> None:
        """Examine new rows and make due what is, some at a time; the workers are called before anything is told.

        An import of 100,000 rows takes many rounds: between them come heartbeat, ticks and whatever is more urgent.
        """
        self._is_all_examined = not self._outbox.intake(now, EXAMINED_AT_ONCE) + self._outbox.ripen(now)
        if not self._is_all_examined:
            self._version = -1  # there may be more
        self._look_for_orders()
        if self._rules.has_ways:
            self._switchboard.know(ways.in_queue(self._connection))
        if self._outbox.has_work(now):
            self._carriers.ring()
        self._next_due = self._outbox.next_due(now)
        self._log_events(moment)

    def _log_events(self, moment: float) -> None:
        """What has changed, a message's state or a carrier's, whoever changed it; what is between at debug."""
        if moment < self._next_telling:
            return
        for line in self._news(moment):
            say = log.info if line.is_state else log.debug
            say(line.event, **line.words)

    def _news(self, moment: float) -> Iterator[Line]:
        """A few events at once; while there are very many, the sum of each second. What nobody hears is not read."""
        after, last = self._last_event, views.last_event(self._connection)
        has_all = log.is_enabled_for(logging.DEBUG)
        if last - after <= FEW_EVENTS:
            self._last_event = last
            return telling.lines(views.events_after(self._connection, after, FEW_EVENTS, has_all=has_all))
        until = self._last_event = min(last, after + EVENTS_AT_ONCE)
        if until == last:
            self._next_telling = moment + TELLING_S
        kinds = views.kinds_of_events(self._connection, after, until, has_all=has_all)
        return telling.summed(kinds, lambda kind: views.events_of_kind(self._connection, after, until, kind))

    def _look_for_orders(self) -> None:
        """Whether a person has paused, resumed or ordered something."""
        stamp = orders.stamp(self._connection)
        if stamp != self._orders:
            self._orders = stamp
            self._carriers.heed()


def _say(fault: Exception) -> None:
    """What is wrong with the database's file, disk or locks is one sentence; whatever else it is has its traceback."""
    if isinstance(fault, db.UnusableError):
        log.error("database_not_usable", reason=str(fault))
    else:
        log.exception("dispatcher_failed", fault=type(fault).__name__)
