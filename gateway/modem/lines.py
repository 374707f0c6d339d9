"""[pure] Bytes from a modem -> whole lines and prompts, at any size of reads (3GPP TS 27.005, 3.1; ITU-T V.250, 5.7.1).

It knows no commands and no answers (at.py does). Modems end a line with CR LF, `\\r\\r\\n`, a lone CR or a lone LF,
so every run of CR and LF is one line end. The prompt has no line end: it is a `>` where a line would begin, with or
without a space behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

# The longest line known is the +CLAC of a Huawei K3715, some 3,000 octets; what grows beyond this has no line ends.
LONGEST_LINE = 16_384
PROMPT = b">"
LINE_END = re.compile(rb"[\r\n]+")
# Noise: NUL and FF of a line that wakes up, XON and XOFF, the echo of ESC and Ctrl-Z; every control but TAB, LF, CR.
NOISE = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D}) + b"\x7f\xff"


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end and outer blanks, never empty; octets are read as Latin-1, so no octet can stop us."""

    text: str = field(repr=False)  # a PDU, it may be


@dataclass(frozen=True, slots=True)
class Prompt:
    """The modem waits for a PDU."""


class LineSplitter:
    """Keeps what is left of the last read until its line end comes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[Line | Prompt]:
        """The lines and prompts that `data` completes, in order."""
        pieces = LINE_END.split(data.translate(None, NOISE))
        pieces[0] = self._rest + pieces[0]  # only what is new is searched: a line may come octet by octet
        self._rest = pieces.pop()
        found: list[Line | Prompt] = []
        for piece in pieces:
            found += _whole(piece)
        return found + self._early_prompt()

    def _early_prompt(self) -> list[Line | Prompt]:
        """The prompt ends no line, so it must be seen in the rest; a rest beyond all measure is forgotten."""
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        found: list[Line | Prompt] = []
        while self._rest.lstrip().startswith(PROMPT):
            self._rest = self._rest.lstrip()[len(PROMPT) :]
            found.append(Prompt())
        return found


def _whole(piece: bytes) -> list[Line | Prompt]:
    """A piece between two line ends: nothing, a line, or a prompt with what the modem echoed behind it."""
    found: list[Line | Prompt] = []
    text = piece.strip()
    while text.startswith(PROMPT):
        found.append(Prompt())
        text = text[len(PROMPT) :].lstrip()
    return [*found, Line(text.decode("latin-1"))] if text else found
