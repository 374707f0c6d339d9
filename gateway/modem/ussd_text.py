"""[pure] The text of a USSD answer (3GPP TS 23.038, 5).

Modems give the same answer as plain text, as packed septets, as UCS-2 or as octets in hexadecimal, whatever the data
coding says. So every reading is tried, and the one wins that looks most like writing; the data coding only tips the
balance.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from gateway.sms import alphabet, septets
from gateway.sms.data_coding import Coding

# Behind many digits a half one and stray signs are garbage; behind few they are an amount's: `2500 RUR`.
HEXADECIMAL = re.compile(r"\s*((?:[0-9A-Fa-f]{2}){8,}(?=[0-9A-Fa-f]?[^0-9A-Fa-f]{0,4}$)|(?:[0-9A-Fa-f]{2})+(?=\s*$))")
# Inside plain text: Latin, Cyrillic and punctuation in UCS-2.
WIDE_RUN = re.compile(r"(?:0[04][0-9A-Fa-f]{2}|20[12][0-9A-Fa-f]){3,}")
WIDE = re.compile(r"(?:0[04][0-9A-Fa-f]{2})+")
ASCII = re.compile(rb"[ -~\r\n]{6,}\0?")  # neither packed septets nor Chinese are that by chance
LANGUAGE_FIRST = frozenset({0x10, 0x11})  # the text begins with its language: en, CR
CODINGS = (Coding.GSM7, Coding.EIGHT_BIT, Coding.UCS2, Coding.GSM7)

# What the data coding, and the look of the digits, add to a reading's likeness to writing.
BONUS = {Coding.UCS2: 0.3, Coding.GSM7: 0.05, Coding.EIGHT_BIT: 0.05}
TELLING = 0.25
AS_IT_STANDS = {"digits": 1.1, "letters": 0.8, "mixed": 0.5}  # `2500` is an amount, `D4F2` hardly a word


@dataclass(frozen=True, slots=True)
class Reading:
    """What the digits would say in one coding."""

    text: str = field(repr=False)
    coding: Coding
    is_telling: bool = False  # the digits alone are such that they can hardly be anything else


def coding_of(octet: int | None) -> Coding | None:
    """What the CBS data coding scheme says of the alphabet (23.038, 5)."""
    if octet is None or octet > 0xFF:
        return None
    if octet == 0x11:
        return Coding.UCS2
    if octet >> 6 == 1 or octet >> 4 == 9:  # 01xx: general; 1001: with user data header
        return CODINGS[octet >> 2 & 3]
    return Coding.EIGHT_BIT if octet >> 4 == 0xF and octet & 4 else Coding.GSM7


def decode(raw: str, data_coding: int | None = None) -> str:
    """The text of an answer, as a person reads it."""
    match = HEXADECIMAL.match(raw)
    if not match:
        return _tidy(WIDE_RUN.sub(lambda run: _wide(bytes.fromhex(_whole(run[0]))), _plain(raw)))
    weighed = [(_weight(reading, data_coding), reading.text) for reading in _readings(match[1], data_coding)]
    return _tidy(max((*weighed, (_as_it_stands(match[1]), raw)), key=lambda each: each[0])[1])


def _readings(digits: str, data_coding: int | None) -> Iterable[Reading]:
    octets, has_language = bytes.fromhex(digits), data_coding in LANGUAGE_FIRST
    yield Reading(_wide(octets[2:] if has_language else octets), Coding.UCS2, WIDE.fullmatch(digits) is not None)
    yield Reading(_unpacked(octets, has_language), Coding.GSM7)
    yield Reading(_eight_bit(octets), Coding.EIGHT_BIT, ASCII.fullmatch(octets) is not None)


def _weight(reading: Reading, data_coding: int | None) -> float:
    said = BONUS[reading.coding] if reading.coding is coding_of(data_coding) else 0.0
    return likeness(reading.text) + said + (TELLING if reading.is_telling else 0.0)


def _as_it_stands(digits: str) -> float:
    kind = "digits" if digits.isdecimal() else "letters" if digits.isalpha() else "mixed"
    return AS_IT_STANDS[kind]


def _whole(digits: str) -> str:
    return digits[: len(digits) // 4 * 4]


def _wide(octets: bytes) -> str:
    """UCS-2 up to the first NUL: garbage follows it."""
    text = octets[: len(octets) // 2 * 2].decode("utf-16-be", "replace")
    return text.partition("\0")[0]


def _unpacked(octets: bytes, has_language: bool) -> str:
    """A last septet of seven spare bits is filling: CR, or zero, which would read as an @."""
    units = septets.unpack(octets, len(octets) * 8 // 7)
    if len(units) % 8 == 0 and units[-1:] in (b"\r", b"\0"):
        units = units[:-1]
    text = alphabet.from_septets(units)
    return text[3:] if has_language and text[2:3] == "\r" else text


def _eight_bit(octets: bytes) -> str:
    return _plain(octets.rstrip(b"\0").decode("latin-1"))


def _plain(text: str) -> str:
    """Octets were read as Latin-1; where they are UTF-8, that is what was meant."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _tidy(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ["".join(char for char in line if char.isprintable() or char == "\t").rstrip() for line in lines]
    return "\n".join(kept).strip()


# Likeness to writing.

USUAL = frozenset(" \n\r\t.,:;!?()*#%+-/'\"=&0123456789–—«»№€$₽₸₴’“”…\u00a0")
LATIN, ACCENTED, STRANGE = "latin", "accented", "strange"
SCRIPTS: tuple[tuple[int, int, str], ...] = (
    (0x41, 0x5A, LATIN), (0x61, 0x7A, LATIN), (0xC0, 0x24F, ACCENTED), (0x1E00, 0x1EFF, ACCENTED),
    (0x370, 0x3FF, "greek"), (0x400, 0x52F, "cyrillic"), (0x530, 0x58F, "armenian"), (0x590, 0x5FF, "hebrew"),
    (0x600, 0x6FF, "arabic"), (0x900, 0x97F, "devanagari"), (0x980, 0x9FF, "bengali"), (0xE00, 0xE7F, "thai"),
    (0x10A0, 0x10FF, "georgian"), (0x1000, 0x109F, "burmese"), (0x1780, 0x17FF, "khmer"), (0xAC00, 0xD7A3, "hangul"),
    (0x3000, 0x30FF, "chinese"), (0x4E00, 0x9FFF, "chinese"), (0xFF00, 0xFFEF, "chinese"),
)  # fmt: skip
ACCENTED_SHARE = 0.5  # septets at random are accented letters as often as not, words seldom
LEAST_SHARE = 0.15  # of its letters: a stray one of another script is no sign of writing
# Septets at random: capitals stand inside of words, digits and signs between letters.
BROKEN = re.compile(
    r"[a-z](?=[A-Z])|[A-Za-z](?=\d[A-Za-z])|[A-Za-z](?=[#(=%&*+;\"][A-Za-z\d])|\d(?=[#(=%&*;\"!?][A-Za-z])"
)


def likeness(text: str) -> float:
    """1 at most: the share of `text` that is usual signs, or letters of Latin and of one other script."""
    counts = Counter(map(_script, text))
    latin = counts.pop(LATIN, 0)
    known = counts.pop("usual", 0) + latin + ACCENTED_SHARE * counts.pop(ACCENTED, 0)
    del counts[STRANGE]
    other = max(counts.values(), default=0)
    known += other if other > (other + latin) * LEAST_SHARE else 0
    return (known - len(BROKEN.findall(text))) / len(text) if text else 0.0


def _script(char: str) -> str:
    if char in USUAL:
        return "usual"
    code = ord(char)
    return next((script for first, last, script in SCRIPTS if first <= code <= last), STRANGE)
