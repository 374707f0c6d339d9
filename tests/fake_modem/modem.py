"""One fake modem: power, settings and the way of a command to its answer.

line.py has its bytes, commands.py and storage.py what commands answer, radio.py its submits, inbound.py what comes in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.fake_modem import commands, misbehaviour, radio
from tests.fake_modem.answers import Answer, error
from tests.fake_modem.faults import Faults
from tests.fake_modem.illness import Illness
from tests.fake_modem.inbound import InboundRouting
from tests.fake_modem.inotify import OPENED, Inotify
from tests.fake_modem.journal import Journal
from tests.fake_modem.line import Line
from tests.fake_modem.loop import Loop, Timer
from tests.fake_modem.network import Inbound, Network
from tests.fake_modem.personality import Personality
from tests.fake_modem.port import Port
from tests.fake_modem.radio import Submitted
from tests.fake_modem.sideport import SidePort
from tests.fake_modem.sim import READY, Sim, no_card
from tests.fake_modem.store import Store
from tests.fake_modem.usb import Place, UsbPlace

FULL = 1  # +CFUN: full functionality
SEARCHING = 2
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
    inotify: Inotify


class Modem:
    """Everything is called with the loop's lock held; tests hold a handle.Handle instead."""

    settings: Settings
    sim: Sim
    imei: str
    function: int
    signal: int
    asked: Line
    illness: Illness | None

    def __init__(
        self, around: Surroundings, personality: Personality, name: str, imei: str, sim: Sim, place: Place | UsbPlace
    ) -> None:
        self.loop, self.network, self.journal = around.loop, around.network, around.journal
        self.submitted, self.radio_s = around.submitted, around.radio_s
        self.personality: Personality = personality
        self.name, self.imei = name, imei
        self.place, self._inotify = place, around.inotify
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
        self.commands_seen: list[str] = []
        self.commanded_at = 0.0  # when the last command came, monotonic
        self.registration, self.signal, self.operator, self.function = 1, 18, "Fake Net", FULL
        self.search_s, self.is_searching = 0.0, False  # how long it looks for a network after the radio came on
        self.reset_kind = personality.reset_kind
        self.busy_commands = self.sim_busy = 0  # so many commands are still refused as busy
        self.illness = None
        self._boot: Timer | None = None
        self._noise: Timer | None = None
        self._search: Timer | None = None
        self._opened: int | None = None  # the watch for who opens the port
        self.device_store = Store("ME", personality.device_slots, personality.first_index)
        self.report_store = Store("SR", personality.device_slots, personality.first_index)
        self.insert(sim)
        self.defaults()

    @property
    def ports(self) -> list[Port]:
        return [self.port, *(side.port for side in self.sides)]

    @property
    def ports_in_order(self) -> list[Port]:
        """By the interfaces' numbers."""
        sides = (side.port for side in self.sides)
        return [self.port if role == "at" else next(sides) for role in self.personality.interfaces]

    @property
    def lines(self) -> list[Line]:
        return [self.line, *(side.line for side in self.sides)]

    # -- power

    def power_up(self) -> None:
        """Appear on the bus and boot; without effect on a device that is there."""
        if self.port.is_open:
            return
        self.place.arrive(self)
        self.port.link = self.place.link
        for side, (_, link) in zip(self.sides, self.place.sides(self.personality.interfaces), strict=True):
            side.port.link = link
            side.open()
        self.port.open()
        self.place.appear(self)
        self._watch_openings()
        self._begin_again()

    def unplug(self) -> None:
        """Vanish; what the device had not handed over stays with the network."""
        self._stop()
        self.place.disappear()
        if self._opened is not None:
            self._inotify.forget(self._opened)
            self._opened = None
        for side in self.sides:
            side.close()
        self.port.close()

    def plug(self, name: str | None = None, *, remedy: str = "power") -> None:
        """Come back, with `name` under this one, pulled out first where it still is there."""
        self.unplug()
        if name is not None:
            self.place.rename(name)
        self.treated(remedy)
        self.power_up()

    def reset(self) -> None:
        """Forget all settings and the PIN, boot again on the same port."""
        self.treated("reset")
        self._begin_again()

    def _begin_again(self) -> None:
        self._stop()
        for line in self.lines:
            line.is_mute = self.illness is not None and self.illness.is_silent
        if self.personality.boot_s:
            for line in self.lines:
                line.is_deaf = True
            self._boot = self.loop.after(self.personality.boot_s, self._booted)
        else:
            self._booted()

    def restart(self) -> None:
        """AT+CFUN=1,1, after its answer: what comes of it differs by `reset_kind`."""
        self.treated("reset")
        RESTARTS[self.reset_kind](self)

    def leave_and_return(self) -> None:
        """The ports vanish a moment after the answer, and come back when it has booted."""
        self._boot = self.loop.after(LAST_WORDS_S, self._leave)

    def come_back_renamed(self) -> None:
        self.place.rename_next()
        self.leave_and_return()

    def become_storage(self) -> None:
        """It comes back as a disk with its drivers, without a serial port, until it is plugged anew."""
        self._boot = self.loop.after(LAST_WORDS_S, self._stay_away)

    def _leave(self) -> None:
        self.unplug()
        self._boot = self.loop.after(max(self.personality.boot_s, SHORTEST_ABSENCE_S), self.power_up)

    def _stay_away(self) -> None:
        self.unplug()
        self.place.appear_as_storage(self)

    def _stop(self) -> None:
        for timer in (self._boot, self._noise, self._search):
            if timer is not None:
                timer.cancel()
        self.defaults()
        for line in self.lines:
            line.clear()
        self.routing.forget()
        self.sim.is_unlocked, self.function, self.is_searching = False, FULL, False
        self.busy_commands, self.sim_busy = 0, self.personality.sim_busy

    def _booted(self) -> None:
        for line in self.lines:
            line.is_deaf = False
        for text in self.personality.boot_lines:
            self.say(text)
        self._make_noise()
        self._look_for_network()
        self.routing.go_on()

    # -- illness

    def fall_ill(self, illness: Illness) -> None:
        """Until the remedy that it names; what was opened before counts for nothing."""
        self._inotify.read()
        self.illness = illness
        for line in self.lines:
            line.is_mute = illness.is_silent

    def treated(self, remedy: str) -> None:
        if self.illness is not None and self.illness.ends_by(remedy):
            self.recover()

    def hang(self) -> None:
        for line in self.lines:
            line.hang()

    def _watch_openings(self) -> None:
        """A hang of the serial connection ends when somebody opens the port anew."""
        self._opened = self._inotify.watch(self.port.path, OPENED, lambda: self.treated("reopen"))

    # -- radio

    def switch_radio(self, function: int) -> None:
        """AT+CFUN: 0 and 4 leave the network, 1 comes back to it."""
        was_off, self.function = self.function != FULL, function
        if was_off and function == FULL:
            self.treated("radio")
            self._look_for_network()
        elif function != FULL:
            self.tell_registration()
        self.routing.go_on()

    def _look_for_network(self) -> None:
        if self.search_s:
            self.is_searching = True
            self._search = self.loop.after(self.search_s, self._found_network)
        self.tell_registration()

    def _found_network(self) -> None:
        self.is_searching = False
        self.tell_registration()
        self.routing.go_on()

    @property
    def stat(self) -> int:
        """<stat> of +CREG (TS 27.007, 7.2)."""
        if self.function != FULL:
            return 0
        return SEARCHING if self.is_searching else self.registration

    def tell_registration(self) -> None:
        for name in [name for name, is_told in self.settings.creg.items() if is_told]:
            self.say(self.personality.registration_unasked.format(stat=self.stat).replace("+CREG", name))

    # -- settings and SIM

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
        self._begin_again()

    def change_sim(self, sim: Sim) -> None:
        self.routing.forget()
        if self.sim.holder is self and sim is not self.sim:
            self.sim.holder = None
        self.insert(sim)
        self._begin_again()

    def remove_sim(self) -> None:
        self.routing.forget()
        self.sim.is_present = False
        self._begin_again()

    def clear_faults(self) -> None:
        self.faults.waiting.clear()
        self.recover()

    def recover(self) -> None:
        """End a hang, of whatever kind."""
        self.illness = None
        for line in self.lines:
            line.is_hung = line.is_mute = False
        self.routing.go_on()

    @property
    def has_network(self) -> bool:
        return self.stat in USABLE and self.sim.state == READY

    @property
    def is_reachable(self) -> bool:
        """Whether the network can bring it an SMS."""
        is_awake = not (self.line.is_deaf or self.line.is_hung or self.line.is_mute)
        return self.has_network and self.port.is_open and is_awake

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

    def _make_noise(self) -> None:
        if self.personality.noise_every_s is not None:
            self._noise = self.loop.after(self.personality.noise_every_s, self._noisily)

    def _noisily(self) -> None:
        self.say(self.noise())
        self._make_noise()

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
        if self.illness is not None and self.illness.swallows(text):
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


RESTARTS: dict[str, Callable[[Modem], None]] = {  # what AT+CFUN=1,1 leads to
    "stays": Modem.reset,
    "leaves": Modem.leave_and_return,
    "renamed": Modem.come_back_renamed,
    "storage": Modem.become_storage,
    "ignores": lambda modem: None,
    "hangs": lambda modem: modem.fall_ill(Illness("replug")),
}
