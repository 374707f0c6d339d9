"""The list's sheet with cells added: in whatever pieces it is read, all that was there stays octet by octet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.merge import scan_xlsx
from gateway.report import list_sheet
from gateway.report.parts import NotKept, appended, check_encoding

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ADDED = b'<c r="Z9"><v>1</v></c>'
SIZES = (1, 7, 40, 5000)


def sheet(rows: str, head: str = "", tail: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'.encode()
    )


def extent_of(octets: bytes, size: int = 5000, heading_row: int = 1) -> list_sheet.Extent:
    tags, pieces = scan_xlsx.pieces(BytesIO(octets), size)
    return list_sheet.extent(pieces, tags, heading_row)


def written(octets: bytes, rows: Iterable[int] = (2,), size: int = 5000, widths: tuple[float, ...] = (5, 6)) -> bytes:
    found = extent_of(octets, size)
    tags, pieces = scan_xlsx.pieces(BytesIO(octets), size)
    wanted = set(rows)
    cells_of = lambda row: ADDED if row in wanted else b""  # noqa: E731
    return b"".join(list_sheet.written(pieces, tags, found, widths, cells_of))


def columns_of(octets: bytes) -> list[tuple[int, int, str | None]]:
    found = ElementTree.fromstring(octets).iter(f"{{{MAIN}}}col")
    return [(int(each.get("min", "")), int(each.get("max", "")), each.get("width")) for each in found]


PLAIN = '<row r="1" spans="1:2"><c r="A1" s="4"/><c r="B1" s="7"/></row><row r="2"><c r="A2"><v>1</v></c></row>'
FORMS = {  # rows -> as they are with a cell added to row 2
    "two rows": (PLAIN, PLAIN.replace("</v></c></row>", f"</v></c>{ADDED.decode()}</row>")),
    "a row without cells": ('<row r="2" ht="30"/>', f'<row r="2" ht="30">{ADDED.decode()}</row>'),
    "rows without numbers": (
        *(
            "<row><c r='A1'/></row><row><c r='A2'/></row>",
            f"<row><c r='A1'/></row><row><c r='A2'/>{ADDED.decode()}</row>",
        ),
    ),
    "a row that says which columns it has": (
        *('<row r="2" spans="1:3" ht="9"><c r="C2"/></row>', f'<row r="2" ht="9"><c r="C2"/>{ADDED.decode()}</row>'),
    ),
    "no row of it": ('<row r="1"><c r="A1"/></row>', '<row r="1"><c r="A1"/></row>'),
    "blanks and breaks": (
        *('\n  <row r="2">\n <c r="A2" />\n </row>\n', f'\n  <row r="2">\n <c r="A2" />\n {ADDED.decode()}</row>\n'),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", SIZES)
def test_a_cell_comes_at_the_end_of_its_row(form: str, size: int) -> None:
    rows, expected = FORMS[form]
    done = written(sheet(rows), size=size)
    assert re.search(rb"<sheetData>(.*)</sheetData>", done, re.DOTALL)[1].decode() == expected  # type: ignore[index]


WIDTHS = {  # what the sheet says of its columns -> what it says then; it has two, and gets two
    "nothing": ("", [(3, 3, "5.0"), (4, 4, "6.0")]),
    "of the list's": ('<cols><col min="1" max="2" width="9"/></cols>', [(1, 2, "9"), (3, 3, "5.0"), (4, 4, "6.0")]),
    "of all at once": (
        '<cols><col min="1" max="16384" width="9" hidden="1"/></cols>',
        [(1, 2, "9"), (3, 3, "5.0"), (4, 4, "6.0"), (5, 16384, "9")],
    ),
    "of one of the new ones and of one behind": (
        "<cols><col min='2' max='2' width='1'></col><col min='4' max='4' width='2'/>"
        "<col min='6' max='7' width='3'/></cols>",
        [(2, 2, "1"), (3, 3, "5.0"), (4, 4, "6.0"), (6, 7, "3")],
    ),
    "of those across the border": (
        '<cols><col min="2" max="3" width="1"/><col min="4" max="9" width="2"/></cols>',
        [(2, 2, "1"), (3, 3, "5.0"), (4, 4, "6.0"), (5, 9, "2")],
    ),
}


@pytest.mark.parametrize("said", WIDTHS)
def test_the_new_columns_have_widths_and_the_others_keep_theirs(said: str) -> None:
    head, expected = WIDTHS[said]
    assert columns_of(written(sheet(PLAIN, head))) == expected


EXTENTS = {  # tail of the sheet -> columns in use
    "cells alone": ("", 2),
    "a merged title that is wider": ('<mergeCells><mergeCell ref="A1:H1"/></mergeCells>', 8),
    "a single merged cell": ('<mergeCells><mergeCell ref="A1"/></mergeCells>', 2),
}


@pytest.mark.parametrize("tail", EXTENTS)
@pytest.mark.parametrize("size", SIZES)
def test_the_columns_in_use_are_counted(tail: str, size: int) -> None:
    text, columns = EXTENTS[tail]
    assert extent_of(sheet(PLAIN, tail=text), size) == list_sheet.Extent(columns, 2, 7)


def test_how_far_the_sheet_goes_is_said_anew() -> None:
    done = written(sheet(PLAIN, '<dimension ref="A1:B1"/>'))
    assert b'<dimension ref="A1:D2"/>' in done


NOT_KEPT = {
    "a cell without an address": sheet('<row r="2"><c s="1"><v>1</v></c></row>'),
    "a row that does not end": sheet('<row r="2"><c r="A2"/>'),
    "no sheet": b"<chartsheet/>",
    "another encoding": b'<?xml version="1.0" encoding="windows-1251"?>' + sheet(PLAIN)[21:],
    "no rows": f'<worksheet xmlns="{MAIN}"/>'.encode(),
}


@pytest.mark.parametrize("form", NOT_KEPT)
def test_what_is_not_as_expected_is_left_alone(form: str) -> None:
    with pytest.raises(NotKept):
        written(NOT_KEPT[form])


@pytest.mark.parametrize("octets", ["<a/>".encode("utf-16"), b'<?xml version="1.0" encoding="windows-1251"?><a/>'])
def test_a_part_that_is_no_utf_8_is_left_alone(octets: bytes) -> None:
    with pytest.raises(NotKept):
        check_encoding(octets)


def test_an_element_is_appended_with_the_prefix_of_the_part_and_the_count_is_right() -> None:
    part = b'<x:fonts count="1" x14ac:knownFonts="1"><x:font/></x:fonts>'
    assert appended(part, b"fonts", b"<font><b/></font>", b"x:", 2) == (
        b'<x:fonts count="2" x14ac:knownFonts="1"><x:font/><x:font><x:b/></x:font></x:fonts>'
    )


CELLS = st.lists(st.sampled_from(["<c r='A{0}'/>", '<c r="B{0}" t="s"><v>3</v></c>', "<c r='C{0}'><f>1&lt;2</f></c>"]))


@given(st.lists(CELLS, min_size=1, max_size=20), st.sets(st.integers(1, 20)), st.integers(1, 300))
def test_without_the_added_cells_it_is_what_it_was(rows: list[list[str]], wanted: set[int], size: int) -> None:
    text = "".join(
        f'<row r="{number}">{"".join(sorted(cells)).format(number)}</row>' for number, cells in enumerate(rows, start=1)
    )
    before = sheet(text)
    done = written(before, wanted, size)
    assert done.count(ADDED) == len(wanted & set(range(1, len(rows) + 1)))
    assert re.sub(rb"<cols>.*?</cols>", b"", done.replace(ADDED, b"")) == before
    ElementTree.fromstring(done)
