"""The administrator's own workbook comes back unharmed: compared part by part, and cell by cell by other programmes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from tests.cli.conftest import Gateway, gateway_in
from tests.merge.lists import write_xlsx
from tests.report import workbooks
from tests.report.campaigns import NAME, Outcome, imported, report, settle
from tests.report.workbooks import HEADING_ROW, PHONES, cells_of, frame_of, parts_of, rich

SHEET = "Приём & «люди»"
OUTCOMES = [Outcome("delivered", number) for number in range(len(PHONES) - 1)]
ADDED = ["Verdict", "Reason", "Number used", "SMS", "Sent", "Delivered", "Reply (by number)"]


def reported(gateway: Gateway, listed: Path, *options: str, ending: str = ".xlsx") -> Path:
    """The list imported, delivered and handed back."""
    imported(gateway, listed, "--skip-bad", *options)
    settle(gateway, OUTCOMES)
    target = listed.with_name(f"result{ending}")
    said = report(gateway, target)
    assert "without harm" not in said
    return target


@dataclass(frozen=True)
class Pair:
    """A workbook and what came back."""

    before: Path
    after: Path


@pytest.fixture(scope="module")
def rich_pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """Made once: the tests only look at it."""
    folder = tmp_path_factory.mktemp("rich")
    listed = rich(folder / "list.xlsx")
    return Pair(listed, reported(gateway_in(folder), listed))


def added_of(path: Path, row: int, sheet: str = SHEET) -> list[object]:
    values = [cell.value for cell in openpyxl.load_workbook(path)[sheet][row]]
    return values[6:]


def test_only_the_parts_that_say_of_the_new_ones_are_changed(rich_pair: Pair) -> None:
    before, after = parts_of(rich_pair.before), parts_of(rich_pair.after)
    assert {name for name, octets in before.items() if after[name] != octets} == {
        *("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"),
        "xl/worksheets/sheet1.xml",
    }
    assert all("report" in name for name in after.keys() - before.keys())


def test_every_cell_keeps_its_value_and_its_looks(rich_pair: Pair) -> None:
    before, after = cells_of(rich_pair.before), cells_of(rich_pair.after)
    assert {place: after[place] for place in before} == before


def test_widths_filter_merged_cells_rules_and_printing_stay(rich_pair: Pair) -> None:
    before = openpyxl.load_workbook(rich_pair.before)
    after = openpyxl.load_workbook(rich_pair.after)
    assert after.sheetnames == [*before.sheetnames, "Summary"]
    assert (after.active.title, list(after.defined_names)) == (before.active.title, list(before.defined_names))
    for sheet in before:
        assert frame_of(after[sheet.title]) == frame_of(sheet)


def test_the_added_columns_stand_behind_the_list_under_a_heading_like_its_own(rich_pair: Pair) -> None:
    target = rich_pair.after
    sheet = openpyxl.load_workbook(target)[SHEET]
    heading = [cell.value for cell in sheet[HEADING_ROW][6:]]
    assert heading == ADDED
    assert repr(sheet.cell(HEADING_ROW, 7).fill) == repr(sheet.cell(HEADING_ROW, 6).fill)
    assert [cell.value for cell in sheet[1][6:]] == [None] * len(ADDED)
    assert added_of(target, 4)[:4] == ["delivered", None, "+79000000001", 1]
    assert sheet.cell(4, 11).value == datetime(2030, 12, 1, 9, 0)
    assert sheet.cell(4, 11).is_date
    hidden = HEADING_ROW + 5
    assert added_of(target, hidden)[0] == "left out"
    assert "--include-hidden" in str(added_of(target, hidden)[1])
    assert sheet.column_dimensions["G"].width > 13


def test_another_reader_sees_the_same(rich_pair: Pair) -> None:
    book = CalamineWorkbook.from_path(rich_pair.after)
    rows = book.get_sheet_by_name(SHEET).to_python()
    assert rows[HEADING_ROW - 1][6:] == ADDED
    assert rows[HEADING_ROW][6:] == [
        *("delivered", "", "+79000000001", 1.0, datetime(2030, 12, 1, 9, 0), datetime(2030, 12, 1, 9, 0, 7), "")
    ]
    assert book.get_sheet_by_name("Summary").to_python()[0][0] == "Campaign “Приём”"


def test_the_summary_sheet_has_its_figures_and_a_chart_for_each_table(rich_pair: Pair) -> None:
    sheet = openpyxl.load_workbook(rich_pair.after)["Summary"]
    facts = {row[0].value: row[1].value for row in sheet.iter_rows(max_col=2) if row[0].value}
    assert facts["Campaign “Приём”"] is None
    assert (facts["Messages"], facts["Delivered"], facts["Share delivered"]) == (5, 5, 1)
    assert (facts["delivered"], facts["left out"]) == (5, 1)
    assert len(sheet._charts) == 4
    named = [str(each.val.numRef.f) for chart in sheet._charts for each in chart.series]
    assert all(name.startswith("Summary!$") for name in named)


def many_prefixed(path: Path) -> Path:
    return workbooks.changed(rich(path), workbooks.with_prefix)


def counted_from_1904(path: Path) -> Path:
    return write_xlsx(path, _rows(), sheet=SHEET, date_1904=True)


def with_columns_to_the_end(path: Path) -> Path:
    """All columns behind the list hidden at once, as forms have it."""
    return write_xlsx(
        path, _rows(), sheet=SHEET, finish=lambda _book, page: page.set_column(5, 16_383, 4, None, {"hidden": 1})
    )


def without_spans_and_dimension(path: Path) -> Path:
    import re

    def strip(name: str, octets: bytes) -> bytes:
        bare = re.sub(rb' spans="[^"]*"|<dimension[^>]*/>', b"", octets)
        return bare if name == "xl/worksheets/sheet1.xml" else octets

    return workbooks.changed(write_xlsx(path, _rows(), sheet=SHEET), strip)


def merged_beyond_the_list(path: Path) -> Path:
    """A title merged over ten columns: the added ones must not stand under it."""
    return write_xlsx(path, [("Приём",), *_rows()], sheet=SHEET, merged=[(0, 0, 0, 9)])


def _rows() -> list[tuple[object, ...]]:
    from tests.merge.lists import HEADINGS, person

    return [HEADINGS, *(person(phone, f"Анна{place}") for place, phone in enumerate(PHONES[:5]))]


FORMS: dict[str, tuple[Callable[[Path], Path], int, int]] = {  # how it is made, first added column, first person's row
    "prefixes of the name space": (many_prefixed, 7, 4),
    "days counted from 1904": (counted_from_1904, 7, 2),
    "hidden columns up to the last": (with_columns_to_the_end, 7, 2),
    "neither spans nor a dimension": (without_spans_and_dimension, 7, 2),
    "a title merged over more columns than the list has": (merged_beyond_the_list, 11, 3),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_workbook_of_an_unusual_form_is_kept_too(gateway: Gateway, tmp_path: Path, form: str) -> None:
    make, column, row = FORMS[form]
    listed = make(tmp_path / "list.xlsx")
    before, after = cells_of(listed, column - 1), cells_of(target := reported(gateway, listed), column - 1)
    assert {place: after[place] for place in before} == before
    book = openpyxl.load_workbook(target)
    sheet = book[SHEET]
    assert [cell.value for cell in sheet[row][column - 1 : column + 4]] == [
        *("delivered", None, "+79000000001", 1, datetime(2030, 12, 1, 9, 0))
    ]
    letter = openpyxl.utils.get_column_letter(column)
    assert not sheet.column_dimensions[letter].hidden
    assert book["Summary"]["A1"].value == "Campaign “Приём”"


def test_hidden_columns_behind_the_added_ones_stay_hidden(gateway: Gateway, tmp_path: Path) -> None:
    target = reported(gateway, with_columns_to_the_end(tmp_path / "list.xlsx"))
    spans = {
        (each.min, each.max): each.hidden for each in openpyxl.load_workbook(target)[SHEET].column_dimensions.values()
    }
    assert spans[6, 6] is True
    assert spans[14, 16_384] is True


def test_macros_stay_and_the_file_is_named_so(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "vba.bin").write_bytes(b"\xd0\xcf\x11\xe0 a project")
    with xlsxwriter.Workbook(tmp_path / "list.xlsm") as book:
        sheet = book.add_worksheet("Приём")
        for number, row in enumerate([("Имя", "Телефон"), ("Анна", PHONES[0]), ("Вера", PHONES[1])]):
            sheet.write_row(number, 0, row)
        book.add_vba_project(str(tmp_path / "vba.bin"))
    imported(gateway, tmp_path / "list.xlsm", template="{Имя}, ждём вас")
    refused = gateway.run("campaign", "report", NAME, "--to", str(tmp_path / "result.xlsx"))
    assert (refused.exit_code, refused.stderr) == (
        *(2, "The list has macros: name the report result.xlsm, so that they stay in it.\n"),
    )
    report(gateway, tmp_path / "result.xlsm")
    after = parts_of(tmp_path / "result.xlsm")
    assert after["xl/vbaProject.bin"] == b"\xd0\xcf\x11\xe0 a project"
    assert b"macroEnabled" in after["[Content_Types].xml"]
    assert not [name for name in tmp_path.iterdir() if name.suffix == ".part"]


def test_the_report_of_a_report_finds_names_of_its_own(gateway: Gateway, tmp_path: Path) -> None:
    first = reported(gateway, rich(tmp_path / "list.xlsx"))
    again = first.rename(tmp_path / "again.xlsx")
    imported(gateway, again, "--skip-bad", "--again", "--sheet", SHEET, name="ещё раз")
    report(gateway, tmp_path / "second.xlsx", name="ещё раз")
    book = openpyxl.load_workbook(BytesIO((tmp_path / "second.xlsx").read_bytes()))
    assert book.sheetnames == [SHEET, "План", "Summary", "Summary 2"]
    verdict, reason = (cell.value for cell in book[SHEET][4][13:15])
    assert (verdict, str(reason).split(".")[0]) == ("waiting", "It waits for its turn")
