"""One fake modem: its serial conversation (command lines, prompt, PDU, busy times) and its way to the network.

What the single commands answer stands in commands.py and storage.py, what comes in from the network in inbound.py.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.fake_modem import codec, commands
from tests.fake_modem.answers import Answer, error
from tests.fake_modem.faults import PDU, Fault, Faults
from tests.fake_modem.inbound import InboundRouting
from tests.fake_modem.journal import Journal
from tests.fake_modem.loop import Loop
from tests.fake_modem.network import Inbound, Network
from tests.fake_modem.personality import Personality
from tests.fake_modem.port import Port
from tests.fake_modem.sim import READY, Sim
from tests.fake_modem.store import Store

CTRL_Z, ESCAPE, CR = 0x1A, 0x1B, 0x0D
GARBAGE = bytes((0xFF, 0x00, 0x80, 0xC3, 0x28, 0x0D, 0x0A, 0xFE))  # no UTF-8, with a NUL and a line end
USABLE = (1, 5, 6, 7)  # registration states in which SMS go out
PAUSE_S = 0.002  # between two bytes of a split answer, unless the fault says otherwise


@dataclass(frozen=True, slots=True)
class Submitted:
    """One PDU that the network took. Times are monotonic; `answered_at` is when +CMGS was written."""

    modem: str
    commanded_at: float
    accepted_at: float
    hex: str
    decoded: codec.Submit
    tp_mr: int


@dataclass
class Settings:
    """What ATZ and a reset bring back to the beginning."""

    echo: bool
    cmee: int = 0
    cmgf: int = 0
    csms: int = 0
    cmms: int = 0
    cnmi: list[int] = field(default_factory=lambda: [0, 0, 0, 0, 0])
    creg: dict[str, int] = field(default_factory=lambda: {"+CREG": 0, "+CGREG": 0, "+CEREG": 0})
    charset: str = "GSM"
    memories: list[str] = field(default_factory=lambda: ["SM", "SM", "SM"])


class Modem:
    """Everything is called with the loop's lock held; bank.Handle is what tests hold."""

    def __init__(
        self,
        loop: Loop,
        network: Network,
        personality: Personality,
        name: str,
        imei: str,
        sim: Sim,
        link: Path,
        radio_s: float,
        submitted: list[Submitted],
        journal: Journal,
    ) -> None:
        self.loop, self.network, self.personality, self.name = loop, network, personality, name
        self.imei, self.sim, self.radio_s, self.journal = imei, sim, radio_s, journal
        self.submitted = submitted
        self.faults = Faults()
        self.port = Port(loop, link, self._receive)
        self.registration, self.signal, self.operator = 1, 18, "Fake Net"
        self.smsc = sim.smsc
        sim.store.capacity, sim.store.first_index = personality.sim_slots, personality.first_index
        self.device_store = Store("ME", personality.device_slots, personality.first_index)
        self.report_store = Store("SR", personality.device_slots, personality.first_index)
        self.is_hung, self.is_on = False, True
        self.busy_commands, self.sim_busy = 0, 0
        self.commands_seen: list[str] = []
        self.routing = InboundRouting(self)
        self._unread, self._slow = bytearray(), bytearray()
        self._slow_pause_s = PAUSE_S
        self._is_busy, self._is_deaf = False, False
        self._expected, self._commanded_at = -1, 0.0  # octets that AT+CMGS announced; -1: no prompt open
        self._after_answer: Callable[[], None] | None = None
        self.settings = self._fresh_settings()

    # -- power and port

    def power_up(self) -> None:
        """Appear on the bus and boot."""
        self.port.open()
        self.sim.is_unlocked = False
        self.reset()
        self._next_noise()

    def reset(self) -> None:
        """Forget all settings; the device says its boot lines and is deaf for a while."""
        self.settings = self._fresh_settings()
        self.sim_busy = self.personality.sim_busy
        self.is_hung, self._is_busy, self._expected = False, False, -1
        self._unread.clear()
        self._slow.clear()
        self.routing.forget()
        self._is_deaf = self.personality.boot_s > 0
        self.loop.after(self.personality.boot_s, self._booted)

    def _booted(self) -> None:
        self._is_deaf = False
        for line in self.personality.boot_lines:
            self.say(line)
        self.routing.go_on()

    def reset_off_the_bus(self) -> None:
        self.unplug()
        self.loop.after(max(self.personality.boot_s, 0.05), self.power_up)

    def unplug(self) -> None:
        self.port.close()
        self.reset()

    def defaults(self) -> None:
        """ATZ: the settings of the profile, without a reboot."""
        self.settings = self._fresh_settings()

    def _fresh_settings(self) -> Settings:
        taste = self.personality
        return Settings(echo=taste.echo, cmgf=int(taste.starts_in_text_mode), memories=[taste.memory] * 3)

    @property
    def is_reachable(self) -> bool:
        """Whether the network can bring it an SMS."""
        usable = self.registration in USABLE and self.sim.state == READY
        return usable and self.is_on and self.port.is_open and not self._is_deaf

    def store(self, memory: str) -> Store:
        return {"SM": self.sim.store, "SR": self.report_store}.get(memory, self.device_store)

    # -- bytes out

    def say(self, line: str) -> None:
        """An unsolicited line."""
        self.write(self.framed(line))

    def framed(self, line: str) -> bytes:
        return f"{self.personality.line_start}{line}{self.personality.line_end}".encode("latin-1", "replace")

    def write(self, octets: bytes) -> None:
        if self.is_hung:
            return
        if self._slow:
            self._slow += octets
        else:
            self.port.write(octets)

    def write_slowly(self, octets: bytes, pause_s: float = PAUSE_S) -> None:
        """One byte at a time; what is written meanwhile waits behind."""
        was_idle = not self._slow
        self._slow += octets
        self._slow_pause_s = pause_s
        if was_idle:
            self._dribble()

    def _dribble(self) -> None:
        if self._slow:
            self.port.write(self._slow[:1])
            del self._slow[:1]
            self.loop.after(self._slow_pause_s, self._dribble)

    def _next_noise(self) -> None:
        every_s = self.personality.noise_every_s
        if every_s is not None and self.port.is_open:
            self.say(self.noise())
            self.loop.after(every_s, self._next_noise)

    def noise(self) -> str:
        lines = self.personality.noise
        return lines[len(self.commands_seen) % len(lines)]

    # -- bytes in

    def _receive(self, octets: bytes) -> None:
        if self.is_hung or self._is_deaf or (self._is_busy and self.personality.is_busy_deaf):
            return
        self._unread += octets
        self._go_on()

    def _go_on(self) -> None:
        while self._unread and not self._is_busy and not self.is_hung:
            taken = self._take_prompt() if self._expected >= 0 else self._take_line()
            if not taken:
                return

    def _take_line(self) -> bool:
        end = self._unread.find(CR)
        if end < 0:
            return False
        line = bytes(self._unread[:end])
        del self._unread[: end + 1]
        if self.settings.echo and line.strip():
            self.write(line + b"\r")
        self._command(line.rpartition(b"\x1b")[2].decode("latin-1").strip("\r\n\x1a\x00 "))
        return True

    def _take_prompt(self) -> bool:
        ends = [at for at in (self._unread.find(CTRL_Z), self._unread.find(ESCAPE)) if at >= 0]
        if not ends:
            return False
        typed, end = bytes(self._unread[: min(ends)]), self._unread[min(ends)]
        del self._unread[: min(ends) + 1]
        if self.settings.echo:
            self.write(typed)
        expected, self._expected = self._expected, -1
        if end == ESCAPE:
            if self.personality.escape_answer:
                self.say(self.personality.escape_answer)
        else:
            self._submit(typed, expected)
        return True

    # -- commands

    def _command(self, line: str) -> None:
        if not line:
            return
        self.commands_seen.append(line)
        if line[:2].upper() != "AT" or (self.personality.is_case_strict and line != line.upper()):
            return  # a modem overhears what does not start with AT
        self._commanded_at = time.monotonic()
        fault = self.faults.take(line.upper())
        if fault:
            self.journal.write("fault", modem=self.name, kind=fault.kind, command=line[:8])
            _COMMAND_FAULTS[fault.kind](self, fault, line)
        else:
            self._carry_out(line)

    def _carry_out(self, line: str) -> None:
        thinks_s = self.personality.answer_s.get(commands.name_of(line), 0.0)
        if thinks_s:
            self.busy_for(thinks_s, lambda: self._finish(commands.answer(self, line)))
        else:
            self._finish(commands.answer(self, line))

    def busy_for(self, seconds: float, then: Callable[[], None]) -> None:
        """Answer nothing for a while; what the gateway types meanwhile waits."""
        self._is_busy = True
        self.loop.after(seconds, lambda: self._free(then))

    def _free(self, then: Callable[[], None]) -> None:
        if self._is_busy and self.port.is_open:  # not reset or pulled out in between
            self._is_busy = False
            then()
            self._go_on()

    def _finish(self, answer: Answer) -> None:
        self.write(self.octets_of(answer))
        self._answered(answer)

    def _answered(self, answer: Answer) -> None:
        if answer.then is not None:
            answer.then()

    def octets_of(self, answer: Answer) -> bytes:
        if answer.expects is not None:
            self._expected = answer.expects
            return self.personality.prompt.encode()
        information = self.personality.line_end.join(answer.lines)
        return b"".join(self.framed(block) for block in (information, answer.final) if block)

    # -- submits

    def _submit(self, typed: bytes, expected: int) -> None:
        text = typed.decode("latin-1").strip("\r\n ")
        try:
            submit = codec.read_submit(codec.octets_of(text), expected)
        except codec.BadPdu as problem:
            self.journal.write("bad_pdu", modem=self.name, reason=str(problem))
            self._finish(error(self, f"CMS {self.personality.bad_pdu_code}"))
            return
        fault = self.faults.take(PDU, submit.recipient)
        if fault:
            self.journal.write("fault", modem=self.name, kind=fault.kind, command="PDU")
        if fault and fault.kind in _MUTE_FAULTS:
            _COMMAND_FAULTS[fault.kind](self, fault, "")
            return
        self._transmit(submit, text, fault)

    def _transmit(self, submit: codec.Submit, text: str, fault: Fault | None) -> None:
        seconds = self.radio_s + (fault.seconds or 0.0 if fault and fault.kind in ("slow", "slow_result") else 0.0)
        if fault and fault.kind in ("urc_before_result", "noise"):
            self.loop.after(seconds / 2, lambda: self.say(self.noise()))
        if seconds > 0:
            self.busy_for(seconds, lambda: self._sent(submit, text, fault))
        else:
            self._sent(submit, text, fault)

    def _sent(self, submit: codec.Submit, text: str, fault: Fault | None) -> None:
        refusal = self._refusal(submit, fault)
        reference = self.sim.next_reference()
        if refusal:
            self.journal.write("refused", modem=self.name, code=refusal, recipient=submit.recipient)
            self._finish(error(self, refusal))
            return
        commanded_at, accepted_at = self._commanded_at, time.monotonic()
        if not (fault and fault.kind == "lost"):
            self.network.accept(self, submit, reference)
        answer = commands.sent(self, reference, has_reference=not (fault and fault.kind == "no_reference"))
        self._result(answer, fault)
        self.submitted.append(Submitted(self.name, commanded_at, accepted_at, text, submit, reference))
        self.journal.write(
            "submitted",
            modem=self.name,
            tp_mr=reference,
            recipient=submit.recipient,
            hex=text,
            command_at=commanded_at,
            answer_at=time.monotonic(),
            fault=fault.kind if fault else None,
        )

    def _refusal(self, submit: codec.Submit, fault: Fault | None) -> str | None:
        if fault and fault.kind in ("refuse", "error"):
            return fault.code
        if self.sim.state != READY:
            return "CMS 311"  # SIM PIN required
        if self.registration not in USABLE or not self.is_on:
            return "CMS 331"  # no network service
        if self.personality.full_stops_sending and self.store(self.settings.memories[2]).is_full:
            return "CMS 322"  # memory full
        return self.network.rule_for(submit.recipient).code

    def _result(self, answer: Answer, fault: Fault | None) -> None:
        if fault and fault.kind in _SHAPES:
            _SHAPES[fault.kind](self, fault, self.octets_of(answer))
        else:
            self.write(self.octets_of(answer))

    # -- the network's side

    def take(self, inbound: Inbound) -> None:
        """The network has something for this SIM."""
        self.routing.add(inbound)

    # -- faults of commands

    def _shaped(self, fault: Fault, line: str) -> None:
        answer = commands.answer(self, line)
        _SHAPES[fault.kind](self, fault, self.octets_of(answer))
        self._answered(answer)

    def _hang(self, fault: Fault, line: str) -> None:
        self.is_hung = True
        self._unread.clear()
        if fault.seconds is not None:
            self.loop.after(fault.seconds, self.recover)

    def recover(self) -> None:
        self.is_hung = False

    def _swallow(self, fault: Fault, line: str) -> None:
        """Nothing happens at all."""

    def _slowly(self, fault: Fault, line: str) -> None:
        self.busy_for(fault.seconds or 1.0, lambda: self._carry_out(line))

    def _fail(self, fault: Fault, line: str) -> None:
        self._finish(error(self, fault.code))


Shape = Callable[[Modem, Fault, bytes], None]
_SHAPES: dict[str, Shape] = {
    "late": lambda modem, fault, octets: _later(modem, fault, octets),
    "late_result": lambda modem, fault, octets: _later(modem, fault, octets),
    "garbage": lambda modem, fault, octets: modem.write(GARBAGE + octets),
    "split": lambda modem, fault, octets: modem.write_slowly(octets, fault.seconds or PAUSE_S),
    "split_result": lambda modem, fault, octets: modem.write_slowly(octets, fault.seconds or PAUSE_S),
    "answer_lost": lambda modem, fault, octets: None,
}
_COMMAND_FAULTS: dict[str, Callable[[Modem, Fault, str], None]] = {
    "no_answer": Modem._swallow,
    "swallow": Modem._swallow,
    "hang": Modem._hang,
    "hang_in_prompt": Modem._hang,
    "slow": Modem._slowly,
    "error": Modem._fail,
    "refuse": Modem._fail,
    "late": Modem._shaped,
    "garbage": Modem._shaped,
    "split": Modem._shaped,
    "answer_lost": Modem._shaped,
}
_MUTE_FAULTS = frozenset({"no_answer", "swallow", "hang", "hang_in_prompt"})


def _later(modem: Modem, fault: Fault, octets: bytes) -> None:
    modem.loop.after(fault.seconds or 1.0, lambda: modem.write(octets))
