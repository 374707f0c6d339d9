"""[pure] How many cells the reader of values lays out for an .ods file: known before it lays out any.

One short row says that it stands a million times, and the reader believes it (OpenDocument 1.3 part 3, 19.675 and
19.677, table:number-columns-repeated and -rows-repeated). It reads every sheet of the file, whichever is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

# Tags are found as plain octets: that is many times as fast as a pattern, in parts of a hundred MB.
TABLE_END = b"</table:table>"
ROW = b"<table:table-row"
ROW_END = b"</table:table-row>"
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


def extent(content: bytes) -> Extent:
    """`content`: the part content.xml. Raises ValueError for a number of thousands of digits."""
    borders = chain([0], _places(content, TABLE_END, 0, len(content)), [len(content)])
    sheets = [_of_sheet(_rows(content, start, end)) for start, end in pairwise(borders)]
    return Extent(sum(sheet.filled for sheet in sheets), sum(sheet.laid_out for sheet in sheets))


def _of_sheet(rows: Iterable[tuple[int, int]]) -> Extent:
    """Blank rows count where they have a filled one above and one below."""
    filled = height = blank = width = 0
    for times, cells in rows:
        if cells:
            filled, width = filled + times * cells, max(width, cells)
            height, blank = height + blank + times, 0
        elif height:
            blank += times
    return Extent(filled, height * width)


def _rows(content: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """How often each row stands there, and how wide it is."""
    for row, following in pairwise(chain(_places(content, ROW, start, end), [end])):
        attributes, _tag_end, cells = content[row:following].partition(b">")
        yield _times(attributes), _width(cells.partition(ROW_END)[0])


def _places(content: bytes, tag: bytes, start: int, end: int) -> Iterator[int]:
    while (place := content.find(tag, start, end)) >= 0:
        yield place
        start = place + len(tag)


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
