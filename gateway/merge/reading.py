"""Reads one sheet of a file in the child process (child.py): first its head, then its rows.

The head says what concerns the whole sheet; a row comes with its own number in the workbook, blank ones are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from gateway.merge import compound_file, file_kind, scan_ods, scan_xls, scan_xlsx, text_file
from gateway.merge.cells import Cell, Flaw, folded, tidied
from gateway.merge.file_kind import HEAD, Kind
from gateway.merge.marks import MAX_COLUMNS, Marks, Range, TooWide

MAX_FILE = 200 << 20  # octets on disk; a list of 100,000 rows has 5 MB, as text 20 MB
MAX_UNPACKED = 600 << 20  # octets that the archive says it holds; 100,000 rows have 40 MB
BANNER_COLUMNS = 3  # cells merged over so many columns are a title or a section, no person
MAX_FILLED_DOWN = 50_000  # merged cells that get the value of their first one

Row = tuple[int, list[Cell]]  # the workbook's own row number, the cells from column A on


class Problem(Exception):
    """The file can't be read; `code` is a key of workbook.REASONS."""

    def __init__(self, code: str, names: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class Head:
    """What concerns the whole sheet; workbook.Sheet has the same fields in the same order."""

    sheet: str  # "" for a text file
    other_sheets: tuple[str, ...]  # visible ones that are not read
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    banner_rows: frozenset[int]  # rows with a cell merged over BANNER_COLUMNS or more
    height: int  # rows with the blank ones; 0: not known


def read(path: Path, sheet: str | None, is_chinese: bool) -> tuple[Head, Iterator[Row]]:
    """Raises Problem."""
    if path.stat().st_size > MAX_FILE:
        raise Problem("too_big")
    kind = kind_of(path)
    if kind is Kind.TEXT:
        return _read_text(path, is_chinese)
    if kind not in SCANS:
        raise Problem(kind.value)
    return _read_workbook(path, kind, sheet)


def kind_of(path: Path) -> Kind:
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if not head.strip():
        raise Problem("empty")
    if kind := file_kind.of_head(head):
        return kind
    return _kind_of_archive(path) if head.startswith(file_kind.ZIP_MAGIC) else _kind_of_compound(path)


def _kind_of_archive(path: Path) -> Kind:
    try:
        with ZipFile(path) as archive:
            if sum(each.file_size for each in archive.infolist()) > MAX_UNPACKED:
                raise Problem("too_big")
            return file_kind.of_archive(archive.namelist())
    except BadZipFile as error:
        raise Problem("corrupt") from error


def _kind_of_compound(path: Path) -> Kind:
    try:
        file = compound_file.parse(path.read_bytes())
    except compound_file.NotCompound as error:
        raise Problem("corrupt") from error
    kind = file_kind.of_compound([entry.name for entry in file.entries])
    stream = scan_xls.workbook_stream(file) if kind is Kind.XLS else None
    return Kind.ENCRYPTED if stream and scan_xls.is_encrypted(stream) else kind


def _read_text(path: Path, is_chinese: bool) -> tuple[Head, Iterator[Row]]:
    try:
        records = text_file.rows(text_file.decode(path.read_bytes(), is_chinese))
        first = list(islice(records, 1))
    except text_file.NotText as error:
        raise Problem("other") from error
    except csv.Error as error:
        raise Problem("corrupt") from error
    if not first:
        raise Problem("empty")
    return Head("", (), frozenset(), frozenset(), frozenset(), 0), _text_rows(first, records)


def _text_rows(first: list[list[Cell]], rest: Iterator[list[Cell]]) -> Iterator[Row]:
    try:
        for number, record in enumerate(chain(first, rest), start=1):
            if len(record) > MAX_COLUMNS:
                raise Problem("too_wide")
            if any(record):
                yield number, [tidied(cell) for cell in record]
    except csv.Error as error:
        raise Problem("corrupt") from error


def _read_workbook(path: Path, kind: Kind, wanted: str | None) -> tuple[Head, Iterator[Row]]:
    try:
        workbook = CalamineWorkbook.from_filelike(path.open("rb"))  # from_path would believe the file's name
        visible = [each.name for each in workbook.sheets_metadata if _is_list(each.typ, each.visible)]
        for name in [_named(wanted, workbook.sheet_names)] if wanted else visible:
            marks = _scan(path, kind, name)
            sheet = workbook.get_sheet_by_name(name)
            if sheet.start is not None:
                others = tuple(each for each in visible if each != name)
                return _head(sheet, others, marks), _sheet_rows(sheet, marks)
    except PasswordError as error:
        raise Problem("encrypted") from error
    except TooWide as error:
        raise Problem("too_wide") from error
    except (CalamineError, BadZipFile, SyntaxError, KeyError, StopIteration, OSError, EOFError) as error:
        raise Problem("corrupt") from error  # SyntaxError: ElementTree's ParseError is one
    raise Problem("empty")


def _is_list(kind: SheetTypeEnum, visible: SheetVisibleEnum) -> bool:
    return kind == SheetTypeEnum.WorkSheet and visible == SheetVisibleEnum.Visible


def _named(wanted: str, names: Sequence[str]) -> str:
    for name in (wanted, *names):
        if name in names and folded(name) == folded(wanted):
            return name
    raise Problem("no_sheet", names)


def _scan_archive_xlsx(path: Path, sheet: str) -> Marks:
    with ZipFile(path) as archive:
        return scan_xlsx.scan(archive, sheet)


def _scan_archive_ods(path: Path, sheet: str) -> Marks:
    with ZipFile(path) as archive:
        return scan_ods.scan(archive, sheet)


def _scan_compound(path: Path, sheet: str) -> Marks:
    return scan_xls.scan(scan_xls.workbook_stream(compound_file.parse(path.read_bytes())) or b"", sheet)


SCANS = {Kind.XLSX: _scan_archive_xlsx, Kind.ODS: _scan_archive_ods, Kind.XLS: _scan_compound}


def _scan(path: Path, kind: Kind, sheet: str) -> Marks:
    return SCANS[kind](path, sheet)


def _head(sheet: CalamineSheet, others: tuple[str, ...], marks: Marks) -> Head:
    if sheet.start is not None and sheet.start[1] + sheet.width > MAX_COLUMNS:
        raise TooWide
    banners = frozenset(
        row + 1
        for (top, left), (bottom, right) in _merged(sheet, marks)
        if right - left >= BANNER_COLUMNS - 1
        for row in range(top, min(bottom, top + MAX_COLUMNS) + 1)
    )
    hidden = frozenset(marks.hidden_rows), frozenset(marks.hidden_columns)
    return Head(sheet.name, others, *hidden, banners, sheet.total_height)


def _sheet_rows(sheet: CalamineSheet, marks: Marks) -> Iterator[Row]:
    margin: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    below = _filled_down(_merged(sheet, marks))
    values: dict[tuple[int, int], Cell] = {}
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if cells.count("") == len(cells) and number not in marks.flaws and number not in below:
            continue  # a stray cell in the last row leaves a million blank ones
        row = [*margin, *(tidied(cell) for cell in cells)]
        for column, flaw in marks.flaws.get(number, NO_FLAWS).items():
            row.extend([None] * (column + 1 - len(row)))
            row[column] = flaw
        for column, top in below.get(number, ()):
            if column < len(row) and row[column] is None:
                row[column] = values.get((top, column))
            values[number, column] = row[column] if column < len(row) else None
        if any(cell is not None for cell in row):
            yield number, row


NO_FLAWS: dict[int, Flaw] = {}


def _merged(sheet: CalamineSheet, marks: Marks) -> list[Range]:
    return sheet.merged_cell_ranges or marks.merged


def _filled_down(merged: list[Range]) -> dict[int, list[tuple[int, int]]]:
    """For each row the columns that are merged downwards, each with the number of the row that holds the value."""
    below: dict[int, list[tuple[int, int]]] = {}
    budget = MAX_FILLED_DOWN
    for (top, left), (bottom, _right) in merged:
        if bottom > top and budget > 0:
            for row in range(top + 1, bottom + 2):
                below.setdefault(row, []).append((left, top + 1))
            budget -= bottom - top
    return below
