"""Lists as text that would put one person into another's cell, or are none: each is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.merge import text_file
from gateway.merge.workbook import open_sheet
from tests.merge.test_bad_files import problem_of

OPEN_QUOTES = {
    "closed by a later one": ('"Борис;89000000002\nВера "В";89000000003\n', 3),
    "never closed": ('Вера;89000000002\n"Борис;89000000003\nГлеб;89000000004\n', 4),
    "in the last line": ('Вера;89000000002\n"Борис;89000000003', 4),
}


@pytest.mark.parametrize(("lines", "row"), OPEN_QUOTES.values(), ids=OPEN_QUOTES)
def test_a_quotation_mark_never_puts_one_person_into_another_s_cell(tmp_path: Path, lines: str, row: int) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Имя;Телефон\nАнна;89000000001\n{lines}", encoding="cp1251")
    assert f"a quotation mark opens in row {row} " in problem_of(path)


def test_a_quotation_mark_that_swallows_a_million_signs_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Имя;Телефон\nАнна;89000000001\n" + '"Вера;89000000002\n' + "Вера;89000000003\n" * 70_000)
    assert "a quotation mark opens in row 3 " in problem_of(path)


def test_a_text_of_more_lines_than_a_sheet_has_is_too_big_at_once(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Имя;Телефон\n" + "А;1\n" * text_file.MOST_LINES)
    assert "is too big to be a list" in problem_of(path)


def test_a_text_of_more_columns_than_a_list_has_is_too_wide_however_long_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Имя;Телефон{';x' * 100_000}\nАнна;89000000001{';y' * 100_000}\n")
    assert "beyond the 200th column" in problem_of(path)


def test_quotation_marks_within_one_line_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('"ООО" Лён;1\nООО "Лён";2\n"ООО ""Лён""\nтут";3\nЛён "О;4', encoding="cp1251")
    with open_sheet(path, None) as sheet:
        names = [cells[0] for _row, cells in sheet.rows]
    assert names == ["ООО Лён", 'ООО "Лён"', 'ООО "Лён"\nтут', 'Лён "О']
