"""The table of rows that are refused, left out or known: short whatever the list is like, and no row is lost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from gateway.merge.plan import Problem
from gateway.merge.problem_table import ROW_LINES, print_rows

REASON = "Campaign “Приём 49-й недели” has a message to this number that still waits."


def shown(rows: Sequence[int], column: str = "Телефон", *, is_every_named: bool = False, width: int = 80) -> list[str]:
    console = Console(file=StringIO(), width=width)
    problems = [Problem(row, column, "waiting_elsewhere", REASON) for row in rows]
    print_rows(console, "Written to before:", problems, is_every_named=is_every_named)
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def cells(lines: Sequence[str]) -> list[str]:
    """What stands in the column of the rows, line by line."""
    place = next(number for number, line in enumerate(lines) if "─" in line)
    width = lines[place - 1].index("column")
    return [cell for line in lines[place + 1 :] if (cell := line[:width].strip()) and not line.startswith("Only")]


FEW = {
    "one": ([7], ["7"]),
    "stretches": ([7, 8, 9, 40], ["7-9, 40"]),
    "three lines of them": (range(2, 30, 2), ["2, 4, 6, 8, 10, 12,", "14, 16, 18, 20, 22,", "24, 26, 28"]),
    "all of a long list": (range(2, 100_002), ["2-100001"]),
}


@pytest.mark.parametrize(("rows", "expected"), FEW.values(), ids=FEW)
def test_rows_that_there_is_room_for_are_all_named(rows: Sequence[int], expected: list[str]) -> None:
    assert cells(shown(rows)) == expected


def test_of_many_the_count_and_the_first_are_told_and_where_the_others_are() -> None:
    lines = shown(range(2, 98_502, 10))
    assert " ".join(cells(lines)).startswith("9,850 rows: 2, 12, 22, 32,")
    assert " ".join(cells(lines)).endswith(", …")
    assert lines[-1] == "Only the first rows are named here; --json lists them all."


@given(
    st.lists(st.integers(1, 1_048_576), min_size=1, max_size=300, unique=True).map(sorted),
    st.sampled_from(["Телефон", "手机号码", "Контактный телефон пациента"]),
)
def test_no_line_of_the_table_takes_more_than_three_of_the_terminal(rows: list[int], column: str) -> None:
    assert len(cells(shown(rows, column))) <= ROW_LINES


@given(st.lists(st.integers(1, 1_048_576), min_size=1, max_size=300, unique=True).map(sorted))
def test_every_row_that_is_refused_is_named(rows: list[int]) -> None:
    said = "\n".join(shown(rows, is_every_named=True))
    named = set(re.findall(r"\d+", said))
    ends = {row for row in rows if not {row - 1, row + 1} <= set(rows)}
    assert {str(row) for row in ends} <= named
    assert "--json" not in said
