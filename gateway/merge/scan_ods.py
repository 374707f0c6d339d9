"""[pure] The marks of one sheet of an .ods file: regular expressions over the rows of content.xml.

OpenDocument 1.3 part 3: 19.749 table:visibility, 19.675/19.677 table:number-columns/rows-repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from zipfile import ZipFile

from gateway.merge.cells import Flaw
from gateway.merge.marks import MAX_COLUMNS, Marks
from gateway.merge.parts_ods import CONTENT, PIECE, ROW_END, pieces, sections

TABLE = re.compile(rb"<table:table\s([^>]*)>")
NAME = re.compile(rb'table:name="([^"]*)"')
COLUMN = re.compile(rb"<table:table-column(?=[\s/>])([^>]*)>")  # a group of columns has another tag
ROW_SIGNS = frozenset(b" \t\r\n/>")  # behind the tag's name; a group of rows has another tag here too
CELL = re.compile(
    rb"<table:(?:covered-)?table-cell\b([^>]*?)(?:/>|>(?:.*?)</table:(?:covered-)?table-cell>)", re.DOTALL
)
HIDDEN = re.compile(rb'table:visibility="(?:collapse|filter)"')
REPEATED = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d+)"')
SPANNED = re.compile(rb'table:number-(rows|columns)-spanned="(\d+)"')
NEWS = (b'value-type="error"', b"table:formula", b"-spanned")  # a row without any needs no counting of cells
VALUE = b"office:value-type"

Spanned = tuple[int, int, bytes]  # the first and the last number of a row, and its text


def scan(archive: ZipFile, sheet: str, size: int = PIECE) -> Marks:
    """Raises KeyError when the file has no content."""
    marks = Marks()
    with archive.open(CONTENT) as stream:
        for first, last, row in _to_last_value(_rows(pieces(stream, size), sheet, marks)):
            attributes, _tag_end, cells = row.partition(b">")
            if HIDDEN.search(attributes):
                marks.hidden_rows.update(range(first, last + 1))
            if any(map(cells.__contains__, NEWS)) and not attributes.endswith(b"/"):
                _scan_cells(cells.partition(ROW_END)[0], first, marks)
    return marks


def _rows(pieces: Iterable[bytes], sheet: str, marks: Marks) -> Iterator[Spanned]:
    """Those of the sheet; what is said of its columns goes into the marks as it passes."""
    is_ours, number = False, 1
    for is_another, before, rows in sections(pieces):
        if is_ours and is_another:
            return
        if head := next((table for table in TABLE.finditer(before) if _is_called(table[1], sheet)), None):
            is_ours = True
            _scan_columns(before[head.end() :], marks)
        for row in rows if is_ours else ():
            if row[:1] and row[0] in ROW_SIGNS:
                times = _times(row.partition(b">")[0])
                yield number, number + times - 1, row
                number += times


def _to_last_value(rows: Iterable[Spanned]) -> Iterator[Spanned]:
    """Without those behind the last one that holds a value: a million of them may be "hidden"."""
    waiting: list[Spanned] = []
    for each in rows:
        if VALUE in each[2]:
            yield from waiting
            yield each
            waiting.clear()
        else:
            waiting.append(each)


def _is_called(attributes: bytes, sheet: str) -> bool:
    name = NAME.search(attributes)
    return name is not None and unescape(name[1].decode("utf-8", "replace")) == sheet


def _scan_columns(head: bytes, marks: Marks) -> None:
    """`head`: what stands before the rows."""
    column = 0
    for attributes in COLUMN.findall(head):
        end = column + _times(attributes)
        if HIDDEN.search(attributes):
            marks.hidden_columns.update(range(column, min(end, MAX_COLUMNS)))
        column = end


def _scan_cells(cells: bytes, row: int, marks: Marks) -> None:
    column = 0
    for attributes in CELL.findall(cells):
        if b'calcext:value-type="error"' in attributes:
            marks.add_flaw(row, column, Flaw.CELL_ERROR)
        elif b"table:formula" in attributes and VALUE not in attributes:
            marks.add_flaw(row, column, Flaw.FORMULA_WITHOUT_VALUE)
        elif b"-spanned" in attributes:
            span = {name: int(count) for name, count in SPANNED.findall(attributes)}
            last = (row + span.get(b"rows", 1) - 2, column + span.get(b"columns", 1) - 1)
            marks.merged.append(((row - 1, column), last))
        column += _times(attributes)


def _times(attributes: bytes) -> int:
    repeated = REPEATED.search(attributes)
    return int(repeated[1]) if repeated else 1
