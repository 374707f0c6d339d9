"""[pure] Which days the texts of a list name, by columns: only so far as a row's text shows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from gateway.merge.cells import Cell, cell_at, holds
from gateway.merge.dates import FIRST_SIGNS, as_date, is_count, moment_of, text_moment
from gateway.merge.formats import CACHED, shows_day
from gateway.merge.template import Column, Conditional, Hole, Piece, Template

# Of each column the days, and of each day the rows whose texts name it.
DaysNamed = Mapping[str, Mapping[date, Sequence[int]]]
# The conditional pieces around a placeholder: the column that decides on each, and whether its cell holds something.
_Way = tuple[tuple[int, bool], ...]


@dataclass(slots=True)
class _Reading:
    """Of one column in the texts of one template."""

    index: int
    is_asked: bool  # a format of days tells for certain that the column holds them
    ways: tuple[_Way, ...]  # by which a text shows it; none: every text does
    by_day: dict[date, list[int]]  # what was found
    bare: list[int]  # rows with a number that may be Excel's count of days, and is written as it stands

    def is_shown(self, cells: Sequence[Cell]) -> bool:
        return any(all(holds(cell_at(cells, place)) is is_held for place, is_held in way) for way in self.ways)


class Days:
    """Collects them, row by row."""

    def __init__(self) -> None:
        self._by_column: dict[str, dict[date, list[int]]] = {}
        self._bare: dict[str, list[int]] = {}
        self._readings: dict[int, list[_Reading]] = {}  # by the identity of their template

    @property
    def named(self) -> DaysNamed:
        return {column: by_day for column, by_day in self._by_column.items() if by_day}

    def among_dates(self) -> Iterator[tuple[int, str]]:
        """Rows, with the column, whose text shows a bare number where that of most others shows a date."""
        for column, rows in self._bare.items():
            if len(rows) < sum(map(len, self._by_column[column].values())):
                yield from ((row, column) for row in rows)

    def note(self, row: int, cells: Sequence[Cell], template: Template) -> None:
        """Names, which begin with no digit, and bare numbers are no days where nothing asks for one."""
        readings = self._readings.get(id(template))
        for reading in self._made_ready(template) if readings is None else readings:
            value = cells[reading.index] if reading.index < len(cells) else None
            if reading.is_asked or (value[:1] in FIRST_SIGNS if isinstance(value, str) else isinstance(value, date)):
                day = _asked_for(value) if reading.is_asked else _as_it_stands(value)
                if day is not None and (not reading.ways or reading.is_shown(cells)):
                    reading.by_day[day].append(row)
            elif _may_be_count(value) and (not reading.ways or reading.is_shown(cells)):
                reading.bare.append(row)

    def _made_ready(self, template: Template) -> list[_Reading]:
        """Once for each template of a list."""
        by_column: dict[Column, list[tuple[Hole, _Way]]] = {}
        for hole, way in _shown(template.pieces):
            by_column.setdefault(hole.column, []).append((hole, way))
        ready = [self._reading(column, found) for column, found in by_column.items()]
        return self._readings.setdefault(id(template), ready)

    def _reading(self, column: Column, found: Sequence[tuple[Hole, _Way]]) -> _Reading:
        ways = tuple(way for _hole, way in found)
        by_day = self._by_column.setdefault(column.name, defaultdict(list))
        bare = self._bare.setdefault(column.name, [])
        return _Reading(column.index, any(hole.spec for hole, _way in found), ways if all(ways) else (), by_day, bare)


def _shown(pieces: Sequence[Piece], way: _Way = ()) -> Iterator[tuple[Hole, _Way]]:
    """Each placeholder that may show a day, and when it does. On a cell that holds a day it hangs by itself anyway."""
    for piece in pieces:
        if isinstance(piece, Hole) and shows_day(piece.spec):
            yield piece, tuple(each for each in way if each[0] != piece.column.index)
        elif isinstance(piece, Conditional):
            for inner, is_held in ((piece.then, True), (piece.otherwise, False)):
                yield from _shown(inner, (*way, (piece.column.index, is_held)))


@lru_cache(CACHED, typed=True)  # the days of a list repeat
def _asked_for(value: Cell) -> date | None:
    return _day(as_date(moment_of(value, wants_day=True)))


@lru_cache(CACHED, typed=True)
def _as_it_stands(value: Cell) -> date | None:
    """A bare number stays one."""
    return _day(as_date(text_moment(value)) if isinstance(value, str) else value)


def _may_be_count(value: Cell) -> bool:
    """Of days, as Excel keeps a date whose format was lost."""
    return isinstance(value, int | float) and is_count(value)


def _day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
