"""A reason that was written down in one language, told in the language of whoever reads it.

The outbox and the rows of a campaign keep their reasons in words, for an information system reads them too. They are
words of ours: the catalogues have each sentence in every language, so the sentence is found in them, what fills its
gaps is taken out, and set into the sentence of the reader. What is none of ours (an operator's own words, a sentence
whose translation has changed since) stays as it is.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from gateway.i18n import DOMAIN, LOCALE_FOLDER, translated

HEADER, PLACE = struct.Struct("<5I"), struct.Struct("<2I")  # of a .mo, in the octet order in which ours are written
LEAST_LETTERS = 5  # of a sentence with gaps: `{file}: {reason}.` could be anything
BEGINNING = 6  # signs by which the sentences that may be meant are found
TOLD_LATELY = 4096
OURS = frozenset({"words", "reason"})  # gaps that sentences of ours may fill


@dataclass(frozen=True, slots=True)
class Known:
    """All of our sentences in every language, each with its msgid."""

    whole: Mapping[str, str]  # those without gaps
    gapped: Mapping[str, Sequence[tuple[str, str]]]  # by how they begin, up to their first gap


@dataclass(frozen=True, slots=True)
class Sentence:
    """One with gaps, made ready."""

    pattern: re.Pattern[str]
    msgid: str
    letters: int  # outside its gaps: of two that fit, the one that says more is meant


@lru_cache(maxsize=TOLD_LATELY)
def retold(sentence: str) -> str:
    msgid = _known().whole.get(sentence)
    if msgid is not None:
        return translated(msgid)
    for length in range(BEGINNING, -1, -1):
        for each in _beginning_with(sentence[:length]) if length <= len(sentence) else ():
            if match := each.pattern.fullmatch(sentence):
                filled = {gap: _filling(gap, words) for gap, words in match.groupdict().items()}
                return translated(each.msgid).format(**filled)
    return sentence


def _filling(gap: str, words: str) -> str:
    """What fills a gap: a name stays, be it written as one of our words; a reason within a reason is told too."""
    return retold(words) if gap in OURS else words


@lru_cache(maxsize=1)
def _known() -> Known:
    whole: dict[str, str] = {}
    gapped: dict[str, list[tuple[str, str]]] = {}
    for text, msgid in _in_every_language():
        if "{" in text or "}" in text:
            gapped.setdefault(text.partition("{")[0][:BEGINNING], []).append((text, msgid))
        else:
            whole.setdefault(text, msgid)
    return Known(whole, gapped)


@lru_cache(maxsize=TOLD_LATELY)
def _beginning_with(beginning: str) -> tuple[Sentence, ...]:
    """Those with that very beginning, the longest first."""
    found = [_made_ready(text, msgid) for text, msgid in _known().gapped.get(beginning, ())]
    return tuple(sorted(filter(None, found), key=lambda each: -each.letters))


def _made_ready(text: str, msgid: str) -> Sentence | None:
    """None for one whose gaps can't be filled again with what stood in them, and for one that says too little."""
    pieces = [*Formatter().parse(text)]
    letters = sum(sign.isalpha() for literal, *_gap in pieces for sign in literal)
    if letters < LEAST_LETTERS or any(spec or conversion for *_words, spec, conversion in pieces):
        return None
    if _gaps(text) != _gaps(msgid) or not all(map(str.isidentifier, _gaps(text))):
        return None
    return Sentence(re.compile("".join(_expressions(pieces)), re.DOTALL), msgid, letters)


def _gaps(text: str) -> set[str]:
    return {field for _literal, field, *_form in Formatter().parse(text) if field is not None}


def _expressions(pieces: Iterable[tuple[str, str | None, str | None, str | None]]) -> Iterator[str]:
    """A gap that comes again holds the same again."""
    seen: set[str] = set()
    for literal, gap, *_form in pieces:
        yield re.escape(literal)
        if gap is not None:
            yield f"(?P={gap})" if gap in seen else f"(?P<{gap}>.+?)"
            seen.add(gap)


def _in_every_language() -> Iterator[tuple[str, str]]:
    """Each sentence with its msgid, which is the English one; without those that ask for a number's form."""
    for path in sorted(LOCALE_FOLDER.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")):
        for msgid, text in _catalogue(path.read_bytes()):
            if msgid and "\0" not in msgid:
                yield from ((msgid, msgid), (text, msgid))


def _catalogue(octets: bytes) -> Iterator[tuple[str, str]]:
    """Of a .mo file (GNU gettext manual, section 10.3): two tables of lengths and offsets."""
    _magic, _revision, count, ids_at, texts_at = HEADER.unpack_from(octets)
    for number in range(count):
        yield _string(octets, ids_at, number), _string(octets, texts_at, number)


def _string(octets: bytes, table_at: int, number: int) -> str:
    length, offset = PLACE.unpack_from(octets, table_at + PLACE.size * number)
    return octets[offset : offset + length].decode()
