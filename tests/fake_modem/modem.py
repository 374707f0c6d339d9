"""One fake modem: power, settings and the way of a command to its answer.

line.py has its bytes, commands.py and storage.py what commands answer, radio.py its submits, inbound.py what comes in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_modem import commands, misbehaviour, radio
from tests.fake_modem.answers import Answer, error
from tests.fake_modem.faults import Faults
from tests.fake_modem.inbound import InboundRouting
from tests.fake_modem.journal import Journal
from tests.fake_modem.line import Line
from tests.fake_modem.loop import Loop, Timer
from tests.fake_modem.network import Inbound, Network
from tests.fake_modem.personality import Personality
from tests.fake_modem.port import Port
from tests.fake_modem.radio import Submitted
from tests.fake_modem.sim import READY, Sim
from tests.fake_modem.store import Store

USABLE = (1, 5, 6, 7)  # registration states in which SMS go out (TS 27.007, 7.2)
LAST_WORDS_S = 0.05  # between the answer to AT+CFUN=1,1 and the vanishing
SHORTEST_ABSENCE_S = 0.05  # of a device that resets off the bus


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


class Modem:
    """Everything is called with the loop's lock held; tests hold a handle.Handle instead."""

    settings: Settings
    sim: Sim
    imei: str
    is_on: bool
    signal: int

    def __init__(
        self, around: Surroundings, personality: Personality, name: str, imei: str, sim: Sim, link: Path
    ) -> None:
        self.loop, self.network, self.journal = around.loop, around.network, around.journal
        self.submitted, self.radio_s = around.submitted, around.radio_s
        self.personality: Personality = personality
        self.name, self.imei = name, imei
        self.port = Port(self.loop, link, lambda octets: self.line.receive(octets))
        self.line = Line(
            self.loop,
            self.port,
            is_busy_deaf=personality.is_busy_deaf,
            on_command=self._command,
            on_pdu=lambda typed, announced: radio.submit(self, typed, announced),
            on_escape=self._escaped,
        )
        self.faults, self.routing = Faults(), InboundRouting(self)
        self.commands_seen: list[str] = []
        self.commanded_at = 0.0  # when the last command came, monotonic
        self.registration, self.signal, self.operator, self.is_on = 1, 18, "Fake Net", True
        self.busy_commands = self.sim_busy = 0  # so many commands are still refused as busy
        self._boot: Timer | None = None
        self._noise: Timer | None = None
        self.device_store = Store("ME", personality.device_slots, personality.first_index)
        self.report_store = Store("SR", personality.device_slots, personality.first_index)
        self.insert(sim)
        self.defaults()

    # -- power

    def power_up(self) -> None:
        """Appear on the bus and boot; without effect on a device that is there."""
        if self.port.is_open:
            return
        self.port.open()
        self.reset()

    def unplug(self) -> None:
        """Vanish; what the device had not handed over stays with the network."""
        self._stop()
        self.port.close()

    def plug(self, link: Path) -> None:
        """Come back under this name, pulled out first where it still is there."""
        self.unplug()
        self.port.link = link
        self.power_up()

    def reset(self) -> None:
        """Forget all settings and the PIN, boot again on the same port."""
        self._stop()
        if self.personality.boot_s:
            self.line.is_deaf = True
            self._boot = self.loop.after(self.personality.boot_s, self._booted)
        else:
            self._booted()

    def reset_off_the_bus(self) -> None:
        """The same, but the port vanishes a moment after the answer and comes back."""
        self._boot = self.loop.after(LAST_WORDS_S, self._leave_and_return)

    def _leave_and_return(self) -> None:
        self.unplug()
        self._boot = self.loop.after(max(self.personality.boot_s, SHORTEST_ABSENCE_S), self.power_up)

    def _stop(self) -> None:
        for timer in (self._boot, self._noise):
            if timer is not None:
                timer.cancel()
        self.defaults()
        self.line.clear()
        self.routing.forget()
        self.sim.is_unlocked, self.is_on = False, True
        self.busy_commands, self.sim_busy = 0, self.personality.sim_busy

    def _booted(self) -> None:
        self.line.is_deaf = False
        for text in self.personality.boot_lines:
            self.say(text)
        self._make_noise()
        self.routing.go_on()

    def defaults(self) -> None:
        """ATZ: the settings of the profile, without a reboot."""
        taste = self.personality
        self.settings = Settings(memories=[taste.memory] * 3, cmgf=int(taste.starts_in_text_mode))
        self.line.echo = taste.echo

    def insert(self, sim: Sim) -> None:
        """Another SIM card."""
        self.sim, self.smsc = sim, sim.smsc
        sim.is_present = True
        sim.store.capacity, sim.store.first_index = self.personality.sim_slots, self.personality.first_index

    def change_sim(self, sim: Sim) -> None:
        self.insert(sim)
        self.reset()

    def remove_sim(self) -> None:
        self.sim.is_present = False
        self.reset()

    def clear_faults(self) -> None:
        self.faults.waiting.clear()
        self.recover()

    def recover(self) -> None:
        """End a hang."""
        self.line.is_hung = False
        self.routing.go_on()

    @property
    def has_network(self) -> bool:
        return self.registration in USABLE and self.sim.state == READY and self.is_on

    @property
    def is_reachable(self) -> bool:
        """Whether the network can bring it an SMS."""
        return self.has_network and self.port.is_open and not self.line.is_deaf and not self.line.is_hung

    def store(self, memory: str) -> Store:
        return {"SM": self.sim.store, "SR": self.report_store}.get(memory, self.device_store)

    def take(self, inbound: Inbound) -> None:
        """The network has something for this SIM."""
        self.routing.add(inbound)

    # -- words

    def say(self, text: str) -> None:
        """An unsolicited line."""
        self.line.write(self.framed(text))

    def framed(self, text: str) -> bytes:
        return f"{self.personality.line_start}{text}{self.personality.line_end}".encode("latin-1", "replace")

    def noise(self) -> str:
        lines = self.personality.noise
        return lines[self.network.chance.randrange(len(lines))]

    def _make_noise(self) -> None:
        if self.personality.noise_every_s is not None:
            self._noise = self.loop.after(self.personality.noise_every_s, self._noisily)

    def _noisily(self) -> None:
        self.say(self.noise())
        self._make_noise()

    def _escaped(self) -> None:
        if self.personality.escape_answer:
            self.say(self.personality.escape_answer)

    # -- commands

    def _command(self, text: str) -> None:
        if not text:
            return
        self.commands_seen.append(text)
        if text[:2].upper() != "AT" or (self.personality.is_case_strict and text != text.upper()):
            return  # a modem overhears what does not start with AT
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
            self.line.busy_for(thinks_s, lambda: self.finish(commands.answer(self, text)))

    def finish(self, answer: Answer) -> None:
        self.line.write(self.octets_of(answer))
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
            self.line.open_prompt(answer.expects)
            return self.personality.prompt.encode()
        information = self.personality.line_end.join(answer.lines)
        return b"".join(self.framed(block) for block in (information, answer.final) if block)
