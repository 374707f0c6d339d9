"""[pure] The marks of one sheet of an .xlsb file: its BIFF12 records (MS-XLSB).

2.4.741 BrtRowHdr (fDyZero hides it), 2.4.323 BrtColInfo, 2.4.308 BrtCellError, 2.4.656 BrtFmlaError, 2.4.694
BrtMergeCell, 2.4.301 BrtBundleSh. A formula always has its value beside it here.
"""

from __future__ import annotations

import posixpath
import struct
from collections.abc import Callable, Iterator
from xml.etree import ElementTree
from zipfile import ZipFile

from gateway.merge.cells import Flaw
from gateway.merge.marks import MAX_COLUMNS, Marks, TooWide

WORKBOOK = "xl/workbook.bin"
RELATIONS = "xl/_rels/workbook.bin.rels"
ROW, ERROR, FORMULA_ERROR, COLUMNS, MERGED, SHEET = 0, 3, 11, 60, 176, 156
VALUES = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 62})  # cells that hold anything; 1 is a mere format
ROW_HIDDEN, COLUMN_HIDDEN = 0x10, 0x01

Record = tuple[int, bytes]


def scan(archive: ZipFile, sheet: str) -> Marks:
    """Raises TooWide; KeyError, StopIteration, IndexError and struct.error for a broken file."""
    marks = Marks()
    row = 0
    for kind, body in records(archive.read(part_of(archive, sheet))):
        if kind == ROW:
            row = _row(body, marks)
        elif kind in VALUES:
            _cell(kind, body, row, marks)
        elif kind in READERS:
            READERS[kind](body, marks)
    return marks


def part_of(archive: ZipFile, sheet: str) -> str:
    """The name of the part that holds the sheet."""
    bundles = (_bundle(body) for kind, body in records(archive.read(WORKBOOK)) if kind == SHEET)
    relation = next(relation for relation, name in bundles if name == sheet)
    targets = {each.get("Id"): each.get("Target", "") for each in ElementTree.fromstring(archive.read(RELATIONS))}
    return posixpath.normpath(posixpath.join("xl", targets[relation])).removeprefix("../").lstrip("/")


def records(octets: bytes) -> Iterator[Record]:
    """2.1.4: type and length in groups of seven bits, the lowest first."""
    offset = 0
    while offset < len(octets):
        kind, offset = _kind(octets, offset)
        length, offset = _length(octets, offset)
        yield kind, octets[offset : offset + length]
        offset += length


def _kind(octets: bytes, offset: int) -> tuple[int, int]:
    if octets[offset] < 0x80:
        return octets[offset], offset + 1
    return (octets[offset] & 0x7F) | (octets[offset + 1] & 0x7F) << 7, offset + 2


def _length(octets: bytes, offset: int) -> tuple[int, int]:
    length = 0
    for group in range(4):
        octet = octets[offset]
        offset += 1
        length |= (octet & 0x7F) << 7 * group
        if octet < 0x80:
            break
    return length, offset


def _bundle(body: bytes) -> tuple[str, str]:
    """Relation and name: state 4 octets, tab id 4, then two texts, each behind its length."""
    relation, offset = _text(body, 8)
    return relation, _text(body, offset)[0]


def _text(body: bytes, offset: int) -> tuple[str, int]:
    end = offset + 4 + 2 * int(struct.unpack_from("<I", body, offset)[0])
    return body[offset + 4 : end].decode("utf-16-le", "replace"), end


def _row(body: bytes, marks: Marks) -> int:
    """The number of the row, as people count."""
    number = int(struct.unpack_from("<I", body)[0]) + 1
    if body[11] & ROW_HIDDEN:  # row 4 octets, format 4, height 2, flags
        marks.hidden_rows.add(number)
    return number


def _cell(kind: int, body: bytes, row: int, marks: Marks) -> None:
    column = int(struct.unpack_from("<I", body)[0])
    if column >= MAX_COLUMNS:
        raise TooWide
    if kind in (ERROR, FORMULA_ERROR):
        marks.add_flaw(row, column, Flaw.CELL_ERROR)


def _columns(body: bytes, marks: Marks) -> None:
    first, last = struct.unpack_from("<II", body)
    if body[16] & COLUMN_HIDDEN:  # first, last, width and format of 4 octets each, flags
        marks.hidden_columns.update(range(first, min(last + 1, MAX_COLUMNS)))


def _merged(body: bytes, marks: Marks) -> None:
    top, bottom, left, right = struct.unpack_from("<IIII", body)
    marks.merged.append(((top, left), (bottom, right)))


READERS: dict[int, Callable[[bytes, Marks], None]] = {COLUMNS: _columns, MERGED: _merged}
