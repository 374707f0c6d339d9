"""Cells, dates and merged cells in a text (contract, section 4), through a real workbook."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime, time
from pathlib import Path

import pytest

from gateway.merge.formats import AS_CLOCK
from tests.merge.lists import (
    DAY,
    GOOD,
    HEADINGS,
    NINE,
    TEMPLATE,
    Read,
    person,
    plan_of,
    plan_of_people,
    prepared,
    read_each,
    refused,
    sent,
    warned,
)


def test_an_empty_cell_that_the_template_needs_is_refused(tmp_path: Path) -> None:
    assert refused(plan_of_people(tmp_path, person(GOOD, name=None))) == [(2, "Имя", "empty_value")]


def test_a_default_fills_an_empty_cell(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, name=None), template="Здравствуйте, {Имя|пациент}!")
    assert [message.body for message in plan.messages] == ["Здравствуйте, пациент!"]


def test_an_empty_cell_that_the_template_does_not_need_is_no_matter(tmp_path: Path) -> None:
    assert len(plan_of_people(tmp_path, person(GOOD, at=None), template="{Имя}, позвоните нам").messages) == 1


FLAWS = {
    "an error": ("=1/0", "#DIV/0!", "cell_error"),
    "no value": ("=B9", None, "formula_without_value"),
}


@pytest.mark.parametrize(("formula", "value", "code"), FLAWS.values(), ids=FLAWS)
@pytest.mark.parametrize(("column", "name"), [(1, "Имя"), (2, "Телефон")])
def test_a_formula_without_a_value_is_refused(
    tmp_path: Path, formula: str, value: str | None, code: str, column: int, name: str
) -> None:
    def spoil(_book: object, page: object) -> None:
        page.write_formula(2, column, formula, None, value)  # type: ignore[attr-defined]

    plan = plan_of_people(tmp_path, person(GOOD), person("8 900 000-00-02"), finish=spoil)
    if value is None:
        drop_stored_value(tmp_path / "list.xlsx")
        plan = prepared(tmp_path / "list.xlsx").plan
    assert refused(plan) == [(3, name, code)]
    assert sent(plan) == [(2, "+79000000001")]


def drop_stored_value(path: Path) -> None:
    """As openpyxl and some MIS write a formula: without a value."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1<v></v>", parts[sheet])
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_formula_that_gives_a_text_is_a_text(tmp_path: Path) -> None:
    def add(_book: object, page: object) -> None:
        page.write_formula(1, 1, '="Ан"&"на"', None, "Анна")  # type: ignore[attr-defined]

    plan = plan_of_people(tmp_path, person(GOOD), finish=add)
    assert plan.messages[0].body == "Анна, ждём вас 01.12 в 09:00"


# -- dates and times --------------------------------------------------------------------------------------------------

MOMENTS = {
    "as cells": (DAY, NINE),
    "as one moment each": (datetime(2026, 12, 1, 9, 0), datetime(2026, 12, 1, 9, 0)),
    "as text": ("01.12.2026", "9:00"),
    "as ISO text": ("2026-12-01", "09:00:00"),
    "as text with a two-digit year": ("1.12.26", "9:00"),
    "as Excel's numbers": (46357, 0.375),
    "a fraction off by a second's millionth": (DAY, datetime(2026, 12, 1, 8, 59, 59, 999_999)),
}


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    table = {**MOMENTS, **{name: (day, at) for name, (day, at, _column, _code) in NOT_MOMENTS.items()}}
    rows = [person(f"8 900 000-02-{number:02}", day=day, at=at) for number, (day, at) in enumerate(table.values())]
    return dict(zip(table, read_each(tmp_path_factory.mktemp("moments"), rows), strict=True))


@pytest.mark.parametrize("name", MOMENTS)
def test_dates_and_times_are_formatted_however_they_are_stored(moments: dict[str, Read], name: str) -> None:
    assert moments[name].body == "Анна, ждём вас 01.12 в 09:00"


def test_a_bare_number_read_as_a_date_is_doubtful(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, day=46357))
    assert warned(plan) == [(2, "Дата приёма", "number_as_date")]


def test_a_bare_number_is_said_to_be_read_as_what_it_was(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, at=0.375), person("8 900 000-00-09", day=20261205))
    assert [(each.row, each.column, each.reason) for each in plan.warnings] == [(2, "Время", AS_CLOCK)]
    assert plan.messages[1].body.startswith("Анна, ждём вас 05.12")
    assert "count of days" not in AS_CLOCK


def test_a_workbook_that_counts_from_1904_gives_the_same_dates(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), date_1904=True)
    assert plan.messages[0].body == "Анна, ждём вас 01.12 в 09:00"


NOT_MOMENTS = {
    "a text": ("завтра", NINE, "Дата приёма", "not_a_date"),
    "two readings": ("01/12/2026", NINE, "Дата приёма", "not_a_date"),
    "an impossible day": ("31.02.2026", NINE, "Дата приёма", "not_a_date"),
    "a time for a date": (NINE, NINE, "Дата приёма", "not_a_date"),
    "a date for a time": (DAY, DAY, "Время", "not_a_time"),
    "a text for a time": (DAY, "утром", "Время", "not_a_time"),
    "a small number": (5, NINE, "Дата приёма", "not_a_date"),
}


@pytest.mark.parametrize("name", NOT_MOMENTS)
def test_what_is_no_date_is_refused_where_the_template_wants_one(moments: dict[str, Read], name: str) -> None:
    _day, _at, column, code = NOT_MOMENTS[name]
    assert (moments[name].refused, moments[name].body) == ([(column, code)], None)


# -- merged cells -----------------------------------------------------------------------------------------------------


def test_a_cell_merged_downwards_holds_for_every_row(tmp_path: Path) -> None:
    rows = [HEADINGS, person(GOOD, at=time(9)), person("8 900 000-00-02", day=None, at=time(10))]
    plan = plan_of(tmp_path, rows, merged=[(1, 3, 2, 3)])
    assert [message.body for message in plan.messages] == [
        "Анна, ждём вас 01.12 в 09:00",
        "Анна, ждём вас 01.12 в 10:00",
    ]


def test_a_heading_over_two_rows_is_read_from_the_lower_one(tmp_path: Path) -> None:
    rows = [
        ("№", "ФИО", None, "Телефон"),
        (None, "Фамилия", "Имя", None),
        (1, "Иванова", "Анна", GOOD),
        (2, "Петрова", "Вера", "8 900 000-00-02"),
    ]
    plan = plan_of(tmp_path, rows, "{Имя}, позвоните нам", merged=[(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)])
    assert [message.body for message in plan.messages] == ["Анна, позвоните нам", "Вера, позвоните нам"]


def test_the_text_that_the_template_makes_is_trimmed_only_at_its_ends(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, name="  Анна  Мария "), template="{Имя}! {Врач}")
    assert plan.messages[0].body == "Анна  Мария! Белова Н. П."


def test_a_text_that_no_sms_can_carry_is_refused(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, name="я" * 20_000), template="{Имя}")
    assert [problem.code for problem in plan.refused] == ["text_too_long"]


def test_the_plan_counts_messages_and_sms(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), person("8 900 000-00-02"), template=TEMPLATE + " " + "я" * 60)
    assert (len(plan.messages), plan.sms) == (2, 4)
