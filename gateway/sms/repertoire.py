"""[pure] Which texts a carrier can carry that writes the GSM alphabet as another one, and so lacks some of its signs.

A modem lacks none. A bind whose SMSC reads Latin-1 lacks € and ten Greek capitals: a text with one of them goes out in
UCS-2 as long as each of its segments is short enough for that. The segments are cut before anybody knows the carrier,
so one that isn't short enough can't go over it at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress

from gateway.sms.alphabet import BASIC, ESCAPE, EXTENSION, units
from gateway.sms.message import Alphabet, Segment
from gateway.sms.segmentation import PART, SINGLE, TooLong, split

GSM = BASIC[:ESCAPE] + BASIC[ESCAPE + 1 :] + "".join(EXTENSION.values())
NOTHING: frozenset[str] = frozenset()


def lacking(encoding: str) -> frozenset[str]:
    """The characters of the GSM alphabet that this encoding, by Python's name, does not have."""
    return frozenset(character for character in GSM if not _is_in(character, encoding))


def may_miss(text: str, lacks: Collection[str]) -> bool:
    """Whether a carrier that lacks these is to be asked at all: most texts have none of them."""
    return bool(lacks) and any(character in text for character in lacks)


def is_text_carried(text: str, lacks: Collection[str]) -> bool:
    """Whether each segment of the text can go over a carrier that lacks these, however its parts are numbered.

    Raises what `split` raises.
    """
    if not may_miss(text, lacks):
        return True
    return all(is_carried(segments, lacks) for segments in _cuts(text))


def is_carried(segments: Iterable[Segment], lacks: Collection[str]) -> bool:
    """Whether each of them can go over a carrier that lacks these."""
    return all(not may_miss(each.text, lacks) or is_short_enough(each) for each in segments)


def is_short_enough(segment: Segment) -> bool:
    """Whether it is one SMS in UCS-2 too."""
    place = segment.concatenation
    limit = PART[Alphabet.UCS2, place.is_wide] if place else SINGLE[Alphabet.UCS2]
    return units(segment.text, Alphabet.UCS2) <= limit


def _cuts(text: str) -> Iterator[tuple[Segment, ...]]:
    """As its reference will be short or long; with a long one it may take too many."""
    yield split(text, 0)
    with suppress(TooLong):
        yield split(text, 0, is_wide=True)


def _is_in(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False
