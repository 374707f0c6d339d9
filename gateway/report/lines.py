"""[pure] The rows of a new list: the old ones with the added columns, or made of what the gateway keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from gateway.i18n import _
from gateway.merge.cells import Cell
from gateway.report import columns
from gateway.report.verdicts import Mood, Result

WIDTH_OF_NUMBERS, WIDTH_OF_FIELDS, WIDTH_OF_TEXTS = 12, 18, 60  # characters
FLAW = _("(an error in the list)")  # stands where a cell held one


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the new list."""

    number: int  # from 1
    cells: Sequence[Cell] = field(repr=False)  # the list's
    added: Sequence[Cell] = field(default=(), repr=False)
    mood: Mood | None = None
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it is to be written; `lines` can be walked once."""

    name: str  # of its sheet
    widths: Sequence[int]  # characters of the list's columns, before the added ones
    lines: Iterable[Line] = field(repr=False)
    added_widths: Sequence[int] = columns.WIDTHS

    @property
    def width(self) -> int:
        """Columns of the list."""
        return len(self.widths)


def of_list(
    rows: Iterable[tuple[int, Sequence[Cell]]], heading_row: int, found: Iterable[Result], zone: tzinfo
) -> Iterator[Line]:
    """Each row as it was read, under its own number."""
    by_row = {result.row: result for result in found}
    for number, cells in rows:
        if number == heading_row:
            yield Line(number, cells, columns.HEADINGS, is_heading=True)
        elif result := by_row.get(number):
            yield Line(number, cells, columns.cells(result, zone), result.mood)
        else:
            yield Line(number, cells)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the gateway itself keeps of the rows: whom each is about, what else is known of them, and the text."""

    first: str  # the heading of the rows' numbers
    headings: Sequence[str] = ()
    cells: Mapping[int, Sequence[Cell]] = field(default_factory=dict, repr=False)  # by rows, those that are kept still
    texts: Mapping[int, str] = field(default_factory=dict, repr=False)

    @property
    def widths(self) -> Sequence[int]:
        return (WIDTH_OF_NUMBERS, *([WIDTH_OF_FIELDS] * len(self.headings)), WIDTH_OF_TEXTS)

    def lines(self, found: Iterable[Result], zone: tzinfo) -> Iterator[Line]:
        yield Line(1, (self.first, *self.headings, _("Text")), columns.HEADINGS, is_heading=True)
        nothing = [None] * len(self.headings)
        for number, result in enumerate(found, start=2):
            about = self.cells.get(result.row, nothing)
            cells = (result.row, *about, self.texts.get(result.row))
            yield Line(number, cells, columns.cells(result, zone), result.mood)
