"""Charts and pictures beside a list: the added columns stand before or behind them, where they can be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gateway.report.drawings import Box, boxes
from tests.cli.conftest import Gateway
from tests.merge.lists import HEADINGS, person, write_xlsx
from tests.report import workbooks
from tests.report.campaigns import Outcome, imported, report, settle

DRAWING = (
    '<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">{anchors}</xdr:wsDr>'
)
FROM = (
    "<xdr:from><xdr:col>7</xdr:col><xdr:colOff>5</xdr:colOff><xdr:row>1</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
)
TO = (
    "<xdr:to><xdr:col>9</xdr:col><xdr:colOff>{off}</xdr:colOff><xdr:row>4</xdr:row><xdr:rowOff>{off}</xdr:rowOff>"
    "</xdr:to>"
)
SIZE = '<xdr:ext cx="1219201" cy="381000"/>'
ANCHORS = {
    "from cell to cell": (f"<xdr:twoCellAnchor>{FROM}{TO.format(off=9)}</xdr:twoCellAnchor>", [Box(2, 5, 7, 10)]),
    "up to the border of a cell": (
        f"<xdr:twoCellAnchor>{FROM}{TO.format(off=0)}</xdr:twoCellAnchor>",
        [Box(2, 4, 7, 9)],
    ),
    "from a cell on, so large": (f"<xdr:oneCellAnchor>{FROM}{SIZE}</xdr:oneCellAnchor>", [Box(2, 3, 7, 10)]),
    "at a place on the sheet": (
        f'<xdr:absoluteAnchor><xdr:pos x="609600" y="190500"/>{SIZE}</xdr:absoluteAnchor>',
        [Box(2, 3, 0, 4)],
    ),
    "one that only newer programs know": (
        f"<mc:AlternateContent><mc:Choice><xdr:oneCellAnchor>{FROM}{SIZE}</xdr:oneCellAnchor></mc:Choice>"
        "</mc:AlternateContent>",
        [Box(2, 3, 7, 10)],
    ),
    "none": ("", []),
}


@pytest.mark.parametrize("form", ANCHORS)
def test_what_a_drawing_covers(form: str) -> None:
    anchors, expected = ANCHORS[form]
    assert boxes(DRAWING.format(anchors=anchors).encode()) == expected


def charted(cell: str) -> Callable[[Any, Any], None]:
    def finish(book: Any, page: Any) -> None:
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": ["Лист1", 1, 3, 3, 3]})
        chart.set_size({"width": 4 * 64, "height": 6 * 20})
        page.insert_chart(cell, chart)

    return finish


PLACES = {  # the cell that a chart of 4 columns and 6 rows begins in -> the first added column
    "beside the list": ("H2", 12),
    "over its last column and beyond": ("F1", 10),
    "so near that the last added one would be under it": ("M2", 17),
    "behind what is added": ("N2", 7),
    "under the list": ("H6", 7),
    "on the list": ("A1", 7),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_added_columns_stand_behind_a_chart_beside_the_list(gateway: Gateway, tmp_path: Path, place: str) -> None:
    cell, first = PLACES[place]
    people = [person(f"8 900 000-00-0{number}") for number in range(3)]
    listed = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, *people], finish=charted(cell))
    imported(gateway, listed)
    settle(gateway, [Outcome("delivered")] * 3)
    assert "without harm" not in report(gateway, tmp_path / "result.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")["Лист1"]
    assert [sheet.cell(row, first).value for row in (1, 2, 4)] == ["Verdict", "delivered", "delivered"]
    assert {sheet.cell(2, column).value for column in range(7, first)} <= {None}
    kept = "xl/drawings/drawing1.xml"
    assert workbooks.parts_of(tmp_path / "result.xlsx")[kept] == workbooks.parts_of(listed)[kept]
