"""Writes an .xlsb, which no library does: as few records as its readers need (MS-XLSB 2.1.7)."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path

ERROR = object()  # a cell with #N/A
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.bin"/></Relationships>'
)


def write_xlsb(
    path: Path,
    rows: Sequence[Sequence[object]],
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    merged: Collection[tuple[int, int, int, int]] = (),
) -> Path:
    """`merged` are top, bottom, left and right, from 0; row numbers from 1."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/_rels/workbook.bin.rels", RELATIONS)
        archive.writestr("xl/workbook.bin", _workbook("Лист1"))
        archive.writestr("xl/worksheets/sheet1.bin", _sheet(rows, hidden_rows, hidden_columns, merged))
    return path


def _workbook(name: str) -> bytes:
    sheet = struct.pack("<II", 0, 1) + _text("rId1") + _text(name)
    return record(131) + record(143) + record(156, sheet) + record(144) + record(132)


def _sheet(
    rows: Sequence[Sequence[object]],
    hidden_rows: Collection[int],
    hidden_columns: Collection[int],
    merged: Collection[tuple[int, int, int, int]],
) -> bytes:
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(len(cells) for cells in rows) - 1)
    columns = [record(60, struct.pack("<IIIIH", column, column, 2560, 0, 1)) for column in hidden_columns]
    data = [_row(number, cells, number + 1 in hidden_rows) for number, cells in enumerate(rows)]
    merges = [record(176, struct.pack("<IIII", *each)) for each in merged]
    parts = (record(390), *columns, record(391), record(145), *data, record(146), record(177), *merges, record(178))
    return record(129) + record(148, size) + b"".join(parts) + record(130)


def _row(number: int, cells: Sequence[object], is_hidden: bool) -> bytes:
    head = struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if is_hidden else 0, 0, 0)
    written = [_cell(column, value) for column, value in enumerate(cells) if value is not None]
    return record(0, head) + b"".join(written)


def _cell(column: int, value: object) -> bytes:
    place = struct.pack("<II", column, 0)
    if value is ERROR:
        return record(3, place + b"\x2a")
    if isinstance(value, str):
        return record(6, place + _text(value))
    return record(5, place + struct.pack("<d", value))


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(kind: int, body: bytes = b"") -> bytes:
    """Type and length in groups of seven bits, the lowest first."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length = len(body)
    while length >= 0x80:
        head += bytes([length & 0x7F | 0x80])
        length >>= 7
    return head + bytes([length]) + body
