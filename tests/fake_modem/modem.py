"""One fake modem: its parts, its settings, its SIM, and the way of a command to its answer.

line.py has its bytes, commands.py and storage.py what commands answer, radio.py its submits, inbound.py what comes in,
power.py how it comes and goes, health.py how it hangs, registration.py its network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake_modem import commands, misbehaviour, radio
from tests.fake_modem.answers import Answer, error
from tests.fake_modem.faults import Faults
from tests.fake_modem.health import Health
from tests.fake_modem.inbound import InboundRouting
from tests.fake_modem.inotify import Inotify
from tests.fake_modem.journal import Journal
from tests.fake_modem.line import Line
from tests.fake_modem.loop import Loop, Timer
from tests.fake_modem.network import Inbound, Network
from tests.fake_modem.personality import Personality
from tests.fake_modem.port import Port
from tests.fake_modem.power import Power
from tests.fake_modem.radio import Submitted
from tests.fake_modem.registration import Registration
from tests.fake_modem.sideport import SidePort
from tests.fake_modem.sim import Sim, no_card
from tests.fake_modem.store import Store
from tests.fake_modem.usb import Place, UsbPlace
from tests.fake_modem.ussd import Ussd


@dataclass
class Settings:
    """What ATZ and a reset bring back to the beginning."""

    memories: list[str]
    cmgf: int
    cmee: int = 0
    csms: int = 0
    cmms: int = 0
    cnmi: list[int] = field(default_factory=lambda: [0, 0, 0, 0, 0])
    creg: dict[str, int] = field(default_factory=lambda: {"+CREG": 0, "+CGREG": 0, "+CEREG": 0})
    charset: str = "GSM"


@dataclass(frozen=True)
class Surroundings:
    """What all modems of a bank share."""

    loop: Loop
    network: Network
    journal: Journal
    submitted: list[Submitted]
    radio_s: float
    inotify: Inotify


class Modem:
    """Everything is called with the loop's lock held; tests hold a handle.Handle instead."""

    settings: Settings
    sim: Sim
    imei: str
    signal: int
    asked: Line
    registration: Registration

    def __init__(
        self, around: Surroundings, personality: Personality, name: str, imei: str, sim: Sim, place: Place | UsbPlace
    ) -> None:
        self.loop, self.network, self.journal = around.loop, around.network, around.journal
        self.submitted, self.radio_s = around.submitted, around.radio_s
        self.personality: Personality = personality
        self.name, self.imei = name, imei
        self.port = Port(self.loop, place.link, lambda octets: self.line.receive(octets))
        self.line = Line(
            self.loop,
            self.port,
            is_busy_deaf=personality.is_busy_deaf,
            on_command=self.command,
            on_pdu=lambda typed, announced: radio.submit(self, typed, announced),
            on_escape=self.escaped,
            on_turn=self.turn,
        )
        self.asked = self.line  # which line the present command came by
        self.sides = [SidePort(self, role, link) for role, link in place.sides(personality.interfaces)]
        self.faults, self.routing = Faults(), InboundRouting(self)
        self.power, self.health = Power(self, place), Health(self, around.inotify)
        self.registration, self.ussd = Registration(self), Ussd(self)
        self.commands_seen: list[str] = []
        self.commanded_at = 0.0  # when the last command came, monotonic
        self.signal, self.operator = 18, "Fake Net"
        self.clock_offset_s: float | None = 0.0  # of +CCLK; None: it has never been set
        self.busy_commands = self.sim_busy = 0  # so many commands are still refused as busy
        self.noise_every_s = personality.noise_every_s
        self._noise: Timer | None = None
        self.device_store = Store("ME", personality.device_slots, personality.first_index)
        self.report_store = Store("SR", personality.device_slots, personality.first_index)
        self.insert(sim)
        self.defaults()

    @property
    def ports_in_order(self) -> list[Port]:
        """By the interfaces' numbers."""
        sides = (side.port for side in self.sides)
        return [self.port if role == "at" else next(sides) for role in self.personality.interfaces]

    @property
    def lines(self) -> list[Line]:
        return [self.line, *(side.line for side in self.sides)]

    # -- beginnings and ends

    def lose_power(self) -> None:
        """Whatever it knew is gone; the network keeps what it had not handed over."""
        if self._noise is not None:
            self._noise.cancel()
        self.defaults()
        for line in self.lines:
            line.clear()
        self.routing.forget()
        self.registration.stop()
        self.ussd.cancel()
        self.sim.is_unlocked = False
        self.busy_commands, self.sim_busy = 0, self.personality.sim_busy

    def booted(self) -> None:
        for line in self.lines:
            line.is_deaf = False
        for text in self.personality.boot_lines:
            self.say(text)
        self.make_noise()
        self.registration.look()
        self.routing.go_on()

    def defaults(self) -> None:
        """ATZ: the settings of the profile, without a reboot."""
        taste = self.personality
        self.settings = Settings(memories=[taste.memory] * 3, cmgf=int(taste.starts_in_text_mode))
        for line in self.lines:
            line.echo = taste.echo

    def forget_settings(self) -> None:
        """As after a restart that nobody saw."""
        self.defaults()
        self.settings.cmgf = 1
        for line in self.lines:
            line.echo = True

    def clear_faults(self) -> None:
        self.faults.waiting.clear()
        self.health.recover()

    # -- SIM

    def insert(self, sim: Sim) -> None:
        """Another SIM card; it is taken out of the device that it was in."""
        if sim.holder not in (None, self):
            sim.holder.lose_sim()
        self.sim, self.smsc = sim, sim.smsc
        sim.is_present, sim.holder = True, self
        sim.store.capacity, sim.store.first_index = self.personality.sim_slots, self.personality.first_index

    def lose_sim(self) -> None:
        """Its card is now elsewhere."""
        self.routing.forget()
        self.sim.holder = None
        self.sim = no_card()
        self.power.begin_again()

    def change_sim(self, sim: Sim) -> None:
        self.routing.forget()
        if self.sim is not sim:
            self.sim.holder = None
        self.insert(sim)
        self.power.begin_again()

    def remove_sim(self) -> None:
        self.routing.forget()
        self.sim.is_present = False
        self.power.begin_again()

    def pull_sim(self) -> None:
        """While it runs; the device only says so."""
        self.routing.forget()
        self.sim.is_present = self.sim.is_unlocked = False
        self.say("+CPIN: NOT READY")
        self.registration.tell()

    def push_sim(self) -> None:
        """The same card again, while it runs."""
        self.sim.is_present = True
        self.say(f"+CPIN: {self.sim.state}")
        self.registration.look()
        self.routing.go_on()

    @property
    def has_network(self) -> bool:
        return self.registration.has_network

    @property
    def is_reachable(self) -> bool:
        """Whether the network can bring it an SMS."""
        return self.has_network and self.port.is_open and self.health.is_awake

    def store(self, memory: str) -> Store:
        return {"SM": self.sim.store, "SR": self.report_store}.get(memory, self.device_store)

    def take(self, inbound: Inbound) -> None:
        """The network has something for this SIM."""
        self.routing.add(inbound)

    # -- words

    def say(self, text: str) -> None:
        """An unsolicited line."""
        if not self.line.is_mute:
            self.line.write(self.framed(text))

    def framed(self, text: str) -> bytes:
        return f"{self.personality.line_start}{text}{self.personality.line_end}".encode("latin-1", "replace")

    def noise(self) -> str:
        lines = self.personality.noise
        return lines[self.network.chance.randrange(len(lines))]

    def make_noise(self) -> None:
        if self._noise is not None:
            self._noise.cancel()
        if self.noise_every_s is not None:
            self._noise = self.loop.after(self.noise_every_s, self._noisily)

    def _noisily(self) -> None:
        self.say(self.noise())
        self.make_noise()

    def escaped(self) -> None:
        if self.personality.escape_answer:
            self.asked.write(self.framed(self.personality.escape_answer))

    # -- commands

    def turn(self, line: Line) -> None:
        """What is answered from now on is answered on this line."""
        self.asked = line

    def command(self, text: str) -> None:
        if not text:
            return
        self.commands_seen.append(text)
        if text[:2].upper() != "AT" or (self.personality.is_case_strict and text != text.upper()):
            return  # a modem overhears what does not start with AT
        if self.health.swallows(text):
            return
        self.commanded_at = time.monotonic()
        fault = self.faults.take(text.upper())
        if fault is None:
            self.carry_out(text)
        else:
            self.journal.write("fault", modem=self.name, kind=fault.kind, command=commands.name_of(text))
            misbehaviour.command(self, fault, text)

    def carry_out(self, text: str) -> None:
        """Do it, after the time that this model thinks about such a command."""
        thinks_s = self.personality.answer_s.get(commands.name_of(text)) if self.personality.answer_s else None
        if thinks_s is None:
            self.finish(commands.answer(self, text))
        else:
            self.asked.busy_for(thinks_s, lambda: self.finish(commands.answer(self, text)))

    def finish(self, answer: Answer) -> None:
        self.asked.write(self.octets_of(answer))
        self.answered(answer)

    def fail(self, code: str) -> None:
        """Answer by an error: "CMS 500", "CME 515", "ERROR"."""
        self.finish(error(self, code))

    def answered(self, answer: Answer) -> None:
        """What follows once the answer is out."""
        then: Callable[[], None] | None = answer.then
        if then is not None:
            then()

    def octets_of(self, answer: Answer) -> bytes:
        """The answer as bytes; opening the prompt is part of saying `> `."""
        if answer.expects is not None:
            self.asked.open_prompt(answer.expects)
            return self.personality.prompt.encode()
        information = self.personality.line_end.join(answer.lines)
        return b"".join(self.framed(block) for block in (information, answer.final) if block)
