"""[pure] Whether a field's value fits a condition: words by words, numbers, days and times of day by what they are.

A day is compared as a whole: `Visit <= 2026-12-01` is true of a visit on that day at 10:30, unless the condition itself
names a time. An age is counted from the birth date, on the day of asking.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from gateway.contacts import age
from gateway.contacts.values import Measure, asks_for_clock, compared
from gateway.contacts.where import Condition, Operator
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.merge.cells import folded

DAY_SIGNS = len("2026-12-01")
WHOLE = re.compile(r"\d{1,3}")

Sort = float | str


@dataclass(frozen=True, slots=True)
class Held:
    """What a contact has in the field, as it is searched."""

    words: str = field(repr=False)
    measure: str | None
    sort: Sort | None = field(repr=False)


# None: the value can't be asked this, be it a text where a number is due.
Test = Callable[[Held], bool | None]
COMPARED: Mapping[Operator, Callable[[Sort, Sort], bool]] = {
    Operator.LESS: operator.lt,
    Operator.AT_MOST: operator.le,
    Operator.MORE: operator.gt,
    Operator.AT_LEAST: operator.ge,
}


def test_of(condition: Condition) -> Test:
    """Of a field that lists have brought. Raises UsageProblem for a value that the operator can't have."""
    asked = condition.operator
    if asked in (Operator.EMPTY, Operator.FILLED):
        return lambda _held: True  # whoever has a value; the others are known by having none
    if asked is Operator.CONTAINS:
        part = folded(condition.values[0])
        return lambda held: part in held.words
    if asked in (Operator.EQUAL, Operator.OTHER):
        return _same(condition, is_same=asked is Operator.EQUAL)
    return _in_order(condition)


def age_test_of(condition: Condition, today: date) -> Test:
    """Of birth dates, for a condition on the age. Raises UsageProblem for what is no whole number of years."""
    if condition.operator in (Operator.EMPTY, Operator.FILLED):
        return lambda held: True if _birth(held) else None
    if condition.operator is Operator.CONTAINS or not all(map(WHOLE.fullmatch, condition.values)):
        raise UsageProblem(_("An age is compared with whole years, as in `age >= 60`."))
    years = tuple(map(int, condition.values))
    fits = _of_years(condition.operator, years)

    def test(held: Held) -> bool | None:
        born = _birth(held)
        return None if born is None else fits(age.age_on(today, born))

    return test


def _of_years(asked: Operator, years: tuple[int, ...]) -> Callable[[int], bool]:
    if asked is Operator.BETWEEN:
        return lambda own: min(years) <= own <= max(years)
    if asked in (Operator.EQUAL, Operator.OTHER):
        return lambda own: (own == years[0]) is (asked is Operator.EQUAL)
    return lambda own: COMPARED[asked](own, years[0])


def _birth(held: Held) -> date | None:
    return date.fromisoformat(str(held.sort)[:DAY_SIGNS]) if held.measure == Measure.DAY else None


def _same(condition: Condition, *, is_same: bool) -> Test:
    words, (measure, sort) = folded(condition.values[0]), _read(condition)[0]

    def test(held: Held) -> bool:
        is_equal = held.words == words or (measure is not None and held.measure == measure and _cut(held, sort) == sort)
        return is_equal is is_same

    return test


def _read(condition: Condition) -> list[tuple[Measure | None, Sort | None]]:
    """What the condition compares with; 9.05 is a time where the field is one of times."""
    is_clock = asks_for_clock(condition.name)
    return [compared(value.strip(), wants_day=True, wants_clock=is_clock) for value in condition.values]


def _in_order(condition: Condition) -> Test:
    bounds = _read(condition)
    measure = bounds[0][0]
    if measure is None or any(other is not measure for other, _sort in bounds):
        sentence = _("“{field}” {operator}: only numbers, dates and times have an order, as in 60 or 2026-12-01.")
        raise UsageProblem(sentence.format(field=condition.name, operator=condition.operator))
    sorts: list[Sort] = [sort for _measure, sort in bounds if sort is not None]

    def test(held: Held) -> bool | None:
        if held.measure != measure:
            return None
        if condition.operator is Operator.BETWEEN:
            low, high = sorted(sorts)
            return bool(low <= _cut(held, low) and _cut(held, high) <= high)  # type: ignore[operator]
        return COMPARED[condition.operator](_cut(held, sorts[0]), sorts[0])

    return test


def _cut(held: Held, other: Sort | None) -> Sort:
    """The day alone, where it is compared with a day alone."""
    own = held.sort if held.sort is not None else ""
    is_day = isinstance(own, str) and isinstance(other, str) and len(other) == DAY_SIGNS
    return own[:DAY_SIGNS] if is_day else own  # type: ignore[index]
