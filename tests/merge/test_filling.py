"""A template made ready for many rows: no row's text depends on those before it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.merge.cells import Cell, Flaw
from gateway.merge.filling import Filling, Unfilled
from gateway.merge.template import compile_template
from tests.merge.test_template import COLUMNS, DAY

MANY_ROWS = compile_template(
    "{Имя}, {Дата приёма:%d %B|скоро}{?Время: в {Время:%H:%M}}. {№ каб.} {Сумма, руб.:.2f}", COLUMNS
)
CELLS: st.SearchStrategy[Cell] = st.one_of(
    st.sampled_from([None, True, False, 1, 1.0, 0.0, "1", "Анна", " ", DAY, time(9, 5), timedelta(1), *Flaw]),
    st.dates(),
    st.times(),
)


def tried(filling: Filling, row: Sequence[Cell]) -> str | tuple[str, str, str]:
    try:
        return filling.of(row)
    except Unfilled as problem:
        return problem.column, problem.code, problem.reason


@given(st.lists(st.lists(CELLS, max_size=6), max_size=12))
def test_a_row_s_text_does_not_depend_on_the_rows_before_it(rows: list[list[Cell]]) -> None:
    filling = Filling(MANY_ROWS)
    assert [tried(filling, row) for row in rows] == [tried(Filling(MANY_ROWS), row) for row in rows]


def test_a_truth_value_is_not_taken_for_the_number_that_python_finds_equal() -> None:
    filling = Filling(compile_template("{№ каб.}", COLUMNS))
    texts = [filling.of((None, None, None, cell)) for cell in (1.0, True, 1, "1")]
    assert texts == ["1", "TRUE", "1", "1"]
