"""The ports of a stick beside the one that it speaks AT on: most are silent, some talk of other things."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.fake_modem import radio
from tests.fake_modem.line import Line
from tests.fake_modem.loop import Timer
from tests.fake_modem.port import Port
from tests.fake_modem.storage import SMS_COMMANDS

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem

# Interfaces that a personality may list, in the order of their numbers. Exactly one is "at".
ROLES = {
    "at": "answers AT, takes SMS, says what comes unasked",
    "twin": "answers AT and takes SMS; what comes unasked is never said here",
    "data": "answers AT, for dialling; refuses every command about SMS",
    "silent": "takes bytes and never answers",
    "nmea": "positions of a satellite receiver, every second",
    "diag": "binary frames, a burst now and then",
}
SPEAKS_AT = frozenset({"at", "twin", "data"})
CHATTER = {
    "nmea": (b"$GPGGA,,,,,,0,,,,,,,,*66\r\n$GPRMC,,V,,,,,,,,,,N*53\r\n", 1.0),
    "diag": (bytes((0x7E, 0x13, 0x00, 0x0D, 0x0A, 0xFF, 0x41, 0x54, 0x0D, 0x7E)), 0.5),
}


class SidePort:
    """One further port; it comes and goes with its stick."""

    def __init__(self, modem: Modem, role: str, link: Path) -> None:
        if role not in ROLES:
            raise ValueError(f"no role {role!r}; there are {', '.join(ROLES)}")
        self._modem, self.role = modem, role
        self.port = Port(modem.loop, link, self._received)
        self.line = Line(
            modem.loop, self.port,
            is_busy_deaf=modem.personality.is_busy_deaf,
            on_command=self._command,
            on_pdu=lambda typed, announced: radio.submit(modem, typed, announced),
            on_escape=modem.escaped,
            on_turn=modem.turn,
        )  # fmt: skip
        self._chatter: Timer | None = None

    def open(self) -> None:
        self.port.open()
        self.line.clear()
        self.line.echo = self._modem.personality.echo
        self._talk()

    def close(self) -> None:
        if self._chatter is not None:
            self._chatter.cancel()
        self.line.clear()
        self.port.close()

    def _received(self, octets: bytes) -> None:
        if self.role in SPEAKS_AT:
            self.line.receive(octets)

    def _command(self, text: str) -> None:
        if self.role == "data" and any(name in text.upper() for name in SMS_COMMANDS):
            self.line.write(self._modem.framed("ERROR"))
        else:
            self._modem.command(text)

    def _talk(self) -> None:
        if self.role in CHATTER:
            octets, every_s = CHATTER[self.role]
            self.port.write(octets)
            self._chatter = self._modem.loop.after(every_s, self._talk)
