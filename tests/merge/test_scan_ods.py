"""The marks of an .ods sheet, and its size: the same however content.xml comes in pieces; none holds all of it."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from gateway.merge.cells import Flaw
from gateway.merge.extent_ods import Extent, extent
from gateway.merge.marks import Marks
from gateway.merge.mending import tightened
from gateway.merge.parts_ods import CONTENT, pieces
from gateway.merge.scan_ods import scan

TEXT = '<table:table-cell office:value-type="string"><text:p>Анна</text:p></table:table-cell>'
ERROR = '<table:table-cell office:value-type="string" calcext:value-type="error"/>'
UNCALCULATED = '<table:table-cell table:formula="of:=1"/>'
WIDE = '<table:table-cell table:number-columns-spanned="3" table:number-rows-spanned="2" office:value-type="string"/>'
OTHER = f'<table:table table:name="B"><table:table-row table:visibility="filter">{TEXT}</table:table-row></table:table>'
LIST = f"""<table:table table:name="A &amp; B"><table:table-column/><table:table-column-group>
<table:table-column table:visibility="collapse" table:number-columns-repeated="2"/></table:table-column-group>
<table:table-header-rows><table:table-row>{TEXT * 3}</table:table-row></table:table-header-rows>
<table:table-row table:visibility="filter" table:number-rows-repeated="2">{TEXT}</table:table-row>
<table:table-row-group><table:table-row table:visibility="collapse"/></table:table-row-group>
<table:table-row>{WIDE}</table:table-row><table:table-row>{TEXT}{ERROR}{UNCALCULATED}</table:table-row>
<table:table-row table:visibility="collapse" table:number-rows-repeated="1048570">{UNCALCULATED}</table:table-row>
</table:table>"""
EXPECTED = Marks(
    hidden_rows={2, 3, 4},  # those below the last value are nobody's
    hidden_columns={1, 2},
    flaws={6: {1: Flaw.CELL_ERROR, 2: Flaw.FORMULA_WITHOUT_VALUE}},
    merged=[((4, 0), (5, 2))],
)
SIZES = (1, 7, 100, 1 << 20)


def archive(content: str) -> ZipFile:
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_DEFLATED) as made:
        made.writestr(CONTENT, content)
    return ZipFile(octets)


@pytest.mark.parametrize("size", SIZES)
def test_the_marks_are_those_of_the_sheet_alone_in_pieces_of_any_size(size: int) -> None:
    assert scan(archive(OTHER + LIST + OTHER), "A & B", size) == EXPECTED


@pytest.mark.parametrize("size", SIZES)
def test_the_cells_are_counted_in_pieces_of_any_size(size: int) -> None:
    content = BytesIO((OTHER + LIST.replace("1048570", "9") + OTHER).encode())
    assert extent(pieces(content, size)) == Extent(
        20, 1 + 16 * 3 + 1
    )  # the tag of a group counts as a row: rather one too many


@pytest.mark.parametrize("size", SIZES)
def test_blanks_between_cells_are_left_out_in_pieces_of_any_size(size: int) -> None:
    loose = LIST.replace("<table:table-", "\n \t<table:table-").replace("</table:table", "\n</table:table").encode()
    tight = b"".join(tightened(pieces(BytesIO(loose), size)))
    assert tight == b"".join(tightened([loose]))
    assert b"</table:table-cell><table:table-cell" in tight
    assert b"\t<table:table-cell" not in tight


def test_a_long_list_is_never_held_as_a_whole() -> None:
    row = f"<table:table-row>{TEXT * 8}</table:table-row>"
    long = archive(f'<table:table table:name="A">{row * 15_000}</table:table>')  # 12 MB of XML
    tracemalloc.start()
    try:
        scan(long, "A", 1 << 16)
        with long.open(CONTENT) as stream:
            extent(pieces(stream, 1 << 16))
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
