"""What the dispatcher does in its turns: look for what changed or became due, examine it, beat, keep time limits, tell.

Each in its own rhythm, so that a heap of one kind of work holds up no other.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog

from gateway.daemon import telling
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.daemon.pace import Pace
from gateway.daemon.telling import Line
from gateway.queue import backlog, behind, db, orders, times, views, ways
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.queue.rerouting import Rerouting
from gateway.worker.switchboard import Switchboard

EXAMINED_AT_ONCE = 100  # rows in one round, some 7 ms; then the workers have the processor for WATCH_S
TICK_S = 1.0  # between two rounds of time limits: expiry, uncertain, incomplete
LOOK_S = 0.1  # between two looks at how the carriers are
BEAT_S = 2.0  # between two heartbeats; one that tells of a change comes at once
EARLY_BEATS = 8  # of these in a row: a state that flickers is told at the pace of the others
FEW_EVENTS = 100  # so many are told at once, one by one where they differ;
TELLING_S = 1.0  # more than that are summed up over this time: some thousand come in a second over a fast link
EVENTS_AT_ONCE = 5000  # summed up in one turn, some milliseconds

log = structlog.get_logger("gateway.dispatcher")


@dataclass(frozen=True)
class Carriers:
    """What the dispatcher asks and tells the set of workers; as it stands it is that of a gateway without any."""

    ring: Callable[[], None] = lambda: None  # something is due
    has_changed: Callable[[], bool] = lambda: False  # a carrier is in another state than the one last written down
    able: Callable[[], frozenset[str]] = frozenset  # those that may send now
    in_service: Callable[[], object] = lambda: False  # whether any is, or waits for a limit or quiet hours' end
    heed: Callable[[], None] = lambda: None  # a person has paused, resumed or ordered something
    beat: Callable[[sqlite3.Connection, datetime], None] = lambda _connection, _now: None  # write that all live
    beaten: Callable[[sqlite3.Connection, datetime], None] = lambda _connection, _now: None  # a beat is on disk


class Watch:
    """What one connection has seen of the outbox, and when each thing is to be done next."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        rules: IntakeRules,
        gatekeeper: Gatekeeper,
        carriers: Carriers,
        switchboard: Switchboard,
    ) -> None:
        self._connection = connection
        self._rules = rules
        self._outbox = Outbox(connection, rules)
        self._gatekeeper = gatekeeper
        self._carriers = carriers
        self._switchboard = switchboard
        self._rerouting = Rerouting(rules)
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
            self._carriers.beat(self._connection, now)
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
