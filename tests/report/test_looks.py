"""How a report looks in an office program: nothing touches its neighbour, every bar is named, and it can be printed."""

from __future__ import annotations

from datetime import date, datetime, time
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from gateway.merge.cells import Cell
from gateway.report import columns
from gateway.report.verdicts import Mood, Result
from gateway.report.widths import NARROWEST, WIDEST, widths
from tests.cli.conftest import Gateway, gateway_in
from tests.merge.lists import HEADINGS, person, write_xlsx
from tests.report.campaigns import Outcome, imported, report, settle
from tests.report.test_new_files import write_csv

STATES = ("delivered", "sent", "uncertain", "queued", "held", "undelivered", "failed", "cancelled", "expired")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both sorts of workbook, made once: the tests only look at them."""
    folder = tmp_path_factory.mktemp("looks")
    gateway = gateway_in(folder)
    outcomes = [Outcome(state, 60 * place, reply="Да") for place, state in enumerate(STATES)]
    own = write_xlsx(folder / "own.xlsx", [HEADINGS, *(person(f"8 900 000-00-{place:02}") for place in range(9))])
    text = write_csv(folder / "new.csv", *(("Иванова Анна", f"8 900 000-00-{place:02}", "") for place in range(9)))
    _reported(gateway, own, outcomes, "{Имя}, ждём вас")
    _reported(gateway, text, outcomes, "{Имя}, ждём вас")
    return folder


def _reported(gateway: Gateway, listed: Path, outcomes: list[Outcome], template: str) -> None:
    name = listed.stem
    imported(gateway, listed, "--again", name=name, template=template)
    settle(gateway, outcomes, name)
    report(gateway, listed.with_name(f"{name} result.xlsx"), name=name)


@pytest.mark.parametrize(("name", "sheet", "first"), [("own", "Лист1", 7), ("new", "List", 4)])
def test_each_added_cell_keeps_off_its_neighbours(made: Path, name: str, sheet: str, first: int) -> None:
    page = openpyxl.load_workbook(made / f"{name} result.xlsx")[sheet]
    cells = [cell for row in page.iter_rows(min_row=2, min_col=first, max_col=first + 6) for cell in row]
    kept = {cell.alignment.indent for cell in cells if cell.value is not None}
    assert (kept, len(cells)) == ({1}, 63)


def test_a_new_workbook_can_be_filtered_and_printed_with_all_columns_on_a_page(made: Path) -> None:
    page = openpyxl.load_workbook(made / "new result.xlsx")["List"]
    assert (page.auto_filter.ref, page.freeze_panes, page.print_title_rows) == ("A1:J10", "A2", "$1:$1")
    assert (page.page_setup.orientation, page.page_setup.fitToHeight) == ("landscape", 0)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.column_dimensions["A"].width > len("Иванова Анна")


@pytest.mark.parametrize("name", ["own", "new"])
def test_no_chart_lies_on_another_and_each_bar_has_its_name(made: Path, name: str) -> None:
    charts = openpyxl.load_workbook(made / f"{name} result.xlsx")["Summary"]._charts
    spans = [(chart.anchor._from.row, chart.anchor.to.row) for chart in charts]
    assert len(spans) == 4
    assert all(end <= start for (_top, end), (start, _bottom) in pairwise(spans))
    assert charts[0].x_axis.tickLblSkip == 1
    heights = [end - start for start, end in spans]
    assert heights[0] > heights[1], "nine verdicts need more room than three hours"


COLUMNS: dict[str, tuple[list[Cell], int]] = {  # cells -> characters
    "nothing": ([None, None], NARROWEST),
    "names": (["Иванова", "Петрова Анна"], len("Иванова") + 2),
    "names under a title": (["Поликлиника № 1, список на приём", *["Иванова Анна"] * 20], len("Иванова Анна") + 2),
    "Chinese names of two columns a sign": (["欧阳修文"] * 3, 10),
    "a phone as a number": ([79000000001], 13),
    "a number of too many digits": ([1 / 3], 17),
    "days": ([date(2026, 12, 1)], 12),
    "days with a time": ([datetime(2026, 12, 1, 9)], 18),
    "times": ([time(9, 0)], 10),
    "texts of several lines": (["Белова\nЕлена Петровна"], len("Елена Петровна") + 2),
    "long texts": (["я" * 500], WIDEST),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_is_as_wide_as_most_of_what_stands_in_it(column: str) -> None:
    cells, characters = COLUMNS[column]
    assert widths([[cell] for cell in cells], 1) == [characters]


def test_rows_shorter_than_the_list_say_nothing_of_its_last_columns() -> None:
    assert widths([["Анна"], ["Анна", "8 900 000-00-01"]], 3) == [NARROWEST, 17, NARROWEST]


@pytest.mark.parametrize("name", ["own", "new"])
def test_a_reason_is_not_cut_by_the_number_beside_it(tmp_path: Path, name: str) -> None:
    """Russian and Chinese sentences are as long as these."""
    reasons = ("Когда до сообщения дошла очередь, было уже поздно: позвоните этим людям.", "检查此消息时已经太晚。" * 3)
    gateway = gateway_in(tmp_path)
    people = [("Анна", f"8 900 000-00-{place:02}", "каб. 17") for place in range(2)]
    rows = [("Имя", "Телефон", "Заметка"), *people]
    listed = write_xlsx(tmp_path / "own.xlsx", rows) if name == "own" else write_csv(tmp_path / "new.csv", *people)
    imported(gateway, listed, template="Ждём вас")
    settle(gateway, [Outcome("failed", reason=reason) for reason in reasons])
    report(gateway, tmp_path / "result.xlsx")
    page = openpyxl.load_workbook(tmp_path / "result.xlsx").worksheets[0]
    assert {page["E2"].value, page["E3"].value} == set(reasons)
    assert page.column_dimensions["E"].width >= len(reasons[0]) + 2


def test_a_number_of_the_list_keeps_off_the_text_beside_it(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01")]))
    report(gateway, tmp_path / "result.xlsx", "--stored")
    page = openpyxl.load_workbook(tmp_path / "result.xlsx").worksheets[0]
    assert (page["A2"].value, page["A2"].alignment.horizontal, page["A2"].alignment.indent) == (2, "right", 1)


@pytest.mark.parametrize(("longest", "width"), [(0, 44), (41, 44), (60, 63), (500, 100)])
def test_the_column_of_reasons_is_as_wide_as_they_are_up_to_a_bound(longest: int, width: int) -> None:
    found = [Result(2, Mood.BAD, "not sent", "x" * longest, "", 1, None, None, None)]
    assert columns.widths(found) == (18, width, 18, 7, 19, 19, 44)
