"""The plan as a whole: every row has one fate, and the same message always has the same key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.merge.cells import Cell, Flaw, column_index, letters, tidied
from gateway.merge.layout import find_layout
from gateway.merge.plan import Plan, Planned, Rules, build, key_of
from gateway.merge.template import compile_template

HEADING: list[Cell] = ["Имя", "Телефон", "День", "Время", "Врач"]
TEMPLATE = "{Имя|пациент}, ждём вас {День:%d.%m} в {Время:%H:%M}"
GOOD: list[Cell] = ["Анна", "8 900 000-12-34", date(2026, 12, 1), time(9), "Белова"]

cells = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.floats(allow_nan=True, allow_infinity=True),
    st.booleans(),
    st.dates(),
    st.times(),
    st.datetimes(),
    st.timedeltas(min_value=timedelta(-5), max_value=timedelta(5)),
    st.sampled_from(list(Flaw)),
    st.integers(79000000000, 79999999999).map(float),
    st.from_regex(r"8 \(9\d\d\) \d{3}-\d\d-\d\d", fullmatch=True),
    st.sampled_from(["нет", "Итого:", "7,9E+10", "01.12.2026", "10:30", "8 900 000-12-34; 8 900 000-12-35"]),
)


def planned(rows: Sequence[Sequence[Cell]], hidden: frozenset[int] = frozenset(), template: str = TEMPLATE) -> Plan:
    """The plan for the rows under HEADING and one good row; their numbers begin with 3."""
    numbered = [(number, [tidied(cell) for cell in row]) for number, row in enumerate([HEADING, GOOD, *rows], start=1)]
    layout = find_layout(numbered, ["Имя"], "RU", phone_columns=["Телефон"])
    return build(numbered, Rules(layout, compile_template(template, layout.columns), "RU", hidden_rows=hidden))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, max_size=7), max_size=6), st.frozensets(st.integers(3, 9)))
def test_every_row_has_exactly_one_fate_whatever_stands_in_it(rows: list[list[Cell]], hidden: frozenset[int]) -> None:
    plan = planned(rows, hidden)
    fates = [message.row for message in plan.messages] + [problem.row for problem in plan.refused]
    fates += [problem.row for problem in plan.warnings if problem.code == "hidden_row"]
    assert len(fates) == len(set(fates)) == plan.rows
    assert sorted(fates + [row for row, _why in plan.passed_over]) == list(range(2, len(rows) + 3))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.lists(cells, max_size=7), max_size=6))
def test_no_reason_quotes_what_stands_in_a_cell(rows: list[list[Cell]]) -> None:
    quoted = {str(cell) for row in rows for cell in row if isinstance(cell, str | datetime) and len(str(cell)) > 9}
    plan = planned(rows)
    assert not any(text in problem.reason for problem in plan.refused + plan.warnings for text in quoted)


def test_a_row_that_ends_before_a_date_takes_the_template_s_default() -> None:
    plan = planned([["Мария", "8 900 000-12-35"]], template="{Имя}, ждём вас {День:%d.%m|скоро}")
    assert [message.body for message in plan.messages] == ["Анна, ждём вас 01.12", "Мария, ждём вас скоро"]
    assert plan.warnings == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_no_number_is_an_error_and_refused(value: float) -> None:
    assert [problem.code for problem in planned([["Анна", value, *GOOD[2:]]]).refused] == ["cell_error"]


def test_a_key_depends_on_number_and_text_and_on_nothing_else() -> None:
    key = key_of(Planned(2, "+79000000001", "Ждём вас", 1))
    assert key == key_of(Planned(9, "+79000000001", "Ждём вас", 2))
    assert key.startswith("import:")
    assert len({key, *(key_of(Planned(2, msisdn, body, 1)) for msisdn, body in OTHERS)}) == 1 + len(OTHERS)
    assert key_of(Planned(2, "+79000000001", "Ждём вас", 1), "another run") != key


OTHERS = (("+79000000002", "Ждём вас"), ("+79000000001", "Ждём вас!"), ("+7900000000", "1Ждём вас"))


def test_the_repr_of_a_plan_shows_no_patient() -> None:
    shown = repr(planned([["Мария", "8 900 000-12-35", *GOOD[2:]]]))
    assert "Мария" not in shown
    assert "1235" not in shown


@given(st.integers(0, 20_000))
def test_a_column_s_letters_lead_back_to_it(index: int) -> None:
    assert column_index(letters(index)) == index
