"""Reads one sheet of a file in the child process (child.py): first its head, then its rows.

Here is what sort of file it is, and text files; spreadsheet.py reads the rest. A row comes with its own number in the
workbook, blank ones are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from gateway.merge import compound_file, file_kind, scan_xls, spreadsheet, text_file
from gateway.merge.cells import Cell, tidied
from gateway.merge.file_kind import HEAD, Kind
from gateway.merge.head import Head, Problem, Row
from gateway.merge.marks import MAX_COLUMNS

MAX_FILE = 200 << 20  # octets on disk; a list of 100,000 rows has 5 MB, as text 20 MB
MAX_UNPACKED = 600 << 20  # octets that the archive says it holds; 100,000 rows have 40 MB


def read(path: Path, sheet: str | None, is_chinese: Callable[[], bool]) -> tuple[Head, Iterator[Row]]:
    """Raises Problem. `is_chinese` is asked of a text file only, which doesn't say how it is encoded."""
    if path.stat().st_size > MAX_FILE:
        raise Problem("too_big")
    kind = kind_of(path)
    if kind is Kind.TEXT:
        return _read_text(path, is_chinese())
    if kind not in spreadsheet.SCANS:
        raise Problem(kind.value)
    return spreadsheet.read(path, kind, sheet)


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
    with _problems_of_text():
        records = text_file.rows(text_file.decode(path.read_bytes(), is_chinese))
        first = list(islice(records, 1))
    if not first:
        raise Problem("empty")
    return Head("", (), frozenset(), frozenset(), frozenset(), 0), _text_rows(first, records)


def _text_rows(first: list[list[Cell]], rest: Iterator[list[Cell]]) -> Iterator[Row]:
    with _problems_of_text():
        for number, record in enumerate(chain(first, rest), start=1):
            if len(record) > MAX_COLUMNS:
                raise Problem("too_wide")
            if any(record):
                yield number, [tidied(cell) for cell in record]


@contextmanager
def _problems_of_text() -> Iterator[None]:
    try:
        yield
    except text_file.NotText as error:
        raise Problem("other") from error
    except text_file.OpenQuote as error:
        raise Problem("open_quote", (str(error.row),)) from error
    except text_file.TooManyLines as error:
        raise Problem("too_big") from error
    except csv.Error as error:
        raise Problem("corrupt") from error
