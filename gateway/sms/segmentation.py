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
SHORT = SINGLE[Alphabet.UCS2]  # units of UTF-16 that fit in any alphabet
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
_PLAINS = re.compile(f"[{_PLAIN}]*")
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
    """How many segments `split` gives; raises what it raises. It is asked for every row of a list: nothing is cut."""
    if _is_short(text):
        return 1
    alphabet, length = _measured(text)
    if length <= SINGLE[alphabet]:
        return 1
    limit = PART[alphabet, is_wide]
    least = _least(length, limit)
    return least if _is_even(text, length) else len(_check_total(_pieces(text, alphabet, limit)))


def _is_short(text: str) -> bool:
    """Certainly one segment: no more of UTF-16 than that holds, which of septets is fewer than 160; and sendable."""
    is_sendable = len(text) <= SHORT and text.isprintable() and bool(text) and not text.isspace()
    return is_sendable and len(text.encode("utf-16-le")) <= 2 * SHORT


def _cut(text: str, is_wide: bool) -> tuple[Alphabet, list[str]]:
    alphabet, length = _measured(text)
    if length <= SINGLE[alphabet]:
        return alphabet, [text]
    limit = PART[alphabet, is_wide]
    _least(length, limit)
    if _is_even(text, length):
        return alphabet, [text[start : start + limit] for start in range(0, length, limit)]
    return alphabet, _check_total(_pieces(text, alphabet, limit))


def _measured(text: str) -> tuple[Alphabet, int]:
    """With the length in it. Raises EmptyText or UnsendableCharacter."""
    check(text)
    if not text or text.isspace():
        raise EmptyText
    alphabet = choose(text)
    return alphabet, units(text, alphabet)


def _least(length: int, limit: int) -> int:
    """The segments that it takes if none stays short. Raises TooLong before any work on a text of any size."""
    least = -(-length // limit)
    if least > MOST_SEGMENTS:
        raise TooLong(least)
    return least


def _is_even(text: str, length: int) -> bool:
    """Each character has the length of one, and it may be cut between any two of them."""
    return length == len(text) and "\r\n" not in text and _is_plain(text)


def _is_plain(text: str) -> bool:
    return text.isascii() or _PLAINS.fullmatch(text) is not None


def _pieces(text: str, alphabet: Alphabet, limit: int) -> list[str]:
    return list(_fill(_unbroken(_clusters(text), alphabet, limit), limit))


def _check_total(pieces: list[str]) -> list[str]:
    if len(pieces) > MOST_SEGMENTS:
        raise TooLong(len(pieces))
    return pieces


def _clusters(text: str) -> list[str]:
    if _is_plain(text):
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
