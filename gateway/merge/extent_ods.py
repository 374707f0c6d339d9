"""[pure] How many cells the reader of values lays out for an .ods file: known before it lays out any.

One short row says that it stands a million times, and the reader believes it (OpenDocument 1.3 part 3, 19.675 and
19.677, table:number-columns-repeated and -rows-repeated). It reads every sheet of the file, whichever is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.merge.parts_ods import ROW_END, sections

ROWS_REPEATED = re.compile(rb"number-rows-repeated=[\"'](\d+)")
COLUMNS_REPEATED = re.compile(rb"number-columns-repeated=[\"'](\d+)")
REPEATED = b"columns-repeated"  # looked for first: most rows have none, and the pattern is slow
CELLS = (b"<table:table-cell", b"<table:covered-table-cell")
CONTENTS = (b"office:", b"table:formula")  # what a cell with a value or a formula has among its attributes


@dataclass(frozen=True, slots=True)
class Extent:
    """Cells of all sheets: those with something in them, and all in the rectangles from the first to the last one."""

    filled: int
    laid_out: int


@dataclass(slots=True)
class _Sheet:
    """One, as far as it was seen. Blank rows count where they have a filled one above and one below."""

    filled: int = 0
    height: int = 0
    width: int = 0
    blank: int = 0

    def take(self, times: int, cells: int) -> None:
        if cells:
            self.filled, self.width = self.filled + times * cells, max(self.width, cells)
            self.height, self.blank = self.height + self.blank + times, 0
        elif self.height:
            self.blank += times


def extent(pieces: Iterable[bytes]) -> Extent:
    """`pieces` of content.xml. Raises ValueError for a number of thousands of digits."""
    sheets = [_Sheet()]
    for is_another, _before, rows in sections(pieces):
        if is_another:
            sheets.append(_Sheet())
        for row in rows:
            attributes, _tag_end, cells = row.partition(b">")
            sheets[-1].take(_times(attributes), _width(cells.partition(ROW_END)[0]))
    return Extent(sum(sheet.filled for sheet in sheets), sum(sheet.height * sheet.width for sheet in sheets))


def _times(attributes: bytes) -> int:
    repeated = ROWS_REPEATED.search(attributes)
    return int(repeated[1]) if repeated else 1


def _width(row: bytes) -> int:
    """Up to the last cell that holds something; 0: none does."""
    last = max(map(row.rfind, CONTENTS))
    if last < 0:
        return 0
    cells = row[: row.find(b">", last)]
    count = sum(map(cells.count, CELLS))
    return count + sum(int(times) - 1 for times in COLUMNS_REPEATED.findall(cells)) if REPEATED in cells else count
