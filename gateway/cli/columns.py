"""[pure] The columns of a table: how wide they are, which of them hold figures, and which find room.

Figures end where their heading ends, so that ones stand under ones; all else begins where its heading does. Widths are
those of a terminal, where a Chinese sign takes two columns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

NARROWEST = 16  # terminal columns that a long text needs to stay readable
WIDEST = 160  # columns of a table that goes into a file or a pipe
GAP = 2  # terminal columns between two columns
# Counts, shares, measures, one out of a limit, as forms.py writes them. Numbers of phones and SIMs are names.
FIGURE = re.compile(
    r"-?(?:\d{1,9}|\d{1,3}(?:[,\u202f ]\d{3})+)(?:[.,]\d+)?(?:/\d{1,9})?(?:[\u202f ]?%| dBm)?", re.ASCII
)
NOTHING = ("", "–")  # says nothing of what else is in the column


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands in a table: each line has a cell for each name."""

    names: Sequence[str]
    lines: Sequence[Sequence[str]]

    def used(self) -> Columns:
        """Without those that are empty."""
        return self._kept([place for place in range(len(self.names)) if any(line[place] for line in self.lines)])

    def fitting(self, long: Collection[str], spare: Sequence[str], width: float) -> Columns | None:
        """As many as find room, without more and more of the spare ones; None: they never do."""
        for left_out in range(len(spare) + 1):
            fewer = self._kept([place for place, name in enumerate(self.names) if name not in spare[:left_out]])
            if fewer._least_width(long) <= width:
                return fewer
        return None

    def are_figures(self) -> list[bool]:
        """Of each column, whether it holds nothing but figures."""
        return [_is_of_figures([line[place] for line in self.lines]) for place in range(len(self.names))]

    def padded(self) -> list[str]:
        """The heading and each line as one text, without blanks at its end.

        A cell wider than WIDEST stands out of its column: one text of many SMS shall not push all others far apart.
        """
        widths = [min(WIDEST, width) for width in self._widths()]
        sides = self.are_figures()
        gap = " " * GAP
        return [
            gap.join(_padded(*each) for each in zip(row, widths, sides, strict=True)).rstrip()
            for row in (self.names, *self.lines)
        ]

    def _kept(self, places: Sequence[int]) -> Columns:
        return Columns(
            [self.names[place] for place in places], [[line[place] for place in places] for line in self.lines]
        )

    def _widths(self) -> list[int]:
        return [max(map(cell_len, column)) for column in zip(self.names, *self.lines, strict=True)]

    def _least_width(self, long: Collection[str]) -> int:
        """Terminal columns that the table needs when its long columns are as narrow as they may be."""
        pairs = zip(self.names, self._widths(), strict=True)
        least = [min(width, NARROWEST) if name in long else width for name, width in pairs]
        return sum(least) + GAP * len(least)


def is_figure(cell: str) -> bool:
    return FIGURE.fullmatch(cell) is not None


def _is_of_figures(cells: Sequence[str]) -> bool:
    said = [cell for cell in cells if cell not in NOTHING]
    return bool(said) and all(map(is_figure, said))


def _padded(cell: str, width: int, is_right: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return blank + cell if is_right else cell + blank
