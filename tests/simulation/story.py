"""One seed's story: how many modems, what weather, what habits; told from the first day to the calm at the end."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from gateway.plan.limits import Plan
from gateway.queue import db
from gateway.queue.rules import IntakeRules, SafetyRules
from gateway.settings import SmppSettings
from tests.simulation.bind import Bind
from tests.simulation.chaos import Chaos
from tests.simulation.clinic import Clinic, phones
from tests.simulation.gateway import Gateway, Plans, looking_seldom
from tests.simulation.modem import Faults, Modem
from tests.simulation.network import DAY_S, Network, Sim, Weather
from tests.simulation.patients import Patients
from tests.simulation.plans import categories_of, habits_of, narrowed, plan_of
from tests.simulation.smsc import Smsc
from tests.simulation.smsc_mishaps import BindFaults
from tests.simulation.world import World

CALM_DAYS = 7  # longer than any message waits
FEW_PATIENTS = 0.3  # share of the worlds in which everything goes to six of them: what is theirs is easily confused
UNFINISHED = "SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending', 'uncertain')"
FOLDER = Path("/dev/shm")  # memory: the disk has no part in it
STARTS = (
    ("Europe/Berlin", datetime(2026, 10, 22, 5, 0, tzinfo=UTC)),  # the clock goes back on the 25th
    ("Europe/Berlin", datetime(2027, 3, 25, 5, 0, tzinfo=UTC)),  # and forward on the 28th
    ("Europe/Moscow", datetime(2026, 11, 22, 4, 0, tzinfo=UTC)),
    ("Asia/Vladivostok", datetime(2026, 12, 28, 22, 0, tzinfo=UTC)),  # another month, another year
)


@dataclass
class Story:
    """Everything of one seed."""

    seed: int
    days: int
    world: World
    zone: ZoneInfo
    rules: IntakeRules
    plans: Plans
    network: Network
    modems: list[Modem]
    binds: list[Bind]
    gateway: Gateway
    clinic: Clinic
    patients: Patients
    chaos: Chaos
    folder: Path

    def tell(self) -> None:
        """From the first day to the last."""
        self.clinic.plan(self.days)
        self.chaos.plan(self.days)
        smscs = [bind.smsc for bind in self.binds]
        self.patients.plan(self.days, self.modems, smscs)
        rush_at = [self.clinic.rush_at(day) for day in range(self.days)]
        self.patients.plan_wishes(self.days, self.modems, smscs, rush_at)
        with self.world.times_databases():
            self.gateway.start()
            self.world.run_until(self.days * DAY_S)
            self.chaos.calm()
            self._settle()
            self.gateway.stop()

    def _settle(self) -> None:
        """Until every message has its end and the network nothing more to tell, or should have."""
        for _day in range(CALM_DAYS):
            self.world.run_until(self.world.moment + DAY_S)
            if self.gateway.is_running and not self.world.has_plans and not self._has_unfinished():
                break

    def _has_unfinished(self) -> bool:
        return bool(self.clinic.connection.execute(UNFINISHED).fetchone()[0])


@dataclass
class Ending:
    """What came of one seed."""

    seed: int
    broken: list[str]
    messages: int
    sms: int
    kills: int
    days: float
    wall_s: float
    states: dict[str, int] = field(default_factory=dict)
    explained: list[str] = field(default_factory=list)  # of the messages in `broken`
    process: int = 0
    size_kib: int = 0


def tell(seed: int, days: int, *, is_traced: bool = False) -> Ending:
    """One seed's story, and what did not hold in it."""
    from tests.simulation import invariants, telling

    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="smsgw-", dir=FOLDER if FOLDER.is_dir() else None))
    try:
        story = begin(seed, days, folder, is_traced=is_traced)
        with looking_seldom():
            story.tell()
        with closing(db.open_database(story.gateway.database)) as connection:
            found = invariants.broken(story, connection)
            about = telling.messages_in(found)
            explained = [line for message in about for line in telling.tell(connection, story.network, message)]
            states = dict(connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall())
        story.clinic.close()
    finally:
        shutil.rmtree(folder)
    return Ending(
        seed=seed,
        broken=found,
        messages=len(story.clinic.asked),
        sms=len(story.network.tries),
        kills=story.chaos.kills,
        days=story.world.moment / DAY_S,
        wall_s=time.monotonic() - began,
        states=states,
        explained=explained,
    )


def begin(seed: int, days: int, folder: Path, *, is_traced: bool = False) -> Story:
    """Everything made and planned by the seed."""
    chance = Random(f"story {seed}")
    zone_name, start = chance.choice(STARTS)
    world = World(seed, start, is_traced=is_traced)
    zone = ZoneInfo(zone_name)
    strength = chance.choice((0.0, 0.3, 1.0, 1.0, 2.0))
    network = Network(world, _weather(chance, strength))
    network.phones = phones(chance, 40, days)
    if Random(f"phones {seed}").random() < FEW_PATIENTS:
        network.phones = dict(list(network.phones.items())[:6])
    modems = [_modem(chance, index, strength) for index in range(chance.randrange(1, 5))]
    network.has_brought = partial(_wake, modems)  # type: ignore[method-assign]
    plans = Plans(zone, {modem.name: plan_of(chance) for modem in modems})
    for name, plan in plans.by_name.items():
        plans.by_name[name] = narrowed(plan, Random(f"people {seed} {name}"))
    binds = _binds(world, network, strength)
    plans.by_name |= {bind.name: Plan() for bind in binds}
    rules = IntakeRules(
        country="RU",
        timezone=zone_name,
        carriers=tuple(plans.by_name),
        categories=categories_of(Random(f"consent {seed}")),
        safety=SafetyRules(backlog_limit=Random(f"safety {seed}").choice((1, 2, 3, 5, 50))),
        prefixes={modems[-1].name: ("+790000000",)} if chance.random() < 0.3 else {},
    )
    database = folder / "gateway.db"
    db.create_or_upgrade(database)
    gateway = Gateway(world, database, rules, network, modems, plans, binds)
    clinic = Clinic(world, database, rules, network, zone, habits_of(chance))
    patients = Patients(world, network, clinic.chance, clinic.text)
    chaos = Chaos(world, gateway, clinic, modems, strength, [bind.smsc for bind in binds])
    return Story(
        seed, days, world, zone, rules, plans, network, modems, binds, gateway, clinic, patients, chaos, folder
    )


def _wake(modems: list[Modem], sim: Sim) -> None:
    for modem in modems:
        if modem.sim is sim and modem.carrier:
            modem.carrier.wake()


def _weather(chance: Random, strength: float) -> Weather:
    return Weather(**{name: chance.choice((0.0, 0.02, 0.1)) * strength for name in vars(Weather())})


def _modem(chance: Random, index: int, strength: float) -> Modem:
    sim = Sim(f"897019900000000{index:04d}", f"+7900001{index:04d}", chance.randrange(256))
    shares = {name: chance.choice((0.0, 0.0, 0.01, 0.04)) * strength for name in vars(Faults())}
    radio = chance.choice(((0.2, 1.0), (2.0, 6.0), (1.0, 35.0)))
    return Modem(
        f"sim-{index + 1}",
        sim,
        Faults(**shares),
        radio,
        tells_references=chance.random() < 0.9,
        loses_reports=chance.random() < 0.3,
        forgets_references=chance.random() < 0.3,
    )


def _binds(world: World, network: Network, strength: float) -> list[Bind]:
    """None in every other story; a chance of its own, so that the others stay as they were told."""
    chance = Random(f"binds {world.seed}")
    found = []
    for index in range(chance.choice((0, 0, 1, 1, 2))):
        settings = SmppSettings(
            name=f"bind-{index + 1}",
            host=f"smsc-{index + 1}",
            system_id="clinic",
            source="Clinic",
            bind=chance.choice(("transceiver", "pair")),
            window=chance.choice((1, 3, 10)),
            max_per_second=chance.choice((1, 10, 100)),
            enquire_every=chance.choice((600.0, 3600.0)),
            long_messages=chance.choice(("udh", "sar")),
        )
        shares = {name: chance.choice((0.0, 0.0, 0.01, 0.04)) * strength for name in vars(BindFaults())}
        ids = chance.choice((("decimal", "decimal"), ("hex", "decimal"), ("decimal", "HEX"), ("uuid", "uuid")))
        line = f"smpp:clinic@smsc-{index + 1}:2775"
        most_per_second = Random(f"throttled {world.seed} {index}").choice((None, None, 1, 3))
        found.append(Bind(settings, Smsc(world, network, line, BindFaults(**shares), ids, most_per_second)))
    return found
