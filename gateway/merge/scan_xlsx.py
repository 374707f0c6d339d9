"""[pure] The marks of one sheet of an .xlsx file: regular expressions over its XML, as many programmes write it.

ECMA-376 part 1: 18.3.1.73 row, 18.3.1.4 c (t="e" is an error), 18.3.1.40 f, 18.3.1.13 col.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree
from zipfile import ZipFile

from gateway.merge.cells import Flaw, column_index
from gateway.merge.marks import MAX_COLUMNS, Marks, TooWide

PIECE = 1 << 20  # octets of XML looked at in one go
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

P = rb"<(?:\w+:)?"  # an opening tag with or without a prefix of its name space
ROW = re.compile(P + rb"row\b([^>]*)>")
COLUMN = re.compile(P + rb"col\b([^>]*)>")
ERROR = re.compile(P + rb"c\b([^>]*\bt=[\"']e[\"'][^>]*)>")
UNCALCULATED = re.compile(
    P + rb"c\b([^>]*[^/])>\s*" + P + rb"f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>|</(?:\w+:)?c>)"
)
TEXT_RESULT = re.compile(rb"\bt=[\"']str[\"']")  # an empty text is a value: the formula gave ""
HIDDEN = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']")
NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
REFERENCE = re.compile(rb"\br=[\"']([A-Z]+)(\d+)[\"']")
SPAN = re.compile(rb"\b(min|max)=[\"'](\d+)[\"']")
FAR_COLUMN = re.compile(rb"r=[\"'](?:[A-Z]{3}|G[S-Z]|[H-Z][A-Z])\d")  # beyond GR, the 200th
FAR_CELL = re.compile(P + rb"c\b[^>]*\br=[\"'](?:[A-Z]{3}|G[S-Z]|[H-Z][A-Z])\d+[\"'](?:[^>]*[^/>])?>")


def scan(archive: ZipFile, sheet: str) -> Marks:
    """Raises TooWide, KeyError for a missing part, ElementTree.ParseError."""
    marks = Marks()
    row = 0
    with archive.open(part_of(archive, sheet)) as stream:
        for piece in pieces(stream):
            row = _scan_rows(piece, row, marks)
            _scan_columns(piece, marks)
            _scan_cells(piece, marks)
    return marks


def part_of(archive: ZipFile, sheet: str) -> str:
    """The name of the part that holds the sheet."""
    relation = next(
        element.get(RELATION_ID)
        for element in ElementTree.fromstring(archive.read(WORKBOOK)).iter()
        if element.tag.endswith("}sheet") and element.get("name") == sheet
    )
    targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.fromstring(archive.read(RELATIONS))}
    return posixpath.normpath(posixpath.join("xl", targets[relation])).removeprefix("../").lstrip("/")


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The XML in pieces that each end before a row begins."""
    rest = b""
    while block := stream.read(PIECE):
        rest += block
        end = max(rest.rfind(b"<row"), rest.rfind(b"<", 0, max(rest.rfind(b":row"), 0)))
        if end > 0:
            yield rest[:end]
            rest = rest[end:]
    yield rest


def _scan_rows(piece: bytes, row: int, marks: Marks) -> int:
    """The number of the last row seen: a row without a number follows the one before it."""
    for match in ROW.finditer(piece):
        attributes = match[1]
        number = NUMBER.search(attributes)
        row = int(number[1]) if number else row + 1
        if b"hidden" in attributes and HIDDEN.search(attributes):
            marks.hidden_rows.add(row)
    return row


def _scan_columns(piece: bytes, marks: Marks) -> None:
    if b"hidden" not in piece:
        return
    for match in COLUMN.finditer(piece):
        if HIDDEN.search(match[1]):
            span = {name: int(value) for name, value in SPAN.findall(match[1])}
            marks.hidden_columns.update(range(span[b"min"] - 1, min(span[b"max"], MAX_COLUMNS)))


def _scan_cells(piece: bytes, marks: Marks) -> None:
    if FAR_COLUMN.search(piece) and FAR_CELL.search(piece):
        raise TooWide
    if b't="e"' in piece or b"t='e'" in piece:
        _add(ERROR.finditer(piece), Flaw.CELL_ERROR, marks)
    if b"<f" in piece or b":f" in piece:
        _add((each for each in UNCALCULATED.finditer(piece) if not TEXT_RESULT.search(each[1])),
             Flaw.FORMULA_WITHOUT_VALUE, marks)  # fmt: skip


def _add(matches: Iterator[re.Match[bytes]], flaw: Flaw, marks: Marks) -> None:
    for match in matches:
        if place := REFERENCE.search(match[1]):
            marks.add_flaw(int(place[2]), column_index(place[1].decode()), flaw)
