"""[pure] A cell as a contact's field: kept so that a template gets it back as it was, and so that it can be searched.

What a cell unmistakably is decides on how it compares: numbers as numbers, dates as days, times of day as such, and
all else as words only. A text that is written like a date is kept as the text and compared as the date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from gateway.merge.cells import Cell, Flaw, folded
from gateway.merge.dates import Moment, moment_of, text_moment
from gateway.merge.formats import NUMBER_TEXT, plain

ASKS_FOR_DAY = re.compile(r"дата|рожд|д\. ?р\.|\bдр\b|\bdate|\bbirth|\bdob\b|\bday\b|日期|生日", re.IGNORECASE)
ASKS_FOR_CLOCK = re.compile(r"врем|\bчас|\btime\b|\bhour|时间", re.IGNORECASE)
LEADING_ZERO = re.compile(r"[+-]?0\d")  # a card number, and no quantity
LONGEST = 2000  # characters of a field: a remark, and no document


class Measure(StrEnum):
    """By what a value can be compared with another."""

    NUMBER = "number"
    DAY = "day"  # 2026-12-01, or 2026-12-01T10:30:00 where the time is known: text order is their order
    CLOCK = "clock"  # 10:30:00


class Value(NamedTuple):
    """What is kept of a cell."""

    text: str
    kind: str  # which of KINDS gives the cell back
    words: str
    measure: Measure | None = None
    sort: float | str | None = None

    def __repr__(self) -> str:
        return f"Value(kind={self.kind!r})"


def _is_true(text: str) -> bool:
    return text == "1"


# What a kind of cell is written as, and how it is read again.
KINDS: Mapping[str, tuple[type, Callable[[Cell], str], Callable[[str], Cell]]] = {
    "text": (str, str, str),
    "truth": (bool, lambda cell: "1" if cell else "0", _is_true),
    "number": (float, repr, float),
    "moment": (datetime, lambda cell: cell.isoformat() if isinstance(cell, datetime) else "", datetime.fromisoformat),
    "day": (date, lambda cell: cell.isoformat() if isinstance(cell, date) else "", date.fromisoformat),
    "clock": (time, lambda cell: cell.isoformat() if isinstance(cell, time) else "", time.fromisoformat),
    "span": (
        timedelta,
        lambda cell: repr(cell.total_seconds()) if isinstance(cell, timedelta) else "",
        lambda text: timedelta(seconds=float(text)),
    ),
}
KIND_OF: Mapping[type, str] = {of_type: kind for kind, (of_type, _write, _read) in KINDS.items()}


def value_of(cell: Cell, heading: str, country: str) -> Value | None:
    """None for an empty cell and for one that holds a flaw."""
    if cell is None or isinstance(cell, Flaw):
        return None
    if isinstance(cell, int) and not isinstance(cell, bool):
        cell = float(cell)
    if isinstance(cell, float) and not _wants_day(heading):
        return Value(repr(cell), "number", plain(cell, country), Measure.NUMBER, cell)  # its words are the key's too
    if isinstance(cell, str):
        cell = cell[:LONGEST]
    kind = _kind_of(cell)
    measure, sort = compared(cell, wants_day=_wants_day(heading), wants_clock=asks_for_clock(heading))
    text, words = KINDS[kind][1](cell), folded(plain(cell, country))
    return Value(text, kind, text if text == words else words, measure, sort)  # one object for both takes less room


def _kind_of(cell: Cell) -> str:
    return KIND_OF[type(cell)]


@lru_cache(maxsize=256)
def _wants_day(heading: str) -> bool:
    return ASKS_FOR_DAY.search(heading) is not None


@lru_cache(maxsize=256)
def asks_for_clock(heading: str) -> bool:
    """Whether 9.05 is a time of day there, and not a quantity."""
    return ASKS_FOR_CLOCK.search(heading) is not None and not _wants_day(heading)


def cell_of(text: str, kind: str) -> Cell:
    """The cell again, from `Value.text` and `Value.kind`."""
    return KINDS[kind][2](text)


def compared(cell: Cell, *, wants_day: bool, wants_clock: bool = False) -> tuple[Measure | None, float | str | None]:
    """By what the cell is compared, and its place there; a bare number is Excel's count of days where one is due."""
    moment = _moment(cell, wants_day, wants_clock)
    if isinstance(moment, datetime | date):
        return Measure.DAY, moment.isoformat()
    if isinstance(moment, time):
        return Measure.CLOCK, moment.isoformat("seconds")
    number = _number(cell)
    return (None, None) if number is None else (Measure.NUMBER, number)


def _moment(cell: Cell, wants_day: bool, wants_clock: bool) -> Moment | None:
    if isinstance(cell, str) and not (wants_day or wants_clock):
        return text_moment(cell)
    if isinstance(cell, str):
        return moment_of(cell, wants_day=not wants_clock)
    return moment_of(cell, wants_day) if wants_day or not isinstance(cell, int | float) else None


def _number(cell: Cell) -> float | None:
    if isinstance(cell, str):
        is_number = NUMBER_TEXT.fullmatch(cell) is not None and LEADING_ZERO.match(cell) is None
        return float(cell.replace(",", ".")) if is_number else None
    return float(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else None
