"""A new workbook: the list's values, or what the gateway keeps of it, with the added columns, and the summary.

Written row by row by XlsxWriter, which keeps none in memory; its own temporary files lie in the private folder beside
the report. Every text is written as text: nothing in it is a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw
from gateway.report import columns, looks, summary_sheet
from gateway.report.harmless import for_workbook, is_like_formula
from gateway.report.lines import FLAW, Line, Listing
from gateway.report.looks import OF_MOOD, Formats, Look
from gateway.report.summary import Summary
from gateway.report.tables import Subject

MOST_ROWS = 1 << 20  # of a sheet
WIDTH = 16  # characters of a column of the list
OF_MOMENTS = {datetime: Look.MOMENT, date: Look.DAY, time: Look.CLOCK, timedelta: Look.LENGTH}


def write(path: Path, listing: Listing, subject: Subject, summary: Summary) -> None:
    """Raises GatewayError for a list that no sheet holds."""
    with looks.new_book(path, path.parent) as book:
        formats = looks.formats(book)
        page = book.add_worksheet(listing.name)
        _set_widths(page, listing.width)
        for line in listing.lines:
            _write(page, line, listing.width, formats)
        about = book.add_worksheet(summary_sheet.name_beside([listing.name]))
        summary_sheet.write(book, about, formats, subject, summary)


def _set_widths(page: Any, width: int) -> None:
    page.set_column(0, max(width - 1, 0), WIDTH)
    for column, characters in enumerate(columns.WIDTHS, start=width):
        page.set_column(column, column, characters)


def _write(page: Any, line: Line, width: int, formats: Formats) -> None:
    if line.number > MOST_ROWS:
        raise GatewayError(_("The list has more rows than a workbook holds: name a .csv file instead."))
    row = line.number - 1
    if line.is_heading:
        page.freeze_panes(line.number, 0)
    for column, value in _placed(line, width):
        look = _look(line, value, column - width)
        if isinstance(value, str):
            page.write_string(row, column, for_workbook(value), formats[look])
        elif isinstance(value, bool):
            page.write_boolean(row, column, value, formats[look])
        elif isinstance(value, int | float):
            page.write_number(row, column, value, formats[look])
        else:
            page.write_datetime(row, column, value, formats[look])


def _placed(line: Line, width: int) -> Iterator[tuple[int, Any]]:
    """Column and value of each cell that holds something."""
    for first, cells in ((0, line.cells), (width, line.added)):
        for column, value in enumerate(cells, start=first):
            if value is not None:
                yield column, FLAW if isinstance(value, Flaw) else _before_1900(value)


def _before_1900(value: Cell) -> Cell:
    """A day before the first that a workbook counts stays readable."""
    is_early = isinstance(value, date) and value.year < 1900
    return str(value) if is_early else value


def _look(line: Line, value: Cell, added: int) -> Look:
    if line.is_heading:
        return Look.HEADING
    if added == columns.VERDICT_COLUMN and line.mood is not None:
        return OF_MOOD[line.mood]
    if isinstance(value, str):
        return Look.QUOTED if is_like_formula(value) else Look.TEXT
    return OF_MOMENTS.get(type(value), Look.TEXT)
