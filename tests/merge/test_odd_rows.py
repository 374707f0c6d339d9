"""Rows that are harmless and yet hard: cells as long as Excel lets them be, and many of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.merge.layout import Row, find_layout
from gateway.merge.plan import Rules, build
from gateway.merge.preparing import LOOKING_S, in_time
from gateway.merge.template import compile_template
from tests.merge.lists import GOOD, HEADINGS

LONGEST = 32_767  # characters of a cell in Excel
ROW: Row = (2, ["Белова", "Анна", GOOD])


def rows_slowly(step_s: float, spent: list[float], rows: int = 100_000) -> Iterator[Row]:
    """Each row costs so much of the processor."""
    for row in repeat(ROW, rows):
        spent[0] += step_s
        yield row


def test_a_list_whose_rows_take_too_long_is_given_up_with_one_line() -> None:
    spent = [0.0]
    with pytest.raises(GatewayError, match=r"takes too long\. Split it, or copy the list into a new workbook"):
        list(in_time(rows_slowly(0.045, spent), Path("list.xls"), lambda: spent[0]))
    assert LOOKING_S < spent[0] < LOOKING_S + 5


def test_the_longest_list_at_the_usual_pace_is_not() -> None:
    spent = [0.0]
    assert len(list(in_time(rows_slowly(0.00002, spent), Path("list.csv"), lambda: spent[0]))) == 100_000


@pytest.mark.parametrize("column", range(3))
@pytest.mark.parametrize("sign", ["1", "0", "9 ", "1.", "1,", "+", "7\n"])
def test_a_cell_full_of_digits_is_no_reason_to_break_off(sign: str, column: int) -> None:
    cells = list(ROW[1])
    cells[column] = (sign * LONGEST)[:LONGEST].strip()
    layout = find_layout([(1, list(HEADINGS)), ROW], (), "RU")
    plan = build([(2, cells), ROW], Rules(layout, compile_template("{Имя}", layout.columns), "RU"))
    assert plan.rows == 2
