"""[pure] Headings of two lines: `Пациент` over `Фамилия` and `Имя`, and beside them `Телефон`, merged over both lines.

One of the lines is the heading row (layout.py). Cells that are merged downwards hold their text in the upper line, so
that a column without a heading in the lower one has that; a text that is merged sideways stands over several columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from gateway.merge.cells import Cell, as_heading, filled
from gateway.merge.like_phone import has_phone

LONGEST = 60  # signs of a heading in a line; more are a sentence of a form's own
LEAST = 2  # headings in a line; one alone is a title

Row = tuple[int, list[Cell]]


def completed(rows: Sequence[Row], place: int) -> list[Cell]:
    """The row, and where it has nothing, what the line above it says."""
    own, above = rows[place][1], _line(rows, place, -1)
    return [upper if cell is None else cell for cell, upper in zip_longest(own, above)]


def other_lines(rows: Sequence[Row], place: int) -> tuple[str, ...]:
    """By column, what stands over it, also merged with others; below, where neither line above has anything."""
    own = rows[place][1]
    above = _spread(_line(rows, place, -1), own)
    below = [under if cell is None else None for cell, under in zip_longest(own, _line(rows, place, 1))]
    return tuple(as_heading(upper or under) for upper, under in zip_longest(above, below))


def _spread(above: Sequence[Cell], own: Sequence[Cell]) -> list[Cell]:
    """A text of the upper line stands over what follows in the lower one, unless it reaches down into that itself."""
    spread: list[Cell] = []
    over: Cell = None
    for upper, cell in zip_longest(above, own):
        over = over if upper is None else upper
        spread.append(upper if upper is not None or cell is None else over)
        over = None if cell is None else over
    return spread


def _line(rows: Sequence[Row], place: int, step: int) -> list[Cell]:
    """The neighbour of a heading row as far as it may be its other line; nothing of any other row."""
    if not 0 <= place + step < len(rows) or rows[place + step][0] != rows[place][0] + step:
        return []
    cells = rows[place + step][1]
    is_line = filled(cells) >= LEAST and all(map(_may_be_heading, cells)) and not has_phone(cells)
    return cells if is_line else []


def _may_be_heading(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and len(cell) <= LONGEST and not cell.endswith(":"))
