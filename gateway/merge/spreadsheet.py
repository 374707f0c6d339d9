"""Reads a sheet of an .xlsx, .xlsb, .xls or .ods file: its values by python-calamine, its marks by our own scan.

Merged cells: one merged downwards gives its value to every row, as a person reads it; one merged over several columns
makes its row a title or section.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TypeVar
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from gateway.merge import compound_file, scan_ods, scan_xls, scan_xlsb, scan_xlsx
from gateway.merge.cells import Cell, Flaw, folded, tidied
from gateway.merge.file_kind import Kind
from gateway.merge.head import Head, Problem, Row
from gateway.merge.marks import MAX_COLUMNS, Marks, Range, TooWide
from gateway.merge.mending import mended

Place = tuple[int, int]
Said = TypeVar("Said")

BANNER_COLUMNS = 3  # cells merged over so many columns are a title or a section, no person
MAX_FILLED_DOWN = 50_000  # merged cells that get the value of their first one, and rows that are known as titles
# What a damaged file makes the libraries raise; SyntaxError is ElementTree's, RuntimeError a zip of an unknown kind.
BROKEN = (
    CalamineError,
    BadZipFile,
    zlib.error,
    SyntaxError,
    LookupError,
    StopIteration,
    RuntimeError,
    EOFError,
    ValueError,
    struct.error,
)
PANIC = "PanicException"  # what a fault of the reader of values itself looks like; no Exception, nor to be imported


def _in_archive(look: Callable[[ZipFile, str], Said]) -> Callable[[BinaryIO, str], Said]:
    def look_at_file(file: BinaryIO, sheet: str) -> Said:
        with ZipFile(file) as archive:
            return look(archive, sheet)

    return look_at_file


def _scan_xls(file: BinaryIO, sheet: str) -> Marks:
    return scan_xls.scan(scan_xls.workbook_stream(compound_file.parse(file.read())) or b"", sheet)


CHECKS = {Kind.XLSX: _in_archive(scan_xlsx.check)}  # of the others the scan itself does it
SCANS: dict[Kind, Callable[[BinaryIO, str], Marks]] = {
    Kind.XLSX: _in_archive(scan_xlsx.scan),
    Kind.XLSB: _in_archive(scan_xlsb.scan),
    Kind.ODS: _in_archive(scan_ods.scan),
    Kind.XLS: _scan_xls,
}


def read(path: Path, kind: Kind, wanted: str | None) -> tuple[Head, Iterator[Row]]:
    """The sheet called `wanted`, else the first visible one that has cells. Raises Problem."""
    with _problems():
        file = path.open("rb") if kind is Kind.XLS else mended(path)
        workbook = CalamineWorkbook.from_filelike(file)  # from_path would believe the file's name
        visible = [each.name for each in workbook.sheets_metadata if _is_list(each)]
        for name in [_named(wanted, workbook.sheet_names)] if wanted else visible:
            marks, sheet = _looked_at(kind, file, name, workbook)
            if sheet.start is not None:
                others = tuple(each for each in visible if each != name)
                return _head(sheet, others, marks), _rows(sheet, marks)
    raise Problem("empty")


def _looked_at(kind: Kind, file: BinaryIO, name: str, workbook: CalamineWorkbook) -> tuple[Marks, CalamineSheet]:
    """A sheet too wide to be laid out is found before it is."""
    file.seek(0)
    if kind not in CHECKS:
        return SCANS[kind](file, name), workbook.get_sheet_by_name(name)
    CHECKS[kind](file, name)
    file.seek(0)
    return _both(lambda: SCANS[kind](file, name), lambda: workbook.get_sheet_by_name(name))


def _both(scan: Callable[[], Marks], lay_out: Callable[[], CalamineSheet]) -> tuple[Marks, CalamineSheet]:
    """At the same time, on two processors if there are; of two faults the scan's is told."""
    with ThreadPoolExecutor(1) as pool:
        marks = pool.submit(scan)
        try:
            sheet = lay_out()
        finally:
            marks.result()
        return marks.result(), sheet


@contextmanager
def _problems() -> Iterator[None]:
    """Whatever the libraries say of a broken file, as our own Problem."""
    try:
        yield
    except PasswordError as error:
        raise Problem("encrypted") from error
    except TooWide as error:
        raise Problem("too_wide") from error
    except BROKEN as error:
        raise Problem("corrupt") from error
    except OSError as error:
        if error.errno is not None:  # the disk's word; without a number it is the reader's of a part cut short
            raise
        raise Problem("corrupt") from error
    except BaseException as error:
        if type(error).__name__ == PANIC:
            raise Problem("corrupt") from error
        raise


def _is_list(sheet: SheetMetadata) -> bool:
    return sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible


def _named(wanted: str, names: Sequence[str]) -> str:
    for name in (wanted, *names):
        if name in names and folded(name) == folded(wanted):
            return name
    raise Problem("no_sheet", names)


def _head(sheet: CalamineSheet, others: tuple[str, ...], marks: Marks) -> Head:
    if sheet.start is not None and sheet.start[1] + sheet.width > MAX_COLUMNS:
        raise TooWide
    banners = (
        row + 1
        for (top, left), (bottom, right) in _merged(sheet, marks)
        if right - left >= BANNER_COLUMNS - 1
        for row in range(top, bottom + 1)
    )
    hidden = frozenset(marks.hidden_rows), frozenset(marks.hidden_columns)
    return Head(sheet.name, others, *hidden, frozenset(islice(banners, MAX_FILLED_DOWN)), sheet.total_height)


def _merged(sheet: CalamineSheet, marks: Marks) -> list[Range]:
    return sheet.merged_cell_ranges or marks.merged


def _rows(sheet: CalamineSheet, marks: Marks) -> Iterator[Row]:
    margin: list[Cell] = [None] * (sheet.start[1] if sheet.start else 0)
    merged = _merged_down(_merged(sheet, marks))
    values: dict[Place, Cell] = {}
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        flaws, filled_down = marks.flaws.get(number), merged.get(number)
        if not (flaws or filled_down or any(cells)) and cells.count("") == len(cells):
            continue  # a stray cell in the last row leaves a million blank ones
        row = [*margin, *map(tidied, cells)]
        if flaws:
            _put_flaws(row, flaws)
        if filled_down:
            _fill_down(row, number, filled_down, values)
        if any(row) or row.count(None) < len(row):
            yield number, row


def _put_flaws(row: list[Cell], flaws: dict[int, Flaw]) -> None:
    for column, flaw in flaws.items():
        row.extend([None] * (column + 1 - len(row)))
        row[column] = flaw


def _fill_down(
    row: list[Cell], number: int, merged: Sequence[tuple[int, int]], values: dict[tuple[int, int], Cell]
) -> None:
    """Remember the value of a merged cell at its first row, and put it into the rows below."""
    for column, first in merged:
        if column < len(row):
            if number == first:
                values[first, column] = row[column]
            row[column] = values.get((first, column), row[column])


def _merged_down(merged: list[Range]) -> dict[int, list[Place]]:
    """For each row the columns that are merged downwards, each with the number of the row that holds the value."""
    rows: dict[int, list[Place]] = {}
    budget = MAX_FILLED_DOWN
    for (top, left), (bottom, _right) in merged:
        last = min(bottom, top + budget)
        for row in range(top, last + 1) if last > top else ():
            rows.setdefault(row + 1, []).append((left, top + 1))
        budget -= last - top
    return rows
