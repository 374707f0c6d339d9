"""[pure] How wide the columns of a new list are to be, by what stands in its first rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from unicodedata import east_asian_width

from gateway.merge.cells import Cell

NARROWEST, WIDEST = 8, 44  # characters
MARGIN = 2  # characters; and for a filter's button
WIDE = frozenset("WF")  # of two characters' width (Unicode, annex 11)
OF_MOMENTS = {datetime: 16, date: 10, time: 8}
NUMBER = 15  # characters of the longest that is shown in full
FITTING = 0.9  # of the cells: a title over the list, or one long remark, makes no column wide


def widths(rows: Iterable[Sequence[Cell]], columns: int) -> list[int]:
    """In characters, for so many columns."""
    lengths: list[list[int]] = [[] for _column in range(columns)]
    for cells in rows:
        for column, value in zip(lengths, cells, strict=False):
            if value is not None:
                column.append(length(value))
    return [_fitting(sorted(column)) for column in lengths]


def _fitting(lengths: Sequence[int]) -> int:
    wanted = lengths[int((len(lengths) - 1) * FITTING)] + MARGIN if lengths else NARROWEST
    return min(max(wanted, NARROWEST), WIDEST)


def length(value: Cell) -> int:
    """In characters, of the longest line."""
    if isinstance(value, str):
        return max(map(_of_line, value.splitlines()), default=0)
    return OF_MOMENTS.get(type(value)) or min(len(str(value)), NUMBER)


def _of_line(line: str) -> int:
    return len(line) + sum(east_asian_width(sign) in WIDE for sign in line)
