"""[pure] The GSM 7-bit default alphabet with its extension table (3GPP TS 23.038, 6.2.1), and which texts need UCS-2.

Nothing is ever replaced: what GSM 7-bit can't carry goes out in UCS-2; a character that no phone can show is refused.
National language tables (6.2.1.2) are not used for sending: many phones lack them.
"""

from __future__ import annotations

import re
import unicodedata

from gateway.i18n import _
from gateway.sms.message import Alphabet, TextRefused

ESCAPE = 0x1B  # announces one character of the extension table

# 6.2.1, sixteen codes a line from 0x00; U+FFFF, which no text may have, holds the place of ESCAPE
BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅå"  # 0x00; 0x09 is the capital Ç: a small ç needs UCS-2
    "Δ_ΦΓΛΩΠΨΣΘΞ\uffffÆæßÉ"  # 0x10
    " !\"#¤%&'()*+,-./"  # 0x20
    "0123456789:;<=>?"  # 0x30
    "¡ABCDEFGHIJKLMNO"  # 0x40
    "PQRSTUVWXYZÄÖÑÜ§"  # 0x50
    "¿abcdefghijklmno"  # 0x60; no backtick anywhere
    "pqrstuvwxyzäöñüà"  # 0x70
)

# 6.2.1.1: the code after ESCAPE
EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    chr(plane | last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
)

# What no phone can show, though UTF-16 could carry most of it.
_UNSENDABLE = re.compile(
    "["
    "\x00-\x08\x0b\x0e-\x1f"  # C0 but tab, line feed, form feed and carriage return
    "\x7f-\x9f"  # delete, and C1: what is left of a text read in the wrong code page
    "\ud800-\udfff"  # half of a surrogate pair
    f"{_NONCHARACTERS}]"
)

# Unicode gives controls no names of their own, only these aliases.
_CONTROL_NAMES = {
    0x00: "NULL",
    0x07: "ALERT",
    0x08: "BACKSPACE",
    0x0B: "LINE TABULATION",
    0x1A: "SUBSTITUTE",
    0x1B: "ESCAPE",
    0x7F: "DELETE",
}

_SEPTETS = {ord(character): chr(code) for code, character in enumerate(BASIC) if code != ESCAPE} | {
    ord(character): chr(ESCAPE) + chr(code) for code, character in EXTENSION.items()
}
_IN_GSM7 = re.compile("[" + re.escape("".join(map(chr, _SEPTETS))) + "]*")
_NOT_IN_GSM7 = re.compile("[^" + re.escape("".join(map(chr, _SEPTETS))) + "]")

# One character: a septet, an escape and a septet, or an escape at the very end.
_TOKEN = re.compile(b"\x1b?.|\x1b", re.DOTALL)


def _shown(code: int) -> str:
    """The basic table's character; an escape is shown as a space, and octets over 0x7F are not septets at all."""
    return " " if code == ESCAPE else BASIC[code] if code < len(BASIC) else "\N{REPLACEMENT CHARACTER}"


# 6.2.1.1: a code that the extension table lacks shows the basic table's character; a second escape shows a space
_CHARACTERS = {bytes((code,)): _shown(code) for code in range(256)} | {
    bytes((ESCAPE, code)): EXTENSION.get(code, _shown(code)) for code in range(256)
}


class UnsendableCharacter(TextRefused):
    """A character that no phone can show: `character` is its Unicode name, or U+XXXX; `position` counts from 1."""

    code = "unsendable_character"

    def __init__(self, character: str, position: int) -> None:
        sentence = _("The text can't be sent: its character {position} is {character}.")
        super().__init__(sentence.format(position=position, character=character))
        self.character = character
        self.position = position


def check(text: str) -> None:
    """Raise UnsendableCharacter for the first character that no phone can show."""
    if not text.isprintable():  # nothing that is printable is unsendable, and of most texts that is all to be known
        _refuse(_UNSENDABLE.search(text))


def choose(text: str) -> Alphabet:
    """The smallest alphabet that carries `text` unharmed."""
    return Alphabet.GSM7 if _IN_GSM7.fullmatch(text) else Alphabet.UCS2


def to_septets(text: str) -> bytes:
    """One septet a byte, extension characters as pairs; raises UnsendableCharacter for what GSM 7-bit lacks."""
    _refuse(_NOT_IN_GSM7.search(text))
    return text.translate(_SEPTETS).encode("ascii")


def from_septets(septets: bytes) -> str:
    """What a phone shows for `septets`, one a byte; never raises."""
    return "".join(map(_CHARACTERS.__getitem__, _TOKEN.findall(septets)))


def units(text: str, alphabet: Alphabet) -> int:
    """The length of `text` as the network counts it: septets, or UTF-16 code units."""
    if alphabet is Alphabet.GSM7:
        return len(text) + sum(map(text.count, EXTENSION.values()))
    return len(text.encode("utf-16-be", "surrogatepass")) // 2


def _refuse(found: re.Match[str] | None) -> None:
    if found:
        raise UnsendableCharacter(_name(found.group()), found.start() + 1)


def _name(character: str) -> str:
    code = ord(character)
    return unicodedata.name(character, None) or _CONTROL_NAMES.get(code) or f"U+{code:04X}"
