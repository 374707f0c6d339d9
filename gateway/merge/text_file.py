"""[pure] A .csv's bytes -> its text and delimiter: the encodings and separators that clinics' programmes write.

`sep=;` in the first line is Excel's own way to name the delimiter; Excel doesn't count that line, nor do we.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from io import StringIO
from math import inf
from typing import TYPE_CHECKING

from gateway.merge.cells import Cell

if TYPE_CHECKING:
    from _csv import Reader

UTF_8_MARK = b"\xef\xbb\xbf"
# Octets of a character, with the encoding; UTF-32 first, for its mark begins like that of UTF-16.
WIDE_MARKS = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
# Without a mark: where in the first characters, ASCII signs mostly, no zero stands.
WIDE_FORMS = {"utf-32-le": (0, 4), "utf-32-be": (3, 4), "utf-16-le": (0, 2), "utf-16-be": (1, 2)}
WIDE_SAMPLE = 400  # octets looked at
MOST_BLOCKS = 4  # of 256 characters each, in one text without a mark
MIN_ZEROS = 0.1  # of the high octets; a Cyrillic text has them in its digits, blanks and separators alone
CYRILLIC = ("cp1251", "cp866")
DELIMITERS = ";\t,|"
WIDE_DELIMITERS = "；，"  # typed by hand; in a list of another separator they are marks of a text
NUMBER = re.compile(r"\d(?:[ -]?\d){6}")  # as no heading has one
SAMPLE_LINES = 30
MOST_LINES = 1 << 20  # the rows of a sheet of Excel's
MAX_FIELD = 1_000_000  # characters; a quote that is never closed would swallow the file
STRANGE_SHARE = 0.2  # above it the text is not Cyrillic read with the right table
SEP_LINE = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
# What an octet is in an encoding; the first that fits. Strange is what Russian prose hardly has, and a capital inside a
# word: what Chinese looks like when read as cp1251.
ASCII, SMALL, CAPITAL, USUAL, UNKNOWN, STRANGE = b".", b"a", b"A", b"-", b"?", b"!"
KINDS = (
    (ASCII, re.compile(r"[\x00-\x7f]")),
    (SMALL, re.compile("[а-яё]")),
    (CAPITAL, re.compile("[А-ЯЁ]")),
    (USUAL, re.compile("[№«»–—…“”„’‘•·°§©®ЄєІіЇїҐґЎў]")),
    (UNKNOWN, re.compile("\ufffd")),
)
# GB 2312 has two octets for each sign: words are of even length, and nearly all signs are of its first level.
HIGH_RUN = re.compile(rb"[\x80-\xff]+")
FORM_SAMPLE = 1 << 16  # octets looked at
LEAST_WORDS = 6  # different ones; of so few Russian words all may be of even length in one list of sixty
EVEN_SHARE, FIRST_LEVEL_SHARE = (
    0.9,
    0.85,
)  # rare names lie outside; Russian words reach 0.5, those in capitals 1 and 0.5
FIRST_LEVEL = frozenset((0xA1, 0xA3, *range(0xB0, 0xD8)))  # its first octets, with those of marks and wide digits
# Big5, Taiwan's: two octets as well, and the second of two in five signs is that of an ASCII one, which GB 2312 never
# has and Cyrillic isn't followed by. Nearly all signs are of its first level, A440 to C67E, or marks before that.
BIG5 = "cp950"
BIG5_PAIR = re.compile(rb"[\xa1-\xf9][\x40-\x7e\xa1-\xfe]")
LEAST_PAIRS, LOW_SHARE, BIG5_FIRST_SHARE = 8, 0.2, 0.9
BIG5_FIRST_END, LOW_END = 0xC7, 0x7F
WRAPPED_BEGIN = '="'
WRAPPED = re.compile(r'="([^=]*)"')  # and no formula with texts in it


class NotText(ValueError):
    """The bytes are no text in any encoding that we know."""


class TooManyLines(ValueError):
    """More than a sheet has: no person made that list."""


class OpenQuote(ValueError):
    """A quotation mark has swallowed what follows it, other people too; `row` is where it stands."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def decode(octets: bytes, is_chinese: bool = False) -> str:
    """The text; a byte order mark decides, else UTF-8 if it is that, else the old national encodings."""
    if octets.startswith(UTF_8_MARK):
        return _strictly(octets, "utf-8-sig")
    if wide := wide_encoding(octets):
        return _strictly(octets, wide)
    if b"\x00" in octets:
        raise NotText
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return _national(octets, is_chinese)


def wide_encoding(octets: bytes) -> str | None:
    """UTF-16 or UTF-32, by its mark or by where its zeros stand."""
    for mark, encoding in WIDE_MARKS.items():
        if octets.startswith(mark):
            return encoding
    sample = octets[:WIDE_SAMPLE]
    return next((encoding for encoding, form in WIDE_FORMS.items() if _has_form(sample, *form)), None)


def _has_form(sample: bytes, low: int, size: int) -> bool:
    """No zero among the low octets, and above them what few scripts have much of."""
    if len(sample) < 2 * size or 0 in sample[low::size]:
        return False
    if size == 4:
        return not any(sample[low ^ 2 :: 4]) and not any(sample[low ^ 3 :: 4])  # the upper half of each character
    high = sample[low ^ 1 :: 2]
    return high.count(0) >= MIN_ZEROS * len(high) and len(set(high)) <= MOST_BLOCKS


def _strictly(octets: bytes, encoding: str) -> str:
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotText from error


def _national(octets: bytes, is_chinese: bool) -> str:
    """Windows' or DOS's Cyrillic, whichever looks more like it; a Chinese encoding if neither does and that fits."""
    strange = {encoding: _strangeness(octets, encoding) for encoding in CYRILLIC}
    best = min(CYRILLIC, key=lambda encoding: strange[encoding])  # cp866 has a character for every octet
    if is_chinese or strange[best] > STRANGE_SHARE or _has_form_of_chinese(octets):
        if _has_form_of_big5(octets):
            with suppress(UnicodeDecodeError):
                return octets.decode(BIG5)
        with suppress(UnicodeDecodeError):
            return octets.decode("gb18030")
    return octets.decode(best)


def _has_form_of_chinese(octets: bytes) -> bool:
    """Whether the words without the Latin ones are built as those of GB 2312, however Cyrillic each may look."""
    words = set(HIGH_RUN.findall(octets[:FORM_SAMPLE]))
    firsts = b"".join(word[::2] for word in words)
    even = sum(len(word) % 2 == 0 for word in words)
    usual = sum(octet in FIRST_LEVEL for octet in firsts)
    return len(words) >= LEAST_WORDS and even >= EVEN_SHARE * len(words) and usual >= FIRST_LEVEL_SHARE * len(firsts)


def _has_form_of_big5(octets: bytes) -> bool:
    pairs = BIG5_PAIR.findall(octets[:FORM_SAMPLE])
    low = sum(pair[1] < LOW_END for pair in pairs)
    usual = sum(pair[0] < BIG5_FIRST_END for pair in pairs)
    return len(pairs) >= LEAST_PAIRS and low >= LOW_SHARE * len(pairs) and usual >= BIG5_FIRST_SHARE * len(pairs)


def _strangeness(octets: bytes, encoding: str) -> float:
    """The share of what is not ASCII that Cyrillic prose hardly has; counted octet by octet, without a text of it."""
    kinds = octets.translate(_kinds(encoding))
    if UNKNOWN in kinds:
        return inf
    return (kinds.count(STRANGE) + kinds.count(SMALL + CAPITAL)) / max(len(kinds) - kinds.count(ASCII), 1)


@lru_cache
def _kinds(encoding: str) -> bytes:
    """What each octet is."""
    return b"".join(_kind(bytes([octet]).decode(encoding, "replace")) for octet in range(256))


def _kind(sign: str) -> bytes:
    return next((kind for kind, signs in KINDS if signs.fullmatch(sign)), STRANGE)


def delimiter_of(text: str) -> str:
    """The separator that cuts the first lines into the most equal rows; a wide one only of a text without others.

    It must cut a heading too: in a column of phones it stands between two of one person.
    """
    sample = [line for line in text.splitlines(keepends=True)[:SAMPLE_LINES] if line.strip("\r\n ")]
    usual, wide = (max(signs, key=lambda sign: _evenness(sample, sign)) for signs in (DELIMITERS, WIDE_DELIMITERS))
    is_wide = 2 * len(_widths(sample, usual)) < len(sample) < 2 * len(_widths(sample, wide))
    heading = next((line for line in sample if wide in line), "")
    return wide if is_wide and NUMBER.search(heading) is None else usual


def _widths(sample: list[str], delimiter: str) -> list[int]:
    """Of the rows that it cuts."""
    return [len(row) for row in csv.reader(sample, delimiter=delimiter) if len(row) > 1]


def _evenness(sample: list[str], delimiter: str) -> int:
    """How many sample rows have the commonest width above 1, weighed by that width."""
    widths = _widths(sample, delimiter)
    commonest = max(set(widths), key=lambda width: (widths.count(width), width), default=0)
    return widths.count(commonest) * 100 + min(commonest, 99) if widths else 0


def rows(text: str) -> Iterator[list[Cell]]:
    """The records; a quoted cell may hold line breaks. Raises csv.Error, OpenQuote, TooManyLines."""
    csv.field_size_limit(MAX_FIELD)
    named = SEP_LINE.match(text)
    delimiter = named[1] if named else delimiter_of(text)
    lines = list(StringIO(text[named.end() :] if named else text, newline=""))
    if len(lines) > MOST_LINES:
        raise TooManyLines
    reader = csv.reader(lines, delimiter=delimiter)
    first, is_wrapped = 0, WRAPPED_BEGIN in text
    for row, record in enumerate(_records(reader), start=1):
        if reader.line_num - first > 1 or reader.line_num == len(lines):
            _check_quotes(lines[first : reader.line_num], delimiter, row)
        first = reader.line_num
        yield [_unwrapped(cell) for cell in record] if is_wrapped else list(record)


def _records(reader: Reader) -> Iterator[list[str]]:
    """A cell of several lines that grows beyond what a cell can hold has swallowed them."""
    row = first = 0
    try:
        for record in reader:
            row, first = row + 1, reader.line_num
            yield record
    except csv.Error as error:
        if reader.line_num - first > 1:
            raise OpenQuote(row + 1) from error
        raise


def _unwrapped(cell: str) -> str:
    """`="89000000001"`: how programmes keep Excel from making a number of a text."""
    found = WRAPPED.fullmatch(cell)
    return found[1].replace('""', '"') if found else cell


def _check_quotes(lines: list[str], delimiter: str, row: int) -> None:
    """A cell of several lines must end with its quotation mark, or it is none."""
    try:
        list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if len(lines) > 1 or _is_open(lines[0], delimiter):
            raise OpenQuote(row) from error


def _is_open(line: str, delimiter: str) -> bool:
    """Whether a cell of the line would take in the line that follows."""
    return len(list(csv.reader([line, "\n"], delimiter=delimiter))) == 1
