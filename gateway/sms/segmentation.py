"""[pure] Cutting a text into segments (3GPP TS 23.040, 9.2.3.24.1 and 9.2.3.24.8).

A cut never falls inside an extension pair, a surrogate pair, or a grapheme cluster (UAX 29) that fits whole into a
segment; within these rules every segment takes as much as it can, so there are as few as possible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gateway.i18n import _
from gateway.sms.alphabet import check, choose, units
from gateway.sms.message import Alphabet, Concatenation, Segment, TextRefused

MOST_SEGMENTS = 255  # the total is one octet

# User data has 140 octets = 160 septets = 70 UTF-16 units.
SINGLE = {Alphabet.GSM7: 160, Alphabet.UCS2: 70}
# The header costs 6 octets with an 8-bit reference: 7 septets leave 153, and 134 octets are 67 units;
# with a 16-bit reference 7 octets: 8 septets leave 152, and 133 octets hold 66 units.
PART = {
    (Alphabet.GSM7, False): 153,
    (Alphabet.GSM7, True): 152,
    (Alphabet.UCS2, False): 67,
    (Alphabet.UCS2, True): 66,
}

# Characters that never join a neighbour of this set, but CR LF: most texts have no others and need no cluster search.
_PLAIN = (
    "\x00-\u02ff"  # Latin, with modifier letters
    "\u0370-\u0482\u048a-\u052f"  # Greek, Cyrillic; not its combining marks U+0483-0489
    "\u2010-\u2027\u2030-\u205e"  # dashes, quotation marks, ellipsis
    "\u20a0-\u20bf\u2100-\u214f"  # currencies; № and ™
    "\u3001-\u3029\u3041-\u3096\u30a1-\u30fe\u4e00-\u9fff\uff01-\uff60"  # Chinese and Japanese
)
_IS_PLAIN = re.compile(f"[{_PLAIN}]*")
_PLAIN_CLUSTER = re.compile("\r\n|.", re.DOTALL)


class EmptyText(TextRefused):
    """There is nothing to read in the text."""

    code = "empty_text"

    def __init__(self) -> None:
        super().__init__(_("The text is empty."))


class TooLong(TextRefused):
    """The text needs more segments than a message can have."""

    code = "text_too_long"

    def __init__(self, segments: int) -> None:
        sentence = _("The text is too long: it takes {segments} SMS, and {most} is the most for one message.")
        super().__init__(sentence.format(segments=segments, most=MOST_SEGMENTS))
        self.segments = segments


def split(text: str, reference: int, is_wide: bool = False) -> tuple[Segment, ...]:
    """The segments of `text`; the same text and reference always give the same ones. A single one has no concatenation.

    Raises EmptyText, TooLong or UnsendableCharacter. `reference` is 0-255, or 0-65535 when `is_wide`.
    """
    if not 0 <= reference <= (0xFFFF if is_wide else 0xFF):
        raise ValueError("the concatenation reference is out of range")
    alphabet, pieces = _cut(text, is_wide)
    if len(pieces) == 1:
        return (Segment(text, alphabet),)
    total = len(pieces)
    return tuple(
        Segment(piece, alphabet, Concatenation(reference, total, number, is_wide))
        for number, piece in enumerate(pieces, start=1)
    )


def count(text: str, is_wide: bool = False) -> int:
    """How many segments `split` gives; raises what it raises."""
    return len(_cut(text, is_wide)[1])


def _cut(text: str, is_wide: bool) -> tuple[Alphabet, list[str]]:
    check(text)
    if not text or text.isspace():
        raise EmptyText
    alphabet = choose(text)
    length = units(text, alphabet)
    if length <= SINGLE[alphabet]:
        return alphabet, [text]
    return alphabet, _check_total(_pieces(text, alphabet, length, PART[alphabet, is_wide]))


def _pieces(text: str, alphabet: Alphabet, length: int, limit: int) -> list[str]:
    least = -(-length // limit)
    if least > MOST_SEGMENTS:
        raise TooLong(least)  # before any work on a text of any size
    is_plain = _IS_PLAIN.fullmatch(text) is not None
    if is_plain and length == len(text) and "\r\n" not in text:
        return [text[start : start + limit] for start in range(0, len(text), limit)]
    return list(_fill(_unbroken(_clusters(text, is_plain), alphabet, limit), limit))


def _check_total(pieces: list[str]) -> list[str]:
    if len(pieces) > MOST_SEGMENTS:
        raise TooLong(len(pieces))
    return pieces


def _clusters(text: str, is_plain: bool) -> list[str]:
    if is_plain:
        return _PLAIN_CLUSTER.findall(text)
    import regex  # takes 13 ms and is seldom needed

    found: list[str] = regex.findall(r"\X", text)
    return found


def _unbroken(clusters: Iterable[str], alphabet: Alphabet, limit: int) -> Iterator[tuple[str, int]]:
    """What must stay together, with its length: each cluster, or the code points of one that no segment can hold."""
    for cluster in clusters:
        parts = (cluster,) if units(cluster, alphabet) <= limit else cluster
        yield from ((part, units(part, alphabet)) for part in parts)


def _fill(unbroken: Iterable[tuple[str, int]], limit: int) -> Iterator[str]:
    """Join as many of `unbroken` as fit, again and again."""
    piece: list[str] = []
    room = limit
    for part, length in unbroken:
        if length > room:
            yield "".join(piece)
            piece, room = [], limit
        piece.append(part)
        room -= length
    yield "".join(piece)
