"""[pure] Which days the texts of a list name, by columns: only so far as a row's text shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache

from gateway.merge.cells import Cell
from gateway.merge.dates import FIRST_SIGNS, as_date, moment_of, text_moment
from gateway.merge.formats import CACHED
from gateway.merge.template import Template

# Of each column the days, and of each day the rows whose texts name it.
DaysNamed = Mapping[str, Mapping[date, Sequence[int]]]
# Of one column: its place, whether the template asks for a day there, how a cell is read, and what was found.
_Reading = tuple[int, bool, Callable[[Cell], date | None], dict[date, list[int]]]


class Days:
    """Collects them, row by row."""

    def __init__(self) -> None:
        self._by_column: dict[str, dict[date, list[int]]] = {}
        self._readings: dict[int, list[_Reading]] = {}  # by the identity of their template

    @property
    def named(self) -> DaysNamed:
        return {column: by_day for column, by_day in self._by_column.items() if by_day}

    def note(self, row: int, cells: Sequence[Cell], template: Template) -> None:
        """Names and rooms, which begin with no digit, are no days where nothing asks for one."""
        readings = self._readings.get(id(template))
        for index, is_asked, read, by_day in self._made_ready(template) if readings is None else readings:
            value = cells[index] if index < len(cells) else None
            if is_asked or not isinstance(value, str) or value[:1] in FIRST_SIGNS:
                day = read(value)
                if day is not None:
                    by_day[day].append(row)

    def _made_ready(self, template: Template) -> list[_Reading]:
        """Once for each template of a list."""
        ready: list[_Reading] = []
        for hole in template.day_holes:
            by_day = self._by_column.setdefault(hole.column.name, defaultdict(list))
            ready.append((hole.column.index, bool(hole.spec), _asked_for if hole.spec else _as_it_stands, by_day))
        return self._readings.setdefault(id(template), ready)


@lru_cache(CACHED, typed=True)  # the days of a list repeat
def _asked_for(value: Cell) -> date | None:
    return _day(as_date(moment_of(value, wants_day=True)))


@lru_cache(CACHED, typed=True)
def _as_it_stands(value: Cell) -> date | None:
    """A bare number stays one."""
    return _day(as_date(text_moment(value)) if isinstance(value, str) else value)


def _day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
