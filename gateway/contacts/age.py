"""[pure] Ages out of birth dates: `age >= 60` is a question about the day of birth, asked on one day."""

from __future__ import annotations

import re
from datetime import date

from gateway.merge.cells import folded

NAMES = ("age", "возраст", "лет", "年龄")
FOLDED = frozenset(map(folded, NAMES))
# Headings under which a birth date stands; not the place or the year alone.
BIRTH = re.compile(
    r"(?:дата|день) рожд|^рожд(?:ение|ения)?$|^д\. ?р\.?$|^др$|birth ?(?:date|day)|date of birth|^dob$|^born$"
    r"|出生(?:日期|年月日)|生日",
    re.IGNORECASE,
)
OLDEST = 130  # years: nobody is older, and a date that says so is a slip


def is_age(name: str) -> bool:
    """Whether a condition or placeholder of this name means the age."""
    return folded(name) in FOLDED


def is_birth_heading(name: str) -> bool:
    return BIRTH.search(folded(name)) is not None


def is_believable(born: date, today: date) -> bool:
    """Not in the future, and not of somebody older than anybody."""
    return years_before(today, OLDEST) < born <= today


def years_before(day: date, years: int) -> date:
    """The same day that many years before; of 29 February in a year without one the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(day: date, born: date) -> int:
    """Whole years. Who is born on 29 February is a year older on 1 March where there is no such day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
