"""[pure] Where a text takes more SMS than it would with a few other signs, and which signs those are.

GSM's alphabet leaves 160 characters to an SMS, Unicode 70: one dash may double the price. Nothing is replaced here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.merge.finishing import IN_PLAIN, PLAIN, REPLACED, latin_length, plain_punctuation, transliterated
from gateway.sms.alphabet import BASIC, EXTENSION
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import PART, SINGLE, count

PLAIN_PUNCTUATION, TRANSLITERATE = "--plain-punctuation", "--transliterate"
GSM7 = re.escape(BASIC + "".join(EXTENSION.values()))
OUTSIDE = re.compile(f"[^{GSM7}]")
SAVED_BY_PLAIN = re.compile(f"[{GSM7}{re.escape(''.join(PLAIN))}]*")
SAVED_BY_LATIN = re.compile(f"[{GSM7}{re.escape(''.join(PLAIN | REPLACED))}]*")
DOUBLE = re.compile("[" + re.escape("".join(EXTENSION.values())) + "]")  # each takes the room of two


@dataclass(frozen=True, slots=True)
class Waste:
    """Of one text: how many SMS it takes too many, by which signs, and what would save them."""

    sms: int
    signs: Mapping[str, int] = field(repr=False)  # how often each
    options: tuple[str, ...]  # of `smsgw import`; none: only another wording helps


@dataclass(frozen=True, slots=True)
class Saving:
    """What options would save on a whole list."""

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
        return _saved(plain_punctuation(text), segments, _plain_signs(text), (PLAIN_PUNCTUATION,))
    return _by_latin(text, segments) if SAVED_BY_LATIN.fullmatch(text) else None


def _of_double_signs(text: str, segments: int) -> Waste | None:
    signs = Counter(DOUBLE.findall(text))
    fewer = segments - count(DOUBLE.sub("x", text)) if signs else 0
    return Waste(fewer, signs, ()) if fewer else None


def _plain_signs(text: str) -> Mapping[str, int]:
    return Counter(IN_PLAIN.findall(text))


def _by_latin(text: str, segments: int) -> Waste | None:
    """By transliteration, and plain signs with it where they are needed for it."""
    signs = _plain_signs(text)
    options = (TRANSLITERATE, PLAIN_PUNCTUATION) if signs else (TRANSLITERATE,)
    if DOUBLE.search(text):
        return _saved(transliterated(plain_punctuation(text)), segments, signs, options)
    length = latin_length(text)  # the same, for a list of a hundred thousand
    fewer = segments - (1 if length <= SINGLE[Alphabet.GSM7] else -(-length // PART[Alphabet.GSM7, False]))
    return Waste(fewer, signs, options) if fewer > 0 else None


def _saved(other: str, segments: int, signs: Mapping[str, int], options: tuple[str, ...]) -> Waste | None:
    fewer = segments - count(other) if other.strip() else 0
    return Waste(fewer, signs, options) if fewer > 0 else None


def savings(texts: Iterable[tuple[str, int]]) -> tuple[Saving, ...]:
    """Of each text with its SMS; what saves the same way is counted together, the plainest first."""
    found: dict[tuple[str, ...], list[Waste]] = {}
    for text, segments in texts:
        if one := waste(text, segments):
            found.setdefault(one.options, []).append(one)
    return tuple(_together(options, found[options]) for options in sorted(found, key=lambda options: options[::-1]))


def _together(options: tuple[str, ...], wastes: list[Waste]) -> Saving:
    signs: Counter[str] = Counter()
    for one in wastes:
        signs.update(one.signs.keys())
    return Saving(options, len(wastes), sum(one.sms for one in wastes), signs)
