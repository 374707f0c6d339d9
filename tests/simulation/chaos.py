"""What goes wrong, and when: power, clocks, sticks, networks, operators. All of it planned from the seed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from gateway.carrier import Remedy
from tests.simulation.clinic import Clinic
from tests.simulation.gateway import Gateway
from tests.simulation.modem import Faults, Modem
from tests.simulation.network import DAY_S, Item
from tests.simulation.smsc import Smsc
from tests.simulation.smsc_mishaps import BindFaults
from tests.simulation.world import World

HOUR_S = 3600.0
SMSC_OUTAGES_A_DAY = 0.7
STRIKES_AT_REPORTS, STRIKES_AT_TEXTS = 0.003, 0.05  # power cuts, as shares of what comes in
BAD_CLOCKS = 0.2  # share of the worlds
UPDATES, IN_RUSH_S = 0.25, (10.0, 240.0)  # share of the worlds; after the reminders
CURES = (Remedy.RESYNC, Remedy.REINIT, Remedy.RADIO, Remedy.REOPEN, Remedy.RESET, Remedy.REPLUG)
OUTAGES_A_DAY = {"kill": 0.4, "stop": 0.2, "unplug": 0.5, "hang": 0.5, "no_network": 0.4, "block": 0.15, "swap": 0.05,
                 "all_away": 0.1, "clock": 0.15}  # fmt: skip


class Chaos:
    """Plans everything at the start; `calm` ends it."""

    def __init__(
        self,
        world: World,
        gateway: Gateway,
        clinic: Clinic,
        modems: list[Modem],
        strength: float,
        smscs: Sequence[Smsc] = (),
    ) -> None:
        self.world = world
        self.gateway = gateway
        self.clinic = clinic
        self.modems = modems
        self.smscs = smscs
        self.kills = 0
        self.clock_set: list[tuple[float, datetime]] = []  # when, and what it said then
        self.swapped_at: dict[str, list[float]] = defaultdict(list)  # by stick: when it got another SIM
        self._is_calm = False
        self._chance = Random(world.chance.random())
        self._strength = strength
        clinic.network.brings = self._strike  # type: ignore[method-assign]
        self._strikes = Random(f"strikes {world.seed}")
        world.on_power_failure = self._power_fails  # type: ignore[method-assign]

    def plan(self, days: int) -> None:
        happenings: dict[str, Callable[[], None]] = {
            "kill": self._kill, "stop": self._restart, "unplug": self._unplug, "hang": self._hang,
            "no_network": self._lose_network, "block": self._block, "swap": self._swap, "all_away": self._take_all_away,
            "clock": self._move_clock,
        }  # fmt: skip
        for name, a_day in OUTAGES_A_DAY.items():
            for _ in range(days):
                if self._chance.random() < a_day * self._strength:
                    self._at_some_time(days, happenings[name])
        if Random(f"clock {self.world.seed}").random() < BAD_CLOCKS:
            for day in range(days):
                self._spoil_clock(day)
        updates = Random(f"updates {self.world.seed}")
        for day in range(days) if updates.random() < UPDATES else ():
            for _ in range(updates.randrange(1, 4)):
                self._update_at(self.clinic.rush_at(day) + updates.uniform(*IN_RUSH_S))
        for smsc in self.smscs:
            for _ in range(days):
                if self._chance.random() < SMSC_OUTAGES_A_DAY * self._strength:
                    self._at_some_time(days, partial(self._go_away, smsc))

    def calm(self) -> None:
        """From now on everything works."""
        self._is_calm = True
        self.world.calls_to_kill = None
        for modem in self.modems:
            modem.faults, modem.has_network, modem.cure, modem.sim.is_blocked = Faults(), True, None, False
            modem.plug_in()
        for smsc in self.smscs:
            smsc.faults, smsc.most_per_second = BindFaults(), None
            smsc.come_back()
        self.clinic.network.weather = type(self.clinic.network.weather)()
        if not self.gateway.is_running:
            self.gateway.start()

    # The gateway's machine.

    def _kill(self) -> None:
        """At once, or in the midst of some work that is still to come."""
        if self._chance.random() < 0.6:
            self.world.calls_to_kill = self._chance.randrange(1, 60)
        else:
            self._power_fails()

    def _strike(self, item: Item) -> None:
        """The power fails in the midst of taking in a report or what a patient wrote."""
        share = (STRIKES_AT_REPORTS if item.about else STRIKES_AT_TEXTS) * self._strength
        if not self._is_calm and self._strikes.random() < share:
            self.world.calls_to_kill = self._strikes.randrange(1, 8)

    def _power_fails(self) -> None:
        if not self.gateway.is_running or self._is_calm:
            return
        self.kills += 1
        self.world.calls_to_kill = None
        self.clinic.close()
        self.gateway.kill()
        self._start_after(self._chance.choice((1.0, 20.0, 600.0, 2 * HOUR_S)))

    def _restart(self) -> None:
        if self.gateway.is_running:
            self.gateway.stop()
            self._start_after(self._chance.choice((1.0, 60.0, HOUR_S)))

    def _update_at(self, moment: float) -> None:
        """Somebody stops it, and starts it again at once, while SMS go out."""
        self.world.at(moment, partial(self._unless_calm, self._restart_at_once))

    def _restart_at_once(self) -> None:
        if self.gateway.is_running:
            self.gateway.stop()
            self._start_after(1.0)

    def _start_after(self, wait_s: float) -> None:
        self.world.after(wait_s, self._start)

    def _start(self) -> None:
        if not self.gateway.is_running:
            self.gateway.start()

    def _move_clock(self, within_s: float = DAY_S) -> None:
        """A wrong battery, and later the right time again."""
        jump = timedelta(seconds=self._chance.choice((-1, 1)) * self._chance.choice((2.0, 90.0, HOUR_S, 7 * HOUR_S)))
        self.world.say("clock", jump=jump)
        self._set_clock(jump)
        self.world.after(self._chance.uniform(within_s / 20, within_s), self._right_clock)

    def _spoil_clock(self, day: int) -> None:
        """In the rush of the morning, when limits hold; a machine whose clock is no good does it each day."""
        rush_s = self.clinic.rush_at(day)
        for _ in range(self._chance.randrange(1, 4)):
            within_s = self._chance.choice((120.0, HOUR_S))
            at = self.world.moment + rush_s + self._chance.uniform(0.0, 2 * HOUR_S)
            self.world.at(at, partial(self._unless_calm, partial(self._move_clock, within_s)))

    def _right_clock(self) -> None:
        self.world.say("clock is right again")
        self._set_clock(timedelta())

    def _set_clock(self, offset: timedelta) -> None:
        self.world.clock_offset = offset
        self.clock_set.append((self.world.moment, self.world.now()))
        self.world.touched.set()

    # The modems.

    def _unplug(self) -> None:
        modem = self._chance.choice(self.modems)
        self.world.say("unplug", modem=modem.name)
        modem.unplug()
        self._later(modem.plug_in)

    def _go_away(self, smsc: Smsc) -> None:
        """The operator restarts it, or its link is cut for hours."""
        self.world.say("SMSC away")
        smsc.go_away()
        self._later(smsc.come_back)

    def _take_all_away(self) -> None:
        for modem in self.modems:
            modem.unplug()
            self.world.after(self._chance.uniform(HOUR_S, 12 * HOUR_S), modem.plug_in)
        for smsc in self.smscs:
            smsc.go_away()
            self.world.after(self._chance.uniform(HOUR_S, 12 * HOUR_S), smsc.come_back)
        self.world.say("all away")

    def _hang(self) -> None:
        modem, cure = self._chance.choice(self.modems), self._chance.choice(CURES)
        self.world.say("hang", modem=modem.name, cure=cure)
        modem.hang(cure)

    def _lose_network(self) -> None:
        modem = self._chance.choice(self.modems)
        modem.has_network = False
        modem.fall_off()
        self._later(partial(setattr, modem, "has_network", True))

    def _block(self) -> None:
        sim = self._chance.choice(self.modems).sim
        self.world.say("block", sim=sim.iccid)
        sim.is_blocked = True
        self._later(partial(setattr, sim, "is_blocked", False))

    def _swap(self) -> None:
        """Two SIMs change their sticks."""
        if len(self.modems) < 2:
            return
        one, other = self._chance.sample(self.modems, 2)
        self.world.say("swap", one=one.name, other=other.name)
        one.unplug()
        other.unplug()
        self.world.after(60.0, partial(self._swapped, one, other))

    def _swapped(self, one: Modem, other: Modem) -> None:
        if one.carrier is None and other.carrier is None:
            one.sim, other.sim = other.sim, one.sim
            self.swapped_at[one.name].append(self.world.moment)
            self.swapped_at[other.name].append(self.world.moment)
        one.plug_in()
        other.plug_in()

    def _later(self, what: Callable[[], None]) -> None:
        self.world.after(self._chance.choice((5.0, 300.0, HOUR_S, 5 * HOUR_S)), what)

    def _at_some_time(self, days: int, what: Callable[[], None]) -> None:
        self.world.at(self._chance.uniform(0.0, days * DAY_S), partial(self._unless_calm, what))

    def _unless_calm(self, what: Callable[[], None]) -> None:
        if not self._is_calm:
            what()
