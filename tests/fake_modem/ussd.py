"""USSD (3GPP TS 27.007, 7.15; TS 23.090): menus of the network, in all forms in which modems show their answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fake_modem import alphabet
from tests.fake_modem.answers import Answer, Failure
from tests.fake_modem.loop import Timer
from tests.fake_modem.storage import parameters

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

ANSWERED, MENU, ENDED, ELSEWHERE, UNSUPPORTED, TIMED_OUT = range(6)  # <m> of +CUSD
GSM_7, UCS_2 = 15, 72  # data coding schemes (TS 23.038, 5)
CR = 0x0D


@dataclass(frozen=True, slots=True)
class Reply:
    """What the network says to a code; `{balance}` and `{allowance}` are the SIM's own."""

    text: str | None = None  # None: the line ends after <m>
    kind: int = ANSWERED
    form: str | None = None  # FORMS; None: as the personality has it
    tail: str = ""  # garbage behind the text, as some devices leave it
    after_s: float = 0.02
    error: str | None = None  # the command itself is refused instead: "CME 100"
    line: str | None = None  # this whole line instead


BALANCE = Reply("Balance: {balance:.2f} RUB")
UNKNOWN = Reply("Unknown request")


def _packed(text: str) -> str:
    """Seven spare bits are filled by a CR (TS 23.038, 6.1.2.3.1)."""
    septets = alphabet.write(text) or b""
    return alphabet.pack(septets + (bytes((CR,)) if len(septets) % 8 == 7 else b"")).hex().upper()


FORMS: dict[str, tuple[Callable[[str], str], int]] = {  # how it is written, and the data coding scheme told with it
    "plain": (str, GSM_7),
    "packed": (_packed, GSM_7),
    "ucs2": (lambda text: text.encode("utf-16-be").hex().upper(), UCS_2),
    "ucs2_as_15": (lambda text: text.encode("utf-16-be").hex().upper(), GSM_7),  # the scheme told is wrong
    "ascii_hex": (lambda text: text.encode("latin-1", "replace").hex().upper(), GSM_7),
}
READERS: dict[str, Callable[[str], str]] = {  # how a device that is particular wants the code typed
    "plain": str,
    "packed": lambda typed: _unpacked(bytes.fromhex(typed)),
    "ucs2": lambda typed: bytes.fromhex(typed).decode("utf-16-be"),
}
CODE = re.compile(r"[0-9*#]{1,60}")


def _unpacked(octets: bytes) -> str:
    return alphabet.read(alphabet.unpack(octets, len(octets) * 8 // 7)).rstrip("@\r")


@dataclass
class Ussd:
    """One SIM's talk with the network: `replies` by code, and inside a menu by the codes joined by `>`."""

    modem: Modem
    replies: dict[str, Reply] = field(default_factory=lambda: {"*100#": BALANCE})
    _path: str = ""
    _coming: Timer | None = None

    def ask(self, typed: str) -> Answer:
        if not self.modem.has_network:
            raise Failure("CME 30")  # no network service
        reply = self._reply_to(typed)
        if reply.error:
            raise Failure(reply.error)
        return Answer(then=lambda: self._answer_later(reply))

    def cancel(self) -> None:
        self._path = ""
        if self._coming is not None:
            self._coming.cancel()

    def _reply_to(self, typed: str) -> Reply:
        code = self._read(typed)
        if code is None:
            return Reply(kind=UNSUPPORTED)
        step = f"{self._path}>{code}" if self._path else code
        reply = self.replies.get(step, UNKNOWN)
        self._path = step if reply.kind == MENU else ""
        return reply

    def _read(self, typed: str) -> str | None:
        """The code, in the form that this device wants, or in any that gives one; None for anything else."""
        wanted = self.modem.personality.ussd_typed
        for read in [READERS[wanted]] if wanted else READERS.values():
            try:
                code = read(typed)
            except ValueError:
                continue
            if CODE.fullmatch(code):
                return code
        return None

    def _answer_later(self, reply: Reply) -> None:
        line = self.modem.personality.ussd_line or reply.line or self._line(reply)
        self._coming = self.modem.loop.after(reply.after_s, lambda: self.modem.say(line))

    def _line(self, reply: Reply) -> str:
        if reply.text is None:
            return f"+CUSD: {reply.kind}"
        write, scheme = FORMS[reply.form or self.modem.personality.ussd_form]
        sim = self.modem.sim
        text = reply.text.format(balance=sim.account.balance, allowance=sim.account.allowance)
        return f'+CUSD: {reply.kind},"{write(text)}{reply.tail}",{scheme}'


def command(modem: Modem, text: str) -> Answer:
    """AT+CUSD=n[,"code"[,dcs]]: n = 2 ends a menu."""
    values = parameters(text)
    if values[0] == "2":
        modem.ussd.cancel()
    if len(values) < 2:
        return Answer()
    return modem.ussd.ask(values[1])
