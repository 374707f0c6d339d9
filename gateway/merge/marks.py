"""[pure] What a workbook says beside its values: hidden rows and columns, and cells without a value.

The fast reader of values tells none of this: it gives an empty text for an error cell and doesn't know of filters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.merge.cells import Flaw

MAX_COLUMNS = 200  # a stray cell in the last column of a sheet would make the reader ask for half a terabyte


Range = tuple[tuple[int, int], tuple[int, int]]  # the first and the last cell, row and column from 0


class TooWide(ValueError):
    """The sheet has cells beyond MAX_COLUMNS."""


@dataclass(slots=True)
class Marks:
    """Filled while a sheet is scanned. Rows count from 1 as people count them, columns from 0."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    flaws: dict[int, dict[int, Flaw]] = field(default_factory=dict)
    merged: list[Range] = field(default_factory=list)  # where the reader of values doesn't tell them

    def add_flaw(self, row: int, column: int, flaw: Flaw) -> None:
        self.flaws.setdefault(row, {})[column] = flaw
