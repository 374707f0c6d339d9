"""The marks of an .xlsx sheet: the same however the XML is written, and however it comes in pieces."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from gateway.merge.cells import Flaw
from gateway.merge.marks import Marks, TooWide
from gateway.merge.scan_xlsx import check, scan

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = {
    "transitional": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "strict": "http://purl.oclc.org/ooxml/officeDocument/relationships",
}
TAGS = ("worksheet", "sheetData", "cols", "col", "row", "c", "f", "v", "is", "t")

PLAIN = """<?xml version="1.0"?><worksheet xmlns="{main}"><cols><col min="2" max="3" hidden="1"/>
<col min="5" max="5"/></cols><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>&lt;row hidden="1"&gt; r="ABC1"</t></is></c></row>
<row r="2" hidden="1"><c r="A2"><v>1</v></c></row>
<row r="3" spans="1:3" hidden="0"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B3"><f>A1</f><v></v></c></row>
<row r="4" hidden="true"/>
<row r="7"><c r="A7"><f t="shared" si="0"/><v>5</v></c><c r="B7" s="1"><f>A2</f></c>
<c r="C7" t="str"><f>""</f><v></v></c><c r="AA7"><f>A3</f><v/></c></row></sheetData></worksheet>"""

EXPECTED = Marks(
    hidden_rows={2, 4},
    hidden_columns={1, 2},
    flaws={
        3: {0: Flaw.CELL_ERROR, 1: Flaw.FORMULA_WITHOUT_VALUE},
        7: {1: Flaw.FORMULA_WITHOUT_VALUE, 26: Flaw.FORMULA_WITHOUT_VALUE},
    },
)


def prefixed(xml: str) -> str:
    """The same XML with a prefix on every tag, as some programmes write it."""
    for tag in TAGS:
        for before in ("<", "</"):
            for after in (" ", ">", "/"):
                xml = xml.replace(f"{before}{tag}{after}", f"{before}x:{tag}{after}")
    return xml.replace("xmlns=", "xmlns:x=")


FORMS = {
    "as Excel writes it": PLAIN,
    "with prefixes": prefixed(PLAIN),
    "on one line": PLAIN.replace("\n", ""),
    "with single quotes": PLAIN.replace('"', "'"),
}


def archive(
    sheet: str, relations: str = RELATIONS["transitional"], target: str = "worksheets/sheet1.xml"
) -> zipfile.ZipFile:
    octets = BytesIO()
    with zipfile.ZipFile(octets, "w") as made:
        made.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{relations}"><sheets><sheet name="Другой" r:id="rId2"/>'
            '<sheet name="Лист &amp; 1" r:id="rId1"/></sheets></workbook>',
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships><Relationship Id="rId1" Target="{target}"/>'
            '<Relationship Id="rId2" Target="x.xml"/></Relationships>',
        )
        made.writestr("xl/worksheets/sheet1.xml", sheet.format(main=MAIN))
    return zipfile.ZipFile(octets)


@pytest.mark.parametrize("xml", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1 << 20])
def test_the_marks_are_the_same_in_every_form_and_piece(xml: str, size: int) -> None:
    padded = xml.replace(
        "<sheetData>", "<!--" + " " * 5000 + "--><sheetData>"
    )  # so that the pieces begin before the rows
    assert scan(archive(padded), "Лист & 1", size) == EXPECTED


@pytest.mark.parametrize("relations", RELATIONS.values(), ids=RELATIONS)
@pytest.mark.parametrize("target", ["worksheets/sheet1.xml", "/xl/worksheets/sheet1.xml"])
def test_the_sheet_is_found_in_both_forms_of_the_standard(relations: str, target: str) -> None:
    assert scan(archive(PLAIN, relations, target), "Лист & 1") == EXPECTED


def test_rows_without_numbers_are_counted() -> None:
    rows = '<row/><row hidden="1"/><row r="9"/><row hidden="1"/>'
    xml = f'<worksheet xmlns="{{main}}"><sheetData>{rows}</sheetData></worksheet>'
    assert scan(archive(xml), "Лист & 1").hidden_rows == {2, 10}


def test_what_is_nothing_high_or_wide_is_hidden() -> None:
    columns = '<col min="1" max="1" width="0" customWidth="1"/><col min="2" max="2" width="0.5"/>'
    rows = '<row r="1" ht="15"/><row r="2" ht="0" customHeight="1"/><row r="3" ht="0.75"/>'
    xml = f'<worksheet xmlns="{{main}}"><cols>{columns}</cols><sheetData>{rows}</sheetData></worksheet>'
    marks = scan(archive(xml), "Лист & 1")
    assert (marks.hidden_rows, marks.hidden_columns) == ({2}, {0})


@pytest.mark.parametrize("reference", ["GS1", "XFD1048576", "AAA5"])
def test_a_value_beyond_the_two_hundredth_column_is_too_wide(reference: str) -> None:
    xml = f'<worksheet xmlns="{{main}}"><sheetData><row><c r="{reference}"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(TooWide):
        check(archive(xml), "Лист & 1")


@pytest.mark.parametrize("cell", ['<c r="GR1"><v>1</v></c>', '<c r="XFD1" s="1"/>'])
def test_the_two_hundredth_column_and_a_mere_format_beyond_it_are_not(cell: str) -> None:
    xml = f'<worksheet xmlns="{{main}}"><sheetData><row>{cell}</row></sheetData></worksheet>'
    check(archive(xml), "Лист & 1")
    assert scan(archive(xml), "Лист & 1") == Marks()


@pytest.mark.parametrize("rows", ['<row r="1048577"/>', '<row r="1048576" ht="15"/><row ht="15"/>'])
def test_more_rows_than_excel_has_are_refused_before_they_are_laid_out(rows: str) -> None:
    xml = f'<worksheet xmlns="{{main}}"><sheetData>{rows}</sheetData></worksheet>'
    with pytest.raises(ValueError, match="1048577"):
        check(archive(xml), "Лист & 1")
