"""[pure] Which days the texts of a list name, by columns: only so far as a row's text shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from gateway.merge.cells import Cell, cell_at
from gateway.merge.dates import FIRST_SIGNS, as_date, moment_of, text_moment
from gateway.merge.formats import CACHED
from gateway.merge.template import Hole, Template

# Of each column the days, and of each day the rows whose texts name it.
DaysNamed = Mapping[str, Mapping[date, Sequence[int]]]


class Days:
    """Collects them, row by row."""

    def __init__(self) -> None:
        self.named: dict[str, dict[date, list[int]]] = {}

    def note(self, row: int, cells: Sequence[Cell], template: Template) -> None:
        for hole in template.day_holes:
            day = _shown(hole, cell_at(cells, hole.column.index))
            if day is not None:
                self.named.setdefault(hole.column.name, {}).setdefault(day, []).append(row)


def _shown(hole: Hole, value: Cell) -> date | None:
    """Names and rooms, which begin with no digit, are no days where nothing asks for one."""
    if value is None or (not hole.spec and isinstance(value, str) and value[:1] not in FIRST_SIGNS):
        return None
    return _day_asked_for(value) if hole.spec else _day_as_it_stands(value)


@lru_cache(CACHED, typed=True)  # the days of a list repeat
def _day_asked_for(value: Cell) -> date | None:
    return _day(as_date(moment_of(value, wants_day=True)))


@lru_cache(CACHED, typed=True)
def _day_as_it_stands(value: Cell) -> date | None:
    """A bare number stays one."""
    return _day(as_date(text_moment(value)) if isinstance(value, str) else value)


def _day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
