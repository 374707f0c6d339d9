"""The summary as a sheet of a workbook, with charts that read its cells; written by XlsxWriter, row after row."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import count
from typing import Any

from gateway.i18n import _
from gateway.merge.cells import folded
from gateway.report.colours import FILL
from gateway.report.harmless import for_workbook
from gateway.report.looks import OF_MOOD, Formats, Look
from gateway.report.summary import Summary
from gateway.report.tables import Share, Subject, Table, Value, facts, heading, remarks, tables, verdicts
from gateway.report.verdicts import Mood

COLUMN_WIDTHS = (34, 17, 15, 16, 17, 15)  # characters; the second holds a date with its time
TITLE_HEIGHT = 24  # points
HEADING_HEIGHT = 32  # points: two lines
CHART_COLUMN = len(COLUMN_WIDTHS) + 1
CHART_WIDTH, CHART_HEIGHT = 620, 300  # pixels
CHART_GAP = 20
BAR_HEIGHT = 26  # pixels that a lying bar needs to have its name beside it
FRAME_HEIGHT = 110  # what title and axis of a chart take
STACKED = ((2, Mood.GOOD), (3, Mood.BAD), (4, Mood.OPEN))  # column -> whose colour its bars have
LONGEST_NAME = 31  # characters of a sheet's name
NOT_IN_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]|^'|'$")


def fitting(name: str) -> str:
    """A name that a sheet may have: other programmes than Excel allow longer ones and more signs."""
    return NOT_IN_NAME.sub(" ", name[:LONGEST_NAME]).strip() or _("List")


def name_beside(others: Collection[str]) -> str:
    """A name that no sheet has yet; case doesn't count."""
    taken, base = {folded(other) for other in others}, _("Summary")
    names = (base if number == 1 else f"{base[: LONGEST_NAME - 4]} {number}" for number in count(1))
    return next(name for name in names if folded(name) not in taken)


def write(book: Any, sheet: Any, looks: Formats, subject: Subject, summary: Summary) -> None:
    """Fill an empty sheet of a workbook."""
    _Sheet(book, sheet, looks).fill(subject, summary)


class _Sheet:
    """The next row to be written, and the next place for a chart."""

    def __init__(self, book: Any, sheet: Any, looks: Formats) -> None:
        self._book, self._sheet, self._looks = book, sheet, looks
        self._row = 0
        self._chart_top = 0  # pixels

    def fill(self, subject: Subject, summary: Summary) -> None:
        for column, width in enumerate(COLUMN_WIDTHS):
            self._sheet.set_column(column, column, width)
        title, *lines = heading(subject)
        self._sheet.set_row(self._row, TITLE_HEIGHT)
        self._line([title], Look.TITLE)
        for line in (*lines, *remarks(summary)):
            self._line([line], Look.FAINT)
        self._row += 1
        for fact in facts(summary, subject.zone):
            self._line(fact, Look.FACT, Look.TEXT)
        self._verdicts(summary)
        for table in tables(summary):
            self._table(table)
        self._sheet.hide_gridlines(2)
        self._sheet.set_landscape()
        self._sheet.fit_to_pages(1, 0)

    def _verdicts(self, summary: Summary) -> None:
        found = verdicts(summary)
        self._head(_("By verdict"), (_("Verdict"), _("Rows and messages"), _("Share")))
        first = self._row
        for word, number, share, mood in found:
            self._line((word, number, share), None, OF_MOOD[mood])
        if found:
            points = [{"fill": {"color": FILL[mood]}} for _word, _number, _share, mood in found]
            series = self._series(first, 1) | {"points": points, "data_labels": {"value": True}, "gap": 60}
            height = max(CHART_HEIGHT, FRAME_HEIGHT + BAR_HEIGHT * len(found))
            self._chart({"type": "bar"}, _("Rows and messages by verdict"), [series], height)

    def _table(self, table: Table) -> None:
        self._head(table.title, table.headings)
        first = self._row
        for row in table.rows:
            self._line(row)
        series = [
            self._series(first, column) | {"name": table.headings[column], "fill": {"color": FILL[mood]}, "gap": 60}
            for column, mood in STACKED
        ]
        self._chart({"type": "column", "subtype": "stacked"}, table.title, series, CHART_HEIGHT)

    def _head(self, title: str, headings: Sequence[str]) -> None:
        self._row += 1
        self._line([title], Look.SECTION)
        self._sheet.set_row(self._row, HEADING_HEIGHT)
        self._line(headings, Look.HEADING_OF_COUNTS, Look.HEADING)

    def _line(self, values: Sequence[Value], look: Look | None = None, first_look: Look | None = None) -> None:
        for column, value in enumerate(values):
            self._write(column, value, first_look if column == 0 and first_look else look)
        self._row += 1

    def _write(self, column: int, value: Value, look: Look | None) -> None:
        if isinstance(value, str):
            self._sheet.write_string(self._row, column, for_workbook(value), self._looks[look or Look.TEXT])
        elif isinstance(value, Share):
            self._sheet.write_number(self._row, column, value.of_one, self._looks[Look.SHARE])
        elif value is not None:
            self._sheet.write_number(self._row, column, value, self._looks[look or Look.COUNT])

    def _series(self, first: int, column: int) -> dict[str, Any]:
        """Of the rows from `first` to the one before the next."""
        name = self._sheet.get_name()
        return {
            "categories": [name, first, 0, self._row - 1, 0],
            "values": [name, first, column, self._row - 1, column],
        }

    def _chart(self, kind: dict[str, str], title: str, series: Sequence[dict[str, Any]], height: int) -> None:
        chart = self._book.add_chart(kind)
        for each in series:
            chart.add_series(each)
        chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
        chart.set_legend({"position": "bottom"} if len(series) > 1 else {"none": True})
        for set_axis, options in zip((chart.set_x_axis, chart.set_y_axis), AXES[kind["type"]], strict=True):
            set_axis(options)
        chart.set_size({"width": CHART_WIDTH, "height": height})
        self._sheet.insert_chart(
            0, CHART_COLUMN, chart, {"description": title, "y_offset": self._chart_top, "object_position": 3}
        )
        self._chart_top += height + CHART_GAP


# The axis of numbers, from nought, in whole ones.
COUNTS = {"min": 0, "num_format": "0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}}
AXES: Mapping[
    str, tuple[Mapping[str, Any], Mapping[str, Any]]
] = {  # by the kind of a chart: the lower one, the left one
    "bar": (COUNTS | {"name": _("Rows and messages"), "label_position": "high"}, {"reverse": True, "interval_unit": 1}),
    "column": ({}, COUNTS | {"name": _("messages")}),
}
