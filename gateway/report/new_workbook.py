"""A new workbook: the list's values, or what the gateway keeps of it, with the added columns, and the summary.

Written row by row by XlsxWriter, which keeps none in memory; its own temporary files lie in the private folder beside
the report. Every text is written as text: nothing in it is a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw
from gateway.report import columns, looks, summary_sheet
from gateway.report.harmless import for_workbook, is_like_formula
from gateway.report.lines import FLAW, Line, Listing
from gateway.report.looks import OF_VERDICT, Formats, Look
from gateway.report.summary import Summary
from gateway.report.tables import Subject

MOST_ROWS = 1 << 20  # of a sheet
A4 = 9  # ECMA-376 part 1, 18.3.1.63 pageSetup
OF_VALUES = {
    **{datetime: Look.MOMENT, date: Look.DAY, time: Look.CLOCK, timedelta: Look.LENGTH},
    **{int: Look.NUMBER, float: Look.NUMBER},
}
OF_ADDED = {datetime: Look.ADDED_MOMENT, int: Look.ADDED_COUNT}
OF_TEXTS = (
    (Look.TEXT, Look.QUOTED),
    (Look.ADDED_TEXT, Look.ADDED_QUOTED),
)  # of the list and added; plain, like a formula


def write(path: Path, listing: Listing, subject: Subject, summary: Summary) -> None:
    """Raises GatewayError for a list that no sheet holds."""
    with looks.new_book(path, path.parent) as book:
        formats = looks.formats(book)
        page = book.add_worksheet(listing.name)
        _set_widths(page, (*listing.widths, *listing.added_widths))
        _write_lines(page, listing, formats)
        _set_print(page)
        about = book.add_worksheet(summary_sheet.name_beside([listing.name]))
        summary_sheet.write(book, about, formats, subject, summary)


def _set_widths(page: Any, widths: Sequence[int]) -> None:
    for column, characters in enumerate(widths):
        page.set_column(column, column, characters)


def _write_lines(page: Any, listing: Listing, formats: Formats) -> None:
    """The heading stays in sight, is on each printed page, and rows can be chosen by it, as by their verdict."""
    heading = last = 0
    for line in listing.lines:
        _write(page, line, listing.width, formats)
        heading, last = line.number if line.is_heading else heading, line.number
    if heading:
        page.freeze_panes(heading, 0)
        page.repeat_rows(heading - 1)
        page.autofilter(heading - 1, 0, last - 1, listing.width + len(columns.WIDTHS) - 1)


def _set_print(page: Any) -> None:
    """All columns on one page's width."""
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)


def _write(page: Any, line: Line, width: int, formats: Formats) -> None:
    if line.number > MOST_ROWS:
        raise GatewayError(_("The list has more rows than a workbook holds: name a .csv file instead."))
    row = line.number - 1
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
        return Look.HEADING if added < 0 else Look.HEADING_OF_ADDED
    if added == columns.VERDICT_COLUMN and line.mood is not None:
        return OF_VERDICT[line.mood]
    if isinstance(value, str):
        return OF_TEXTS[added >= 0][is_like_formula(value)]
    return OF_VALUES.get(type(value), Look.TEXT) if added < 0 else OF_ADDED[type(value)]
