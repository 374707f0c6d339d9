"""Conditions: how they are written, what they mean, and what is said of one that means nothing."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.contacts.asking import Held, age_test_of, test_of
from gateway.contacts.values import value_of
from gateway.contacts.where import Operator, parse
from gateway.errors import UsageProblem
from gateway.merge.cells import Cell

TODAY = date(2026, 11, 22)

WRITTEN = {
    "age >= 60": ("age", Operator.AT_LEAST, ("60",)),
    "age>=60": ("age", Operator.AT_LEAST, ("60",)),
    "Врач = Петров И. И.": ("Врач", Operator.EQUAL, ("Петров И. И.",)),
    "Врач ≠ Петров": ("Врач", Operator.OTHER, ("Петров",)),
    "Врач <> Петров": ("Врач", Operator.OTHER, ("Петров",)),
    "Дата приёма between 2026-12-01 and 2026-12-31": ("Дата приёма", Operator.BETWEEN, ("2026-12-01", "2026-12-31")),
    "возраст между 18 и 35": ("возраст", Operator.BETWEEN, ("18", "35")),
    "Visit between 1 2": ("Visit", Operator.BETWEEN, ("1", "2")),
    "年龄 介于 18 和 35": ("年龄", Operator.BETWEEN, ("18", "35")),
    "ФИО содержит Иванов Пётр": ("ФИО", Operator.CONTAINS, ("Иванов Пётр",)),
    "Email пусто": ("Email", Operator.EMPTY, ()),
    "Email not empty": ("Email", Operator.FILLED, ()),
    "Email не пусто": ("Email", Operator.FILLED, ()),
    "'a = b' = \"c < d\"": ("a = b", Operator.EQUAL, ("c < d",)),
    "«Дата between» <= 5": ("Дата between", Operator.AT_MOST, ("5",)),
    "between = 5": ("between", Operator.EQUAL, ("5",)),
    "Врач = 'Петров' and 'Сидоров'": ("Врач", Operator.EQUAL, ("'Петров' and 'Сидоров'",)),
}
MEANINGLESS = {
    "": "no operator",
    "Врач": "no operator",
    "= 5": "name is missing",
    "Врач =": "value is missing",
    "Врач = ''": "value is missing",
    "age between 5": "two values",
    "age between 5 and": "value is missing",
    "Email empty now": "nothing may follow",
    "x" * 501: "at most 500",
}


@pytest.mark.parametrize(("text", "meaning"), WRITTEN.items(), ids=str)
def test_a_condition_is_a_field_an_operator_and_values(text: str, meaning: tuple[object, ...]) -> None:
    condition = parse(text)
    assert (condition.name, condition.operator, condition.values) == meaning


@pytest.mark.parametrize(("text", "reason"), MEANINGLESS.items(), ids=str)
def test_what_means_nothing_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(UsageProblem, match=reason):
        parse(text)


@given(st.text(max_size=60) | st.from_regex(r"[a-zА-я =<>!'\"«»]{0,40}", fullmatch=True))
def test_whatever_is_typed_is_a_condition_or_refused_in_words(text: str) -> None:
    try:
        condition = parse(text)
    except UsageProblem:
        return
    assert condition.name
    assert all(value.strip() for value in condition.values)


def test_a_conditions_values_stay_out_of_its_repr() -> None:
    assert "Белова" not in repr(parse("ФИО = Белова"))


def held(cell: Cell, heading: str = "Поле") -> Held:
    value = value_of(cell, heading, "RU")
    assert value is not None
    return Held(value.words, value.measure, value.sort)


# What stands in the cell, the condition on it, and whether it fits; None: it can't be asked.
ASKED = {
    "words fold case": ("ПЕТРОВ ", "f = петров", True),
    "words fold ё": ("Пётр", "f = Петр", True),
    "a part is not the whole": ("Петров И. И.", "f = Петров", False),
    "a part": ("Петров И. И.", "f contains петров", True),
    "another": ("Петров", "f != Сидоров", True),
    "the same is no other": ("Петров", "f != петров", False),
    "a number is no text": (10.0, "f > 9", True),
    "numbers are not compared as texts": (10.0, "f < 9", False),
    "a number written as text": ("10", "f > 9", True),
    "with a comma": ("1,5", "f = 1.5", True),
    "whole numbers": (5.0, "f = 5", True),
    "zeros in front make a card number": ("0012", "f = 12", False),
    "a text where a number is due": ("много", "f > 9", None),
    "a date where a number is due": (date(2026, 12, 1), "f > 9", None),
    "a date": (date(2026, 12, 1), "f >= 01.12.2026", True),
    "a date as text": ("01.12.2026", "f = 2026-12-01", True),
    "a date with a time is on its day": (datetime(2026, 12, 1, 10, 30), "f <= 2026-12-01", True),
    "equal by the day": (datetime(2026, 12, 1, 10, 30), "f = 2026-12-01", True),
    "by the minute where one is named": (datetime(2026, 12, 1, 10, 30), "f <= 2026-12-01 10:00", False),
    "the last day of a span": (datetime(2026, 12, 31, 23, 0), "f between 2026-12-01 and 2026-12-31", True),
    "after it": (date(2027, 1, 1), "f between 2026-12-01 and 2026-12-31", False),
    "either way round": (date(2026, 12, 5), "f between 2026-12-31 and 2026-12-01", True),
    "a time of day": (time(9, 30), "f < 10:00", True),
    "a truth is a word": (True, "f = TRUE", True),
    "filled": ("x", "f not empty", True),
}  # fmt: skip
BORN = {
    "sixty today": (date(1966, 11, 22), "age >= 60", True),
    "sixty tomorrow": (date(1966, 11, 23), "age >= 60", False),
    "exactly": (date(1966, 11, 22), "age = 60", True),
    "another": (date(1966, 11, 22), "age != 60", False),
    "younger": (date(2010, 1, 1), "age < 18", True),
    "between, both ends": (date(2008, 11, 22), "age between 35 and 18", True),
    "no date": ("неизвестно", "age < 18", None),
    "as text": ("22.11.1966", "age >= 60", True),
}


@pytest.mark.parametrize(("cell", "condition", "fits"), ASKED.values(), ids=ASKED)
def test_a_value_fits_by_what_it_is(cell: Cell, condition: str, fits: bool | None) -> None:
    assert test_of(parse(condition))(held(cell)) is fits


@pytest.mark.parametrize(("born", "condition", "fits"), BORN.values(), ids=BORN)
def test_an_age_is_counted_from_the_birth_date_on_the_day(born: Cell, condition: str, fits: bool | None) -> None:
    assert age_test_of(parse(condition), TODAY)(held(born)) is fits


@pytest.mark.parametrize("condition", ["Врач > Петров", "f between 5 and 2026-12-01"])
def test_only_what_has_an_order_is_compared(condition: str) -> None:
    with pytest.raises(UsageProblem, match="have an order"):
        test_of(parse(condition))


@pytest.mark.parametrize("condition", ["age > много", "age contains 5", "age = 2026-01-01"])
def test_an_age_is_a_whole_number_of_years(condition: str) -> None:
    with pytest.raises(UsageProblem, match="whole years"):
        age_test_of(parse(condition), TODAY)


test_of.__test__ = False  # type: ignore[attr-defined]
