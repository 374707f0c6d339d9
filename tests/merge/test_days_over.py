"""An old list with a new text is told by its days: they are over when the messages would go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.merge import over
from gateway.merge.cells import Cell
from gateway.merge.layout import find_layout
from gateway.merge.over import Over
from gateway.merge.plan import Plan, Planned, Rules, build
from gateway.merge.template import compile_template
from gateway.merge.timing import Slot
from tests.merge.test_plan import planned

TODAY = date(2026, 11, 22)
OLD, AHEAD = date(2026, 11, 1), date(2026, 12, 1)
WITH_DAY = "{Имя}, ждём вас {День:%d %B}"


def listed(days: Sequence[Cell], template: str = WITH_DAY) -> Plan:
    """Rows 3, 4, … with these days; row 2 has one that is to come."""
    rows = [["Анна", f"8 900 000-01-{number:02}", day] for number, day in enumerate(days)]
    return planned(rows, template=template)


def told(plan: Plan, today: date = TODAY) -> list[tuple[str, list[int], int]]:
    return [(each.column, list(each.rows), each.of) for each in over.found(plan.days, plan.messages, today)]


# The days of rows 3, 4, … and which of these rows are said to be over.
DAYS: dict[str, tuple[list[Cell], list[int]]] = {
    "one of three": ([OLD, AHEAD], [3]),
    "all but the first": ([OLD, date(2026, 11, 2), date(2026, 11, 3)], [3, 4, 5]),
    "today is not over": ([TODAY, TODAY + timedelta(1)], []),
    "yesterday is": ([TODAY - timedelta(1)], [3]),
    "with a time": ([datetime(2026, 11, 1, 9, 30)], [3]),
    "as text": (["01.11.2026", "1 ноября 2026 г."], [3, 4]),
    "as Excel's count": ([46327.0], [3]),
    "last year's list": ([date(2025, 12, 1)], [3]),
    "long gone": ([date(1985, 12, 1), date(1990, 1, 3)], []),
    "a few babies among days of birth": ([date(1985, 12, 1), date(1990, 1, 3), OLD], []),
}


@pytest.mark.parametrize(("days", "rows"), DAYS.values(), ids=DAYS)
def test_rows_whose_day_is_over_are_named(days: list[Cell], rows: list[int]) -> None:
    plan = listed(days)
    assert told(plan) == ([("День", rows, len(plan.messages))] if rows else [])


SHOWN = {
    "as it stands": ("{Имя}, ждём вас {День}", True),
    "its weekday": ("{Имя}, ждём вас в {День:%A}", True),
    "within a piece of its own": ("{Имя}{?День:, ждём вас {День:%d.%m}}", True),
    "twice, and yet it is one": ("{Имя}, ждём {День:%d.%m} ({День:%A})", True),
    "not at all": ("{Имя}, ждём вас", False),
    "only whether there is one": ("{Имя}{?День:, ждём вас}", False),
}


@pytest.mark.parametrize(("template", "is_shown"), SHOWN.values(), ids=SHOWN)
def test_only_a_day_that_the_text_shows_matters(template: str, is_shown: bool) -> None:
    for day in (OLD, "01.11.2026"):
        assert told(listed([day], template)) == ([("День", [3], 2)] if is_shown else [])


MOVED = {  # of rows 2, which was moved to another day, and 3, which was not, those whose text names the old one
    "the new day instead": ("{?Перенос:перенесли на {Перенос:%d.%m}|ждём {День:%d.%m}}", [3]),
    "the old day first": ("{?Перенос:не {День:%d.%m}, а {Перенос:%d.%m}|ждём}", [2]),
    "the old day only where a piece is left out": ("{?Перенос:ждём|ждём {День:%d.%m}} вас", [3]),
    "the old day either way": ("{?Перенос:не {День:%d.%m}|ждём {День:%A}}", [2, 3]),
    "the old day in any case": ("{День}{?Перенос:, ждём|, были {День:%d.%m}}", [2, 3]),
    "one piece in the other": ("{?Перенос:{?Имя:ждём|ждём {День:%d.%m}}|{?День:ждём {День:%d.%m}}}", [3]),
    "a day beside nothing": ("ждём{?День:{?Перенос:| {День:%d.%m}}}", [3]),
}


@pytest.mark.parametrize(("template", "rows"), MOVED.values(), ids=MOVED)
def test_a_day_in_the_piece_that_a_row_does_not_get_does_not_matter(template: str, rows: list[int]) -> None:
    moved = ["Анна", "8 900 000-00-01", OLD, AHEAD]
    people = [["Имя", "Телефон", "День", "Перенос"], moved, ["Вера", "8 900 000-00-02", OLD, None]]
    numbered = list(enumerate(people, start=1))
    layout = find_layout(numbered, (), "RU")
    plan = build(numbered, Rules(layout, compile_template(template, layout.columns), "RU"))
    assert told(plan) == [("День", rows, len(rows))]


def test_a_number_that_nothing_takes_for_a_day_is_none() -> None:
    plan = planned([["Вера", "8 900 000-00-07", 46327.0]], template="{Имя}, ваш номер {День}")
    assert told(plan) == []


AHEAD_TOO = date(2026, 12, 2)
BARE: dict[str, tuple[list[Cell], str, list[int]]] = {  # days of rows 3, 4, … beside one that is a date; the text; rows
    "one among dates": ([46359.0, AHEAD_TOO], "{Имя}, ждём вас {День}", [3]),
    "where the text shows it": ([46359, AHEAD_TOO], "{Имя}{?День:, ждём вас {День}}", [3]),
    "where it does not": ([46359, AHEAD_TOO], "{Имя}, ждём вас", []),
    "read as a date": ([46359, AHEAD_TOO], WITH_DAY, []),
    "a number that is no day": ([12.0, 1500, AHEAD_TOO], "{Имя}, {День}", []),
    "as many as dates": ([46359, 46360, AHEAD_TOO], "{Имя}, {День}", []),
}


@pytest.mark.parametrize(("days", "template", "rows"), BARE.values(), ids=BARE)
def test_a_bare_number_that_goes_out_among_dates_is_pointed_out(
    days: list[Cell], template: str, rows: list[int]
) -> None:
    warnings = [each for each in listed(days, template).warnings if each.code == "number_among_dates"]
    assert [(each.row, each.column) for each in warnings] == [(row, "День") for row in rows]


@pytest.mark.parametrize(
    "heading", ["Дата рождения", "Д.р.", "Birthday", "DOB", "出生日期", "Последний визит", "Last visit", "上次就诊"]
)
def test_a_day_of_birth_or_of_a_visit_that_has_been_is_never_over(heading: str) -> None:
    days = {heading: {OLD: [2, 3]}, "Приём": {OLD: [2, 3]}}
    messages = [Planned(row, "+79000000001", "x", 1) for row in (2, 3)]
    assert [each.column for each in over.found(days, messages, TODAY)] == ["Приём"]


def test_what_counts_is_the_day_on_which_the_message_goes() -> None:
    slots = [Slot(datetime(2026, 12, day, 9, tzinfo=UTC), None, UTC) for day in (1, 2)]
    messages = [Planned(row, "+79000000001", "x", 1, None, slot) for row, slot in enumerate(slots, start=2)]
    days = {"Приём": {AHEAD: [2, 3]}}
    assert over.found(days, messages, TODAY) == (Over("Приём", (3,), 2),)


def test_a_row_that_does_not_go_is_not_counted() -> None:
    plan = listed([OLD, OLD])
    assert over.found(plan.days, plan.messages[:2], TODAY) == (Over("День", (3,), 2),)


def test_refused_rows_and_duplicates_are_not_counted() -> None:
    rows: list[list[Cell]] = [["Вера", phone, OLD] for phone in ("нет", "8 900 000-00-07", "8 900 000-00-07")]
    assert told(planned(rows, template=WITH_DAY)) == [("День", [4], 2)]


@pytest.mark.parametrize(("rows", "of", "is_asked"), [(1, 20, False), (9, 20, False), (10, 20, True), (20, 20, True)])
def test_it_is_asked_about_where_half_of_the_days_or_more_are_over(rows: int, of: int, is_asked: bool) -> None:
    found = (Over("Дата", tuple(range(2, rows + 2)), of), Over("Анализ", (2,), 40))
    assert over.doubt(found) == (f"“Дата”: in {rows} of {of} rows the day is over." if is_asked else None)


# The days of rows 3, 4, … beside two that are to come, and which rows are said to be far ahead.
FAR: dict[str, tuple[list[Cell], list[int]]] = {
    "a year that is no year of ours": ([date(2206, 12, 5), AHEAD, AHEAD], [3]),
    "as text": ([AHEAD, "05.12.2206", AHEAD], [4]),
    "ten years": ([AHEAD, AHEAD, date(2036, 12, 5)], [5]),
    "a check-up next year": ([date(2027, 11, 22), AHEAD], []),
    "a policy that ends": ([date(2030, 12, 31), date(2031, 12, 31), date(2029, 12, 31)], []),
}


@pytest.mark.parametrize(("days", "rows"), FAR.values(), ids=FAR)
def test_a_day_far_ahead_among_others_is_named(days: list[Cell], rows: list[int]) -> None:
    plan = listed(days)
    far = over.far_ahead(plan.days, plan.messages, TODAY)
    assert [(each.column, list(each.rows), each.of) for each in far] == ([("День", rows, 4)] if rows else [])


def test_a_message_that_goes_with_the_day_is_not_far_from_it() -> None:
    far = date(2036, 12, 1)
    slots = [Slot(datetime(2036, 11, 30, 9, tzinfo=UTC), None, UTC), None, None, None]
    messages = [Planned(row, "+79000000001", "x", 1, None, slot) for row, slot in enumerate(slots, start=2)]
    assert over.far_ahead({"Приём": {far: [2], AHEAD: [3, 4, 5]}}, messages, TODAY) == ()


def test_a_line_says_how_many_are_far_ahead_and_which() -> None:
    line = "“Дата”: in 2 of 20 rows the day is more than a year ahead (rows 4, 9)."
    assert over.lines_far([Over("Дата", (4, 9), 20)]) == [line]


def test_a_line_says_how_many_and_which() -> None:
    assert over.lines([Over("Дата", (4,), 20), Over("Анализ", (2, 3, 4, 9), 4)]) == [
        "“Дата”: in 1 of 20 rows the day is over (row 4).",
        "“Анализ”: in 4 of 4 rows the day is over (rows 2-4, 9).",
    ]
