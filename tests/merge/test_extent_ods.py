"""How large an .ods becomes once its repeated rows and columns are laid out, told before they are."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from gateway.merge.extent_ods import Extent, extent
from gateway.merge.workbook import open_sheet
from tests.merge.test_bad_files import CONTENT, MANIFEST, problem_of

TEXT = '<table:table-cell office:value-type="string"><text:p>Анна</text:p></table:table-cell>'
BLANK = "<table:table-cell/>"


def cell(times: int = 1, what: str = 'office:value-type="float" office:value="1"', tag: str = "table-cell") -> str:
    return f'<table:{tag} table:number-columns-repeated="{times}" {what}/>'


def row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


EXTENTS = {  # rows -> filled cells, and all that are laid out
    "nothing": ("", (0, 0)),
    "blank rows alone": (row(BLANK, times=1000) + row(cell(9, "")), (0, 0)),
    "two rows": (row(TEXT, TEXT) + row(TEXT), (3, 4)),
    "a row repeated": (row(TEXT, TEXT, times=1000), (2000, 2000)),
    "a cell repeated": (row(cell(70)), (70, 70)),
    "its value before its number": (
        '<table:table-row><table:table-cell office:value-type="float" table:number-columns-repeated="9"/>',
        (9, 9),
    ),
    "blank ones before the last that holds something": (row(cell(9, ""), TEXT), (10, 10)),
    "blank ones behind it": (row(TEXT, cell(16_000, "")), (1, 1)),
    "covered ones": (row(TEXT, cell(3, "", "covered-table-cell"), TEXT), (5, 5)),
    "a formula without a value": (row(cell(4, 'table:formula="of:=1"')), (4, 4)),
    "blank rows above": (row(BLANK, times=5000) + row(TEXT), (1, 1)),
    "blank rows between": (row(TEXT) + row(BLANK, times=98) + row(TEXT, TEXT), (3, 200)),
    "blank rows below": (row(TEXT) + row(BLANK, times=5000), (1, 1)),
    "a row without cells": ('<table:table-row table:number-rows-repeated="7"/>' + row(TEXT), (1, 1)),
    "apostrophes": ("<table:table-row table:number-rows-repeated='5'>" + TEXT, (5, 5)),
    "rows that do not end": ("<table:table-row>" * 3 + TEXT, (1, 1)),
    "two sheets": (row(TEXT) + '</table:table><table:table table:name="B">' + row(TEXT, times=9), (10, 10)),
}


@pytest.mark.parametrize("form", EXTENTS)
def test_the_cells_are_counted(form: str) -> None:
    rows, (filled, laid_out) = EXTENTS[form]
    assert extent([CONTENT.format(rows=rows).encode()]) == Extent(filled, laid_out)


CELLS = st.lists(st.sampled_from([TEXT, BLANK, cell(2), cell(3, ""), cell(2, 'table:formula="of:=1"')]), max_size=4)
ROWS = st.lists(st.builds(lambda cells, times: row(*cells, times=times), CELLS, st.integers(1, 4)), max_size=8)


@given(ROWS)
def test_the_reader_lays_out_no_more_than_was_counted(rows: list[str]) -> None:
    content = CONTENT.format(rows="".join(rows))
    sheet = CalamineWorkbook.from_filelike(packed(content)).get_sheet_by_index(0)
    assert sheet.height * sheet.width <= extent([content.encode()]).laid_out


def packed(content: str) -> BytesIO:
    octets = BytesIO()
    with ZipFile(octets, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", content)
    octets.seek(0)
    return octets


TOO_BIG = {
    "people": row(*[TEXT] * 8, times=1_000_000),
    "one who stands alone in the last row of a wide list": row(cell(20)) + row(BLANK, times=1_048_000) + row(TEXT),
    "another sheet": row(TEXT) + '</table:table><table:table table:name="B">' + row(*[TEXT] * 8, times=1_000_000),
}


@pytest.mark.parametrize("form", TOO_BIG)
def test_what_a_small_file_blows_up_into_is_refused_while_it_is_small(tmp_path: Path, form: str) -> None:
    (tmp_path / "list.ods").write_bytes(packed(CONTENT.format(rows=TOO_BIG[form])).getvalue())
    assert "is too big to be a list" in problem_of(tmp_path / "list.ods")


def test_a_list_painted_down_to_the_last_row_and_one_with_a_stray_cell_there_are_read(tmp_path: Path) -> None:
    people = row(TEXT, TEXT) + row(cell(8, ""), times=1_000_000)
    for rows, numbers in ((people, [1]), (people + row(TEXT), [1, 1_000_002])):
        (tmp_path / "list.ods").write_bytes(packed(CONTENT.format(rows=rows)).getvalue())
        with open_sheet(tmp_path / "list.ods", None) as sheet:
            assert [number for number, _cells in sheet.rows] == numbers
