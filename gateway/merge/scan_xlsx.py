"""[pure] The marks of one sheet of an .xlsx file: regular expressions over its XML, as many programmes write it.

ECMA-376 part 1: 18.3.1.73 row, 18.3.1.4 c (t="e" is an error), 18.3.1.40 f, 18.3.1.13 col.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import IO
from xml.etree import ElementTree
from zipfile import ZipFile

from gateway.merge.cells import Flaw, column_index
from gateway.merge.marks import MAX_COLUMNS, Marks, TooWide

MAX_ROWS = 1 << 20  # of a sheet of Excel; whoever writes more means no good
PIECE = 1 << 20  # octets of XML looked at in one go
HEAD = 4096  # octets in which the root element stands
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION_ID = "}id"  # in one of two name spaces: the strict form of the standard has its own

ROOT = re.compile(rb"<(\w+:)?worksheet\b")
TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")  # an empty text is a value: the formula gave ""
HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']|\b(?:ht|width)=[\"']0(?:\.0*)?[\"']")  # or nothing high or wide
NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
SPAN = re.compile(rb"\b(min|max)=[\"'](\d+)[\"']")
FAR_COLUMN = re.compile(rb"r=[\"'](?:[A-Z]{3}|G[S-Z]|[H-Z][A-Z])\d")  # beyond GR, the 200th


@dataclass(frozen=True, slots=True)
class Tags:
    """The patterns for the tags of one file: some programmes give each a prefix of its name space."""

    row: re.Pattern[bytes]
    column: re.Pattern[bytes]
    error: re.Pattern[bytes]
    uncalculated: re.Pattern[bytes]
    far_cell: re.Pattern[bytes]
    row_start: bytes
    formula_start: bytes


@lru_cache
def tags(prefix: bytes) -> Tags:
    """`prefix` with its colon; literal patterns run several times as fast as ones with a choice."""
    p = re.escape(prefix)
    no_value = rb"(?:<%bv\s*/>|<%bv>\s*</%bv>|</%bc>)" % (p, p, p, p)
    return Tags(
        re.compile(rb"<%brow\b([^>]*)>" % p),
        re.compile(rb"<%bcol\b([^>]*)>" % p),
        re.compile(rb"<%bc\b([^>]*\bt=[\"']e[\"'][^>]*)>" % p),
        re.compile(rb"<%bc\b([^>]*[^/])>\s*<%bf\b(?:[^>]*/>|[^>]*>[^<]*</%bf>)\s*%b" % (p, p, p, no_value)),
        re.compile(rb"<%bc\b[^>]*\br=[\"'](?:[A-Z]{3}|G[S-Z]|[H-Z][A-Z])\d+[\"'](?:[^>]*[^/>])?>" % p),
        b"<%brow" % prefix,
        b"<%bf" % prefix,
    )


def check(archive: ZipFile, sheet: str, size: int = PIECE) -> None:
    """What must be known before cells are laid out. Raises TooWide, ValueError for too many rows, else as `scan`."""
    row = 0
    with _opened(archive, sheet, size) as (known, parts):
        for piece in parts:
            row = _last_number(piece, known) or _scan_each_row(piece, row, Marks(), known)
            if row > MAX_ROWS:
                raise ValueError(row)
            if FAR_COLUMN.search(piece) and known.far_cell.search(piece):
                raise TooWide


def scan(archive: ZipFile, sheet: str, size: int = PIECE) -> Marks:
    """Raises KeyError for a missing part, ElementTree.ParseError."""
    marks = Marks()
    row = 0
    with _opened(archive, sheet, size) as (known, parts):
        for piece in parts:
            row = _scan_rows(piece, row, marks, known)
            _scan_columns(piece, marks, known)
            _scan_cells(piece, marks, known)
    return marks


@contextmanager
def _opened(archive: ZipFile, sheet: str, size: int) -> Iterator[tuple[Tags, Iterator[bytes]]]:
    with archive.open(part_of(archive, sheet)) as stream:
        yield pieces(stream, size)


def part_of(archive: ZipFile, sheet: str) -> str:
    """The name of the part that holds the sheet."""
    relation = next(
        value
        for element in ElementTree.fromstring(archive.read(WORKBOOK)).iter()
        if element.tag.endswith("}sheet") and element.get("name") == sheet
        for name, value in element.items()
        if name.endswith(RELATION_ID)
    )
    targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.fromstring(archive.read(RELATIONS))}
    return posixpath.normpath(posixpath.join("xl", targets[relation])).removeprefix("../").lstrip("/")


def pieces(stream: IO[bytes], size: int) -> tuple[Tags, Iterator[bytes]]:
    """The patterns for the file, and its XML in pieces that each end before a row begins."""
    first = stream.read(max(size, HEAD))
    root = ROOT.search(first)
    known = tags((root[1] or b"") if root else b"")
    return known, _before_rows(first, stream, known.row_start, size)


def _before_rows(rest: bytes, stream: IO[bytes], row_start: bytes, size: int) -> Iterator[bytes]:
    while block := stream.read(size):
        rest += block
        end = rest.rfind(row_start)
        if end > 0:
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _scan_rows(piece: bytes, row: int, marks: Marks, known: Tags) -> int:
    """The number of the last row seen: a row without a number follows the one before it."""
    last = _last_number(piece, known) if _is_plain(piece) else None
    return last or _scan_each_row(piece, row, marks, known)


def _is_plain(piece: bytes) -> bool:
    """No row has anything to be marked, as nearly everywhere in nearly every list."""
    return b"hidden" not in piece and b"ht=" not in piece


def _last_number(piece: bytes, known: Tags) -> int | None:
    """None where the last row doesn't say it."""
    match = known.row.match(piece, max(piece.rfind(known.row_start), 0))
    number = NUMBER.search(match[1]) if match else None
    return int(number[1]) if number else None


def _scan_each_row(piece: bytes, row: int, marks: Marks, known: Tags) -> int:
    for match in known.row.finditer(piece):
        attributes = match[1]
        number = NUMBER.search(attributes)
        row = int(number[1]) if number else row + 1
        if (b"hidden" in attributes or b"ht=" in attributes) and HIDDEN.search(attributes):
            marks.hidden_rows.add(row)
    return row


def _scan_columns(piece: bytes, marks: Marks, known: Tags) -> None:
    for match in known.column.finditer(piece):
        if HIDDEN.search(match[1]):
            span = {name: int(value) for name, value in SPAN.findall(match[1])}
            marks.hidden_columns.update(range(span[b"min"] - 1, min(span[b"max"], MAX_COLUMNS)))


def _scan_cells(piece: bytes, marks: Marks, known: Tags) -> None:
    if b't="e"' in piece or b"t='e'" in piece:
        _add(known.error.finditer(piece), Flaw.CELL_ERROR, marks)
    if known.formula_start in piece:
        found = (each for each in known.uncalculated.finditer(piece) if not TEXT_RESULT.search(each[1]))
        _add(found, Flaw.FORMULA_WITHOUT_VALUE, marks)


def _add(matches: Iterator[re.Match[bytes]], flaw: Flaw, marks: Marks) -> None:
    for match in matches:
        if place := REFERENCE.search(match[1]):
            marks.add_flaw(int(place[2]), column_index(place[1].decode()), flaw)
