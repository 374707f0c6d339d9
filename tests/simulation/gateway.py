"""Runs of the gateway, one after the other, over one database: started, stopped in good order, or killed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from gateway.clock import Time
from gateway.daemon import dispatcher, rounds
from gateway.daemon.dispatcher import Dispatcher
from gateway.daemon.rounds import Carriers
from gateway.plan.limits import Plan
from gateway.queue import db, heartbeat, lives
from gateway.queue.outbox import Outbox
from gateway.queue.rules import IntakeRules
from gateway.settings.modem import BALANCE_PATTERN
from gateway.worker import stream, traffic
from gateway.worker.gate import Gate
from gateway.worker.leave import Leave
from gateway.worker.loop import Worker
from gateway.worker.purse import Asking
from gateway.worker.sharing import Sharing
from tests.simulation.baton import Actor
from tests.simulation.bind import Bind, SimBind
from tests.simulation.carrier import SimCarrier
from tests.simulation.link import ARRIVE_S
from tests.simulation.modem import Modem
from tests.simulation.network import Network
from tests.simulation.world import World

PID = 4711
ASKING = Asking("*100#", BALANCE_PATTERN, 86_400.0)
QUIET_LOOK_S = 1500.0  # between two turns of a dispatcher for whom nothing is due and nothing has changed
LOOK_S = 1.1 * rounds.LOOK_S  # to the dispatcher's next look at how the carriers are
# A worker that is idle or held back looks again by itself: seldom here, so that weeks take seconds. What wakes it wakes
# it at once all the same.
IDLE_WAIT_S, HELD_BACK_WAIT_S = 3600.0, 300.0


@contextmanager
def looking_seldom() -> Iterator[None]:
    """Idle workers look again by themselves as seldom as said above, for as long as this lasts."""
    as_it_is = traffic.IDLE_WAIT_S, traffic.HELD_BACK_WAIT_S
    _look_after(IDLE_WAIT_S, HELD_BACK_WAIT_S)
    try:
        yield
    finally:
        _look_after(*as_it_is)


def _look_after(idle_s: float, held_back_s: float) -> None:
    for module in (traffic, stream):
        module.IDLE_WAIT_S, module.HELD_BACK_WAIT_S = idle_s, held_back_s  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Outage:
    """No carrier was in service, or no gateway ran, for as long as the rules call an outage."""

    ended: float  # moment
    wall: datetime  # the gateway's clock then


class News:
    """As an event: set while another set of carriers is in service than the one that the dispatcher has seen."""

    def __init__(self, seen: Callable[[], frozenset[str]], true: Callable[[], frozenset[str]]) -> None:
        self._seen, self._true = seen, true

    def is_set(self) -> bool:
        return self._seen() != self._true()


@dataclass
class Plans:
    """What each carrier may spend, by name."""

    timezone: ZoneInfo
    by_name: dict[str, Plan]


class Gateway:
    """The daemon's parts put together as daemon/main.py does it, with simulated carriers and time."""

    def __init__(
        self,
        world: World,
        database: Path,
        rules: IntakeRules,
        network: Network,
        modems: Sequence[Modem],
        plans: Plans,
        binds: Sequence[Bind] = (),
    ) -> None:
        self.world = world
        self.database = database
        self.rules = rules
        self.plans = plans
        self.is_running = False
        self.runs = 0
        self._network = network
        self._modems, self._binds = modems, binds
        self._actors: list[Actor] = []
        self._workers: list[Worker] = []
        self._dispatcher: Dispatcher | None = None
        self._shown: list[str] = []
        self.outages: list[Outage] = []
        self._able_moment = 0.0
        self._able_at: list[tuple[float, frozenset[str]]] = []  # when the dispatcher asked, and who was able
        self._ran: list[tuple[float, float]] = []
        self._began = 0.0
        self._seen_in_service: frozenset[str] = frozenset()
        self._news = News(lambda: self._seen_in_service, lambda: self._serving)

    def start(self) -> None:
        """As the daemon begins: what the last run left is settled before any carrier opens."""
        self.runs += 1
        self.is_running, self._began = True, self.world.moment
        self._seen_in_service = frozenset()
        with closing(db.open_database(self.database)) as connection:
            recovery = Outbox(connection, self.rules).recover(self.world.now())
            heartbeat.start(connection, PID, self.world.now())
        self.world.say("start", found=recovery)
        gate, sharing = Gate(), Sharing()
        for bind in self._binds:
            bind.smsc.run = self.runs
        carriers = [SimCarrier(modem, self._network, self.world) for modem in self._modems]
        binds = [SimBind(bind, self.world) for bind in self._binds]
        self._workers = [self._worker(carrier, gate, sharing) for carrier in (*carriers, *binds)]
        self._dispatcher = self._make_dispatcher(gate)
        self._actors = [self.world.baton.spawn("dispatcher", self._watch)]
        self._actors += [self.world.baton.spawn(worker.carrier.name, worker.run) for worker in self._workers]

    def stop(self) -> None:
        """No SMS begins any more, those in the air finish. Meanwhile the power may fail, or it is stopped once more."""
        self._look()
        run, dispatcher, (watching, *working) = self.runs, self._dispatcher, self._actors
        assert dispatcher is not None
        for worker in self._workers:
            worker.stop()
        self._await(working)
        dispatcher._stopping.set()
        self._await([watching])
        if self.is_running and self.runs == run:
            self._end("stop")

    def _await(self, actors: Sequence[Actor]) -> None:
        """Killed ones are done too."""
        while not all(actor.is_done for actor in actors):
            self.world.run_until(self.world.moment + 1.0)

    def kill(self) -> None:
        """The power fails: what is on disk at this moment is what the next start finds."""
        self._look()
        on_disk = {suffix: _bytes_of(self.database, suffix) for suffix in ("", "-wal")}
        self.world.baton.kill(self._actors)
        for bind in self._binds:
            self.world.after(ARRIVE_S, bind.smsc.hang_up)  # what had left still arrives
        for suffix in ("-wal", "-shm"):
            _file(self.database, suffix).unlink(missing_ok=True)
        for suffix, content in on_disk.items():
            _file(self.database, suffix).write_bytes(content)
        self._end("kill")

    @property
    def states(self) -> list[str]:
        return [worker.state for worker in self._workers]

    def _end(self, how: str) -> None:
        self.world.say(how)
        self.is_running = False
        self._ran.append((self._began, self.world.moment))
        for actor in self._actors:
            if actor.fault:
                raise actor.fault
        self._actors, self._workers, self._dispatcher = [], [], None

    def _worker(self, carrier: SimCarrier | SimBind, gate: Gate, sharing: Sharing) -> Worker:
        plan = self.plans.by_name[carrier.name]
        leave = Leave(plan, self.plans.timezone, random=Random(f"{carrier.name} {self.runs}"))
        return Worker(
            carrier,
            self.database,
            self.rules,
            leave=leave,
            gate=gate,
            sharing=sharing,
            asking=ASKING if isinstance(carrier, SimCarrier) else None,
            timezone=self.plans.timezone,
            time=self.world.time(),
        )

    def _make_dispatcher(self, gate: Gate) -> Dispatcher:
        carriers = Carriers(
            ring=lambda: [worker.wake() for worker in self._workers] and None,
            has_changed=lambda: self.states != self._shown,
            able=self._able,
            in_service=self._in_service,
            heed=lambda: [worker.heed() for worker in self._workers] and None,
            beat=self._beat,
        )
        time = Time(self.world.now, lambda: self.world.moment, self._wait_for_work)
        return Dispatcher(self.database, self.rules, carriers, gate=gate, time=time)

    @property
    def _serving(self) -> frozenset[str]:
        return frozenset(worker.carrier.name for worker in self._workers if worker.is_in_service)

    def _in_service(self) -> frozenset[str]:
        found = self._seen_in_service
        if found:
            if self.world.moment - self._able_moment >= self.rules.safety.outage_s:
                self.outages.append(Outage(self.world.moment, self.world.now()))
            self._able_moment = self.world.moment
        return found

    def _able(self) -> frozenset[str]:
        found = frozenset(worker.carrier.name for worker in self._workers if worker.is_able)
        self._able_at.append((self.world.moment, found))
        return found

    def was_able(self, carrier: str, since: float, until: float) -> bool:
        """Whether the dispatcher found it able to send whenever it looked between these moments."""
        return all(carrier in able for moment, able in self._able_at if since <= moment <= until)

    def has_run_since(self, since: float, until: float) -> bool:
        """Whether it ran all the time."""
        return bool(self._ran) and any(start <= since and end >= until for start, end in self._ran)

    def _beat(self, connection: sqlite3.Connection, now: datetime) -> None:
        heartbeat.beat(connection, PID, now)
        if self.states != self._shown:
            self._shown = self.states
            for worker in self._workers:
                lives.report(connection, worker.carrier.name, worker.carrier.kind, worker.status(), 0, None, now)

    # The dispatcher's thread: it looks a hundred times a second; here only when something has changed or is due. After
    # a long wait it first sees what it would have seen a moment ago, when everything was still as before.

    def _watch(self) -> None:
        assert self._dispatcher is not None
        with closing(db.open_database(self.database)) as self._peek:
            self._seen = -1
            self._dispatcher.run()

    def _wait_for_work(self, stopping: threading.Event, wait_s: float) -> bool:
        version = db.data_version(self._peek)
        is_quiet = version == self._seen and not self.world.touched.is_set()
        self._seen = version
        if wait_s == dispatcher.WATCH_S and self._news.is_set():
            self._wait_for(stopping, LOOK_S)
            self._seen_in_service = self._serving
        elif wait_s == dispatcher.WATCH_S and is_quiet:
            self._wait_for(stopping, max(wait_s, self._idle_s()))
        else:
            self._wait_for(stopping, wait_s)
        self.world.touched.clear()
        return stopping.is_set()

    def _wait_for(self, stopping: threading.Event, wait_s: float) -> None:
        called = (stopping, self.world.touched, self._news) if wait_s > 1.0 else (stopping,)
        self.world.baton.wait_any(called, wait_s)

    def _idle_s(self) -> float:
        """Until something is due, or the gate is to be closed."""
        due = Outbox(self._peek, self.rules).next_due(self.world.now())
        due_s = (due - self.world.now()).total_seconds() if due else QUIET_LOOK_S
        outage_s = self._able_moment + self.rules.safety.outage_s - self.world.moment
        return min(due_s, QUIET_LOOK_S, outage_s if outage_s > 0 and not self._seen_in_service else QUIET_LOOK_S)

    def _look(self) -> None:
        """Let the dispatcher have the turns that it would have had by now: it beats every two seconds."""
        self.world.touched.set()
        self.world.baton.sleep(2 * LOOK_S)


def _file(database: Path, suffix: str) -> Path:
    return database.with_name(database.name + suffix)


def _bytes_of(database: Path, suffix: str) -> bytes:
    file = _file(database, suffix)
    return file.read_bytes() if file.exists() else b""
