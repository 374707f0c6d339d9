"""[pure] Where a text takes more SMS than it would with a few other signs, and which signs those are.

GSM's alphabet leaves 160 characters to an SMS, Unicode 70: one dash may double the price. Nothing is replaced here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from gateway.merge.finishing import (
    IN_NUMERO,
    IN_PLAIN,
    NUMERO,
    PLAIN,
    REPLACED,
    latin_length,
    plain_punctuation,
    transliterated,
)
from gateway.sms.alphabet import BASIC, EXTENSION
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import PART, SINGLE, count

PLAIN_PUNCTUATION, TRANSLITERATE = "--plain-punctuation", "--transliterate"
GSM7 = re.escape(BASIC + "".join(EXTENSION.values()))
OUTSIDE = re.compile(f"[^{GSM7}]")
SAVED_BY_PLAIN = re.compile(f"[{GSM7}{re.escape(''.join(PLAIN))}]*")
SAVED_BY_LATIN = re.compile(f"[{GSM7}{re.escape(''.join(PLAIN | REPLACED))}]*")
DOUBLE = re.compile("[" + re.escape("".join(EXTENSION.values())) + "]")  # each takes the room of two
CYRILLIC = re.compile("[" + "".join(REPLACED.keys() - NUMERO.keys()) + "]")
ODD_SHARE = 0.1  # of a text's characters; above it they are the script that it is written in


class Cause(Enum):
    """What a text takes more SMS for."""

    DOUBLE = "signs of GSM's alphabet that take the room of two"
    SIGNS = "signs that make it Unicode"
    CYRILLIC = "the letters that it is written in"


@dataclass(frozen=True, slots=True)
class Waste:
    """Of one text: how many SMS it takes too many, by which signs, and what would save them."""

    sms: int
    cause: Cause
    signs: Mapping[str, int] = field(repr=False)  # how often each
    options: tuple[str, ...]  # of `smsgw import`; none: only another wording helps


@dataclass(frozen=True, slots=True)
class Saving:
    """What options would save on a whole list."""

    cause: Cause
    options: tuple[str, ...]
    messages: int
    sms: int
    signs: Mapping[str, int] = field(repr=False)  # in how many of the messages each stands


def waste(text: str, segments: int) -> Waste | None:
    """The least change that makes the text cost less; None when none does."""
    if segments < 2:
        return None
    if OUTSIDE.search(text) is None:
        return _of_double_signs(text, segments)
    if SAVED_BY_PLAIN.fullmatch(text):
        return _wasted(plain_punctuation(text), segments, Cause.SIGNS, _plain_signs(text), (PLAIN_PUNCTUATION,))
    return _by_latin(text, segments) if SAVED_BY_LATIN.fullmatch(text) else _of_odd_signs(text, segments)


def _of_double_signs(text: str, segments: int) -> Waste | None:
    signs = Counter(DOUBLE.findall(text))
    return _wasted(DOUBLE.sub("x", text), segments, Cause.DOUBLE, signs, ()) if signs else None


def _of_odd_signs(text: str, segments: int) -> Waste | None:
    """A few signs that nothing replaces, such as ² or a face, in a text that would fit GSM's alphabet without them."""
    most = ODD_SHARE * len(text)
    if len(text) - len(text.encode("ascii", "ignore")) > most or CYRILLIC.search(text):  # the quickest to know
        return None
    signs = OUTSIDE.findall(text)
    fewer = segments - (count(OUTSIDE.sub("", text)) if DOUBLE.search(text) else _in_gsm7(len(text) - len(signs)))
    return Waste(fewer, Cause.SIGNS, Counter(signs), ()) if fewer > 0 else None


def _plain_signs(text: str) -> Counter[str]:
    return Counter(IN_PLAIN.findall(text))


def _by_latin(text: str, segments: int) -> Waste | None:
    """By transliteration, and plain signs with it where they are needed for it."""
    signs = _plain_signs(text)
    options = (TRANSLITERATE, PLAIN_PUNCTUATION) if signs else (TRANSLITERATE,)
    cause = Cause.CYRILLIC if CYRILLIC.search(text) else Cause.SIGNS
    if cause is Cause.SIGNS:
        signs.update(IN_NUMERO.findall(text))
    if DOUBLE.search(text):
        return _wasted(transliterated(plain_punctuation(text)), segments, cause, signs, options)
    fewer = segments - _in_gsm7(latin_length(text))  # the same, for a list of a hundred thousand
    return Waste(fewer, cause, signs, options) if fewer > 0 else None


def _in_gsm7(length: int) -> int:
    """SMS for so many characters, none of which takes the room of two."""
    return 1 if length <= SINGLE[Alphabet.GSM7] else -(-length // PART[Alphabet.GSM7, False])


def _wasted(
    other: str, segments: int, cause: Cause, signs: Mapping[str, int], options: tuple[str, ...]
) -> Waste | None:
    fewer = segments - count(other) if other.strip() else 0
    return Waste(fewer, cause, signs, options) if fewer > 0 else None


def savings(texts: Iterable[tuple[str, int]]) -> tuple[Saving, ...]:
    """Of each text with its SMS; what saves the same way is counted together, the plainest first."""
    found: dict[tuple[Cause, tuple[str, ...]], list[Waste]] = {}
    for text, segments in texts:
        if one := waste(text, segments):
            found.setdefault((one.cause, one.options), []).append(one)
    order = list(Cause).index
    kinds = sorted(found, key=lambda kind: (kind[1][::-1], order(kind[0])))
    return tuple(_together(*kind, found[kind]) for kind in kinds)


def _together(cause: Cause, options: tuple[str, ...], wastes: list[Waste]) -> Saving:
    signs: Counter[str] = Counter()
    for one in wastes:
        signs.update(one.signs.keys())
    return Saving(cause, options, len(wastes), sum(one.sms for one in wastes), signs)
