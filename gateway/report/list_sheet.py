"""[pure] The list's own sheet with cells added at the end of its rows; all else of it stays octet by octet.

ECMA-376 part 1: 18.3.1.73 row, 18.3.1.4 c, 18.3.1.13 col, 18.3.1.35 dimension, 18.3.1.55 mergeCell. The sheet is gone
through twice, in pieces: first for the columns that are in use, then to be written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.merge.cells import column_index, letters
from gateway.merge.scan_xlsx import NUMBER, REFERENCE, SPAN, Tags
from gateway.report.parts import NotKept, check_encoding, prefixed

ROOT = re.compile(rb"<(\w+:)?worksheet\b")
SPANS = re.compile(rb"\s+spans=[\"'][^\"']*[\"']")  # which columns a row has: only a hint, and not true any more
STYLE = re.compile(rb"\bs=[\"'](\d+)[\"']")
ADDRESS = rb"[A-Z]{1,3}\d+"
MOST_COLUMNS = 16_384  # of a sheet

CellsOf = Callable[[int], bytes]  # the row's number -> its new cells as XML without a prefix; b"" for none


@dataclass(frozen=True, slots=True)
class Extent:
    """What of the sheet is in use."""

    columns: int  # up to the last one in use
    last_row: int
    heading_style: int | None = None  # of the last cell of the heading


@dataclass(frozen=True, slots=True)
class Patterns:
    """Of the parts of one sheet that Tags lacks."""

    prefix: bytes
    merged: re.Pattern[bytes]
    columns: re.Pattern[bytes]
    dimension: re.Pattern[bytes]

    @property
    def row_end(self) -> bytes:
        return b"</%brow>" % self.prefix

    @property
    def cell_start(self) -> bytes:
        return b"<%bc " % self.prefix

    @property
    def data_start(self) -> bytes:
        return b"<%bsheetData" % self.prefix


def patterns(head: bytes) -> Patterns:
    """`head`: the first piece of the sheet. Raises NotKept."""
    check_encoding(head)
    root = ROOT.search(head)
    if root is None:
        raise NotKept("worksheet")
    p = root[1] or b""
    return Patterns(
        p,
        re.compile(rb"<%bmergeCell\b[^>]*\bref=[\"'](%b)(?::(%b))?[\"']" % (p, ADDRESS, ADDRESS)),
        re.compile(rb"<%bcols\b[^>]*>(.*?)</%bcols>" % (p, p), re.DOTALL),
        re.compile(rb"(<%bdimension\b[^>]*\bref=[\"'])(%b)(?::(%b))?([\"'])" % (p, ADDRESS, ADDRESS)),
    )


def extent(pieces: Iterable[bytes], tags: Tags, heading_row: int) -> Extent:
    """Raises NotKept for a sheet whose cells do not say where they are."""
    columns = last = 0
    style: int | None = None
    known: Patterns | None = None
    for piece in pieces:
        known = known or patterns(piece)
        for row, content in _rows(piece, tags, known, last):
            last = row
            columns = max(columns, _columns(content, known))
            style = _last_style(content, known) if row == heading_row else style
        places = (each[2] or each[1] for each in known.merged.finditer(piece))
        columns = max(columns, *(column_index(place.rstrip(b"0123456789").decode()) + 1 for place in places), 0)
    return Extent(columns, last, style)


def _rows(piece: bytes, tags: Tags, known: Patterns, last: int) -> Iterator[tuple[int, bytes]]:
    """Number and content of each row of a piece."""
    for match in tags.row.finditer(piece):
        last = _number(match[1], last)
        yield last, b"" if match[1].endswith(b"/") else piece[match.end() : _end(piece, match.end(), known)]


def _number(attributes: bytes, last: int) -> int:
    """A row without a number follows the one before it."""
    found = NUMBER.search(attributes)
    return int(found[1]) if found else last + 1


def _end(piece: bytes, start: int, known: Patterns) -> int:
    end = piece.find(known.row_end, start)
    if end < 0:
        raise NotKept("row")
    return end


def _columns(content: bytes, known: Patterns) -> int:
    """Cells stand in their order: the last one tells."""
    place = content.rfind(known.cell_start)
    if place < 0:
        return 0
    found = REFERENCE.search(content, place, content.index(b">", place))
    if found is None:
        raise NotKept("c")
    return column_index(found[1].decode()) + 1


def _last_style(content: bytes, known: Patterns) -> int | None:
    place = content.rfind(known.cell_start)
    found = STYLE.search(content, place, content.index(b">", place)) if place >= 0 else None
    return int(found[1]) if found else None


def written(
    pieces: Iterable[bytes], tags: Tags, found: Extent, widths: Sequence[float], cells_of: CellsOf
) -> Iterator[bytes]:
    """The sheet anew; the added columns come behind the last one in use."""
    last = 0
    known: Patterns | None = None
    for piece in pieces:
        if known is None:
            known = patterns(piece)
            piece = _head(piece, known, found, widths)
        piece, last = _filled(piece, tags, known, last, cells_of)
        yield piece


def _filled(piece: bytes, tags: Tags, known: Patterns, last: int, cells_of: CellsOf) -> tuple[bytes, int]:
    done, out = 0, []
    for match in tags.row.finditer(piece):
        last = _number(match[1], last)
        if not (cells := prefixed(cells_of(last), known.prefix)):
            continue
        is_bare = match[1].endswith(b"/")
        start = SPANS.sub(b"", match[0].removesuffix(b"/>") + b">" if is_bare else match[0])
        end = match.end() if is_bare else _end(piece, match.end(), known)
        out += [piece[done : match.start()], start, piece[match.end() : end], cells, known.row_end if is_bare else b""]
        done = end
    return b"".join([*out, piece[done:]]), last


def _head(piece: bytes, known: Patterns, found: Extent, widths: Sequence[float]) -> bytes:
    """What stands before the rows: how wide the new columns are, and how far the sheet goes."""
    place = piece.find(known.data_start)
    if place < 0:
        raise NotKept("sheetData")
    if found.columns + len(widths) > MOST_COLUMNS:
        raise NotKept("column")
    head, rows = piece[:place], piece[place:]
    head = known.dimension.sub(lambda each: _dimension(each, found, len(widths)), head)
    return _with_widths(head, known, found.columns, widths) + rows


def _dimension(match: re.Match[bytes], found: Extent, added: int) -> bytes:
    first, last = match[2], match[3] or match[2]
    row = max(int(last.lstrip(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")), found.last_row)
    return b"%b%b:%b%d%b" % (match[1], first, letters(found.columns + added - 1).encode(), row, match[4])


def _with_widths(head: bytes, known: Patterns, first: int, widths: Sequence[float]) -> bytes:
    """`first` from 0. What was said of these columns and of others at once stays true of the others."""
    new = b"".join(
        b'<col min="%d" max="%d" width="%.1f" customWidth="1"/>' % (number, number, width)
        for number, width in enumerate(widths, start=first + 1)
    )
    new = prefixed(new, known.prefix)
    columns = known.columns.search(head)
    if columns is None:
        return head + prefixed(b"<cols>", known.prefix) + new + prefixed(b"</cols>", known.prefix)
    kept = re.compile(rb"<%bcol\b([^>]*?)/?>(?:\s*</%bcol>)?" % (known.prefix, known.prefix)).sub(
        lambda each: _apart(each[0], first + 1, first + len(widths)), columns[1]
    )
    before, after = _parted(kept, known, first + 1)
    return head[: columns.start(1)] + before + new + after + head[columns.end(1) :]


def _apart(column: bytes, first: int, last: int) -> bytes:
    """A `col` element without the columns `first` to `last`, which count from 1: nothing, itself, or one or two."""
    span = {name: int(value) for name, value in SPAN.findall(column)}
    low, high = span[b"min"], span[b"max"]
    parts = [(low, min(high, first - 1)), (max(low, last + 1), high)]
    return b"".join(_spanning(column, start, end) for start, end in parts if start <= end)


def _spanning(column: bytes, low: int, high: int) -> bytes:
    ends: Mapping[bytes, int] = {b"min": low, b"max": high}
    return SPAN.sub(lambda each: b'%b="%d"' % (each[1], ends[each[1]]), column)


def _parted(columns: bytes, known: Patterns, first: int) -> tuple[bytes, bytes]:
    """Those before and those behind the column `first`: they stand in their order."""
    starts = (each.start() for each in re.finditer(rb"<%bcol\b[^>]*>" % known.prefix, columns) if _low(each[0]) > first)
    place = next(starts, len(columns))
    return columns[:place], columns[place:]


def _low(column: bytes) -> int:
    return {name: int(value) for name, value in SPAN.findall(column)}[b"min"]
