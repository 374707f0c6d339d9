"""[pure] A second table below the first, with other headings: what stands under them is something else.

Passed over like any repeated heading, it would leave `Причина` under `Дата`: «ждём вас заболел». So rows below it are
refused where their text or their time is taken from a column that it calls otherwise. Where the phones are, the numbers
themselves tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from gateway.i18n import _
from gateway.merge.cells import Cell, as_heading, cell_at, folded
from gateway.merge.filling import Unfilled
from gateway.merge.layout import Layout
from gateway.merge.template import Column, Template, columns_of

CODE = "other_table"


class OtherTables:
    """Of the heading that was repeated last."""

    def __init__(self, layout: Layout, of_times: Collection[Column] = ()) -> None:
        self._layout = layout
        self._of_times = of_times
        self._row = 0
        self.renamed: frozenset[Column] = frozenset()  # columns that it calls something else

    def note(self, row: int, heading: Sequence[Cell]) -> None:
        self._row, self.renamed = row, frozenset(_renamed(heading, self._layout))

    def refuse(self, template: Template) -> None:
        """Raises Unfilled for the first column that the row needs and that is another one here."""
        for column in (*columns_of(template.pieces), *self._of_times):
            if column in self.renamed:
                sentence = _(
                    "Row {row} is the heading of another table, which has something else in this column: "
                    "give that table a sheet of its own."
                )
                raise Unfilled(column.name, CODE, sentence.format(row=self._row))


def _renamed(heading: Sequence[Cell], layout: Layout) -> Iterator[Column]:
    for column in layout.columns:
        cell = cell_at(heading, column.index)
        if isinstance(cell, str) and folded(as_heading(cell)) not in ("", *_names(column, layout)):
            yield column


def _names(column: Column, layout: Layout) -> tuple[str, ...]:
    """What may stand over it: its name, or either line of a heading of two."""
    own, other = (lines[column.index : column.index + 1] for lines in (layout.headings, layout.other_lines))
    return (folded(column.name), *column.also, *own, *map(folded, other))
