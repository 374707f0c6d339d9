"""[pure] The marks of one sheet of an .xls file: its BIFF8 records (MS-XLS).

2.4.221 Row (fDyZero hides it), 2.4.53 ColInfo, 2.4.24 BoolErr, 2.4.127 Formula, 2.4.28 BoundSheet8, 2.4.117 FilePass.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator

from gateway.merge.cells import Flaw
from gateway.merge.compound_file import CompoundFile
from gateway.merge.marks import MAX_COLUMNS, Marks

BOF, EOF = 0x0809, 0x000A
BOUND_SHEET, FILE_PASS = 0x0085, 0x002F
ROW_HIDDEN = 0x20  # fDyZero: the row's height is nothing
COLUMN_HIDDEN = 0x01
NOT_A_NUMBER = 0xFFFF  # a formula's result that is no number
ERROR_RESULT = 2

Record = tuple[int, bytes]


def workbook_stream(file: CompoundFile) -> bytes | None:
    """The records of the whole workbook: BIFF8, else those of Excel 5."""
    return file.stream("Workbook") or file.stream("Book")


def is_encrypted(stream: bytes) -> bool:
    return any(kind == FILE_PASS for kind, _ in _substream(stream, 0))


def scan(stream: bytes, sheet: str) -> Marks:
    """An unknown sheet has no marks."""
    marks = Marks()
    offset = next((place for name, place in _sheets(stream) if name == sheet), None)
    if offset is not None:
        for kind, body in _substream(stream, offset):
            if kind in READERS:
                READERS[kind](body, marks)
    return marks


def _substream(stream: bytes, offset: int) -> Iterator[Record]:
    """The records from one BOF to its EOF, those of embedded charts left out."""
    depth = 0
    while offset + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, offset)
        depth += (kind == BOF) - (kind == EOF)
        if depth <= 0:
            return
        if depth == 1:
            yield kind, stream[offset + 4 : offset + 4 + length]
        offset += 4 + length


def _sheets(stream: bytes) -> Iterator[tuple[str, int]]:
    for kind, body in _substream(stream, 0):
        if kind == BOUND_SHEET and len(body) > 8:  # offset 4, visibility 1, type 1, length 1, flags 1, name
            is_wide = body[7] & 1
            yield body[8:].decode("utf-16-le" if is_wide else "latin-1", "replace"), struct.unpack_from("<I", body)[0]


def _row(body: bytes, marks: Marks) -> None:
    if len(body) >= 14 and body[12] & ROW_HIDDEN:
        marks.hidden_rows.add(struct.unpack_from("<H", body)[0] + 1)


def _column(body: bytes, marks: Marks) -> None:
    if len(body) >= 10 and body[8] & COLUMN_HIDDEN:
        first, last = struct.unpack_from("<HH", body)
        marks.hidden_columns.update(range(first, min(last + 1, MAX_COLUMNS)))


def _error(body: bytes, marks: Marks) -> None:
    if len(body) >= 8 and body[7]:  # 1: an error, 0: a truth value
        _flaw(body, marks)


def _formula(body: bytes, marks: Marks) -> None:
    if len(body) >= 14 and struct.unpack_from("<H", body, 12)[0] == NOT_A_NUMBER and body[6] == ERROR_RESULT:
        _flaw(body, marks)


def _flaw(body: bytes, marks: Marks) -> None:
    row, column = struct.unpack_from("<HH", body)
    marks.add_flaw(row + 1, column, Flaw.CELL_ERROR)


READERS: dict[int, Callable[[bytes, Marks], None]] = {0x0208: _row, 0x007D: _column, 0x0205: _error, 0x0006: _formula}
