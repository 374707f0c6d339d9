"""The daemon's carriers: those configured and those found; who comes and who goes.

Its watch is a thread of its own: ports that come wake the carriers that wait for one, and modems that nobody configured
are taken up, when there is no [[modem]] table or `take_up_new` says so.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from gateway.clock import utc_now
from gateway.daemon import taking_over
from gateway.daemon.crew import STOP_MARGIN_S, Crew
from gateway.daemon.hiring import Hiring
from gateway.daemon.hot_plug import HotPlug
from gateway.daemon.pin_book import PinBook
from gateway.daemon.roll_call import RollCall
from gateway.daemon.taking_up import TakingUp
from gateway.i18n import _
from gateway.life import Life
from gateway.modem import pool
from gateway.modem.readiness import Identity
from gateway.queue import db, lines
from gateway.queue.rules import IntakeRules
from gateway.settings import Settings
from gateway.settings.rules import intake_rules
from gateway.worker.gate import Gate
from gateway.worker.loop import Worker
from gateway.worker.switchboard import Switchboard

__all__ = ["STOP_MARGIN_S", "Fleet", "PinBook"]

LOOK_S = 0.5  # between two looks at the ports
LONGEST_LOOK_S = 600.0  # dozens of ports at which modems are looked for, some of them slow to answer
DISCOVER_S = 10.0  # with no modem at all, say so this often

OUT = frozenset({Life.RECOVERING, Life.NEEDS_PIN, Life.FAILED, Life.STOPPED})  # a modem's own states, unless it serves

log = structlog.get_logger("gateway.fleet")


class Fleet:
    """The set of workers. All but `start` and `stop` may be called by any thread.

    `on_names` is told, by the watch's thread, the names of all carriers when one is found that nobody configured.
    """

    def __init__(
        self,
        settings: Settings,
        database: Path,
        rules: IntakeRules,
        *,
        on_names: Callable[[frozenset[str]], None],
        gate: Gate | None = None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self._settings = settings
        self._database = database
        self._on_names = on_names
        self._stopping = threading.Event()
        self._applying = threading.Lock()
        self._hiring = Hiring(database, rules, gate, switchboard)
        self._crew = Crew(self._hiring.worker)
        self._binds = Crew(self._hiring.bind)
        self._taking_up = TakingUp(database, self._crew)
        self._hot_plug = HotPlug(pool.POOL.dev)
        self._told: frozenset[str] = frozenset()  # the names that `on_names` knows
        self._roll_call = RollCall(self._crew, self._binds)
        self._empty_since = self._moved_at = time.monotonic()
        self._watch = threading.Thread(target=self._look_around, name="fleet", daemon=True)

    @property
    def moved_at(self) -> float:
        """When its watch last looked around, by the monotonic clock."""
        return self._moved_at

    @property
    def longest_turn_s(self) -> float:
        return LONGEST_LOOK_S

    @property
    def workers(self) -> Sequence[Worker]:
        modems, binds = self._crew.members, self._binds.members
        return [*(member.worker for member in modems), *(member.worker for member in binds)]

    @property
    def everybody(self) -> Sequence[Worker]:
        """Also those that end what they have in the air."""
        modems, binds = self._crew.everybody, self._binds.everybody
        return [*(member.worker for member in modems), *(member.worker for member in binds)]

    @property
    def names(self) -> frozenset[str]:
        """What `sender` may pin a message to: also a found modem that is unplugged just now."""
        modems = self._crew.names | (self._taking_up.names if self._takes_up else frozenset())
        return modems | self._binds.names

    @property
    def longest_s(self) -> float:
        """The longest that an SMS may be in the air."""
        return max(self._crew.longest_s, self._binds.longest_s)

    def start(self) -> None:
        self._recall()
        pool.POOL.roster.reserve(self._settings.modems)
        for modem in self._settings.modems:
            self._crew.start(modem)
        for bind in self._settings.smpp:
            self._binds.start(bind)
        self._watch.start()

    def stop(self) -> bool:
        """No SMS begins any more, those in the air finish; whether all ended in time."""
        self._stopping.set()
        self._watch.join(STOP_MARGIN_S)
        for worker in self.workers:
            worker.stop()  # all together, so that their waits are one
        return all([self._crew.stop(), self._binds.stop()])

    def ring(self) -> None:
        """There may be something to send."""
        for worker in self.workers:
            worker.wake()

    def heed(self) -> None:
        """A person has paused, resumed or ordered something."""
        for worker in self.workers:
            worker.heed()

    def able(self) -> frozenset[str]:
        """The carriers that can send now."""
        return frozenset(worker.carrier.name for worker in self.workers if worker.is_able)

    def in_service(self) -> bool:
        """Whether any can send, or could and waits for a limit or the end of quiet hours."""
        return any(worker.is_in_service for worker in self.workers)

    def note_hung(self, names: frozenset[str]) -> None:
        """The carriers whose threads do not move are out of service; what waits for their turn goes elsewhere."""
        for worker in self.everybody:
            worker.is_hung = worker.carrier.name in names

    # The configuration.

    @property
    def _takes_up(self) -> bool:
        return not self._settings.modems or self._settings.gateway.take_up_new

    def apply(self, settings: Settings) -> list[str]:
        """Go by this configuration from now on; the keys that count only from the next start on: none."""
        with self._applying:
            is_all_new = self._hiring.apply(intake_rules(settings))
            self._settings = settings
            taking_over.modems(self._crew, settings, takes_up=self._takes_up, is_all_new=is_all_new)
            taking_over.binds(self._binds, settings, is_all_new=is_all_new)
            self._reserve()
        return []

    def _reserve(self) -> None:
        found = [member.settings for member in self._crew.members if member.is_found]
        pool.POOL.roster.reserve([*self._settings.modems, *found])

    # What the dispatcher writes down.

    def has_changed(self) -> bool:
        """Whether a carrier is in another state than the one last written down."""
        return self._roll_call.has_changed()

    def beat(self, connection: sqlite3.Connection, now: datetime) -> bool:
        """Write down that the daemon lives, how each carrier is, and where its SIM; whether a state is another."""
        return self._roll_call.beat(connection, ZoneInfo(self._settings.gateway.timezone), now)

    # The watch's thread.

    def _recall(self) -> None:
        """Which SIM each carrier had last, and the found modems that are to be expected."""
        with closing(db.open_database(self._database)) as connection:
            for each in lines.known(connection):
                identity = Identity("", "", each.imei, each.imsi, each.iccid)
                pool.POOL.roster.know(identity)
                if each.carrier:
                    pool.POOL.roster.remember(each.carrier, identity, each.port or "")
            self._taking_up.recall(lines.names(connection))

    def _look_around(self) -> None:
        self._go_on(self._expect)
        while not self._stopping.is_set():
            self._moved_at = time.monotonic()
            self._go_on(self._look)
            self._stopping.wait(LOOK_S)

    def _go_on(self, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as fault:  # this loop must survive whatever stands behind a port, and a locked or full disk
            log.exception("look_failed", fault=type(fault).__name__)

    def _expect(self) -> None:
        with self._applying:
            if self._takes_up:
                self._taking_up.expect(self._given, utc_now())
                self._note_names()

    def _look(self) -> None:
        came = self._hot_plug.came([member.settings.port for member in self._crew.members if member.settings.port])
        if came:
            self._taking_up.hurry()
        with self._applying:
            has_gone = any([self._crew.tick(), self._binds.tick()])
            if self._takes_up:
                self._taking_up.look(self._given, utc_now())
                self._note_names()
        if came or has_gone:
            self._call(came)
        self._say_if_empty()

    def _call(self, came: Sequence[str]) -> None:
        """Who waits for a modem looks again at once; one that hangs goes on with its remedies, unless it is its own."""
        for worker in self.workers:
            own = worker.carrier.status()
            if own.state == Life.ABSENT or (own.state in OUT and pool.POOL.is_of(own.port, came)):
                worker.retry()

    @property
    def _given(self) -> frozenset[str]:
        """The names that the configuration gives."""
        modems, binds = self._settings.modems, self._settings.smpp
        return frozenset([*(modem.name for modem in modems), *(bind.name for bind in binds)])

    def _note_names(self) -> None:
        """What is found is nobody else's, and from now on only one of these may be a message's `sender`."""
        self._reserve()
        if self._crew.names and self.names != self._told:
            self._told = self.names
            self._on_names(self._told)

    def _say_if_empty(self) -> None:
        moment = time.monotonic()
        if self._crew.names or self._binds.names:
            self._empty_since = moment
        elif moment - self._empty_since > DISCOVER_S:
            self._empty_since = moment
            log.warning("no_modem", advice=_("No modem was found. Plug one in; `smsgw doctor` says what is seen."))
