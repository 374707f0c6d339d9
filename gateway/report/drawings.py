"""[pure] How far charts and pictures reach beside a list: what is added stands behind them, not under them.

ECMA-376 part 1, 20.5.2.33 twoCellAnchor, 20.5.2.24 oneCellAnchor, 20.5.2.1 absoluteAnchor.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from gateway.report.parts import NotKept

SHEET_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
ANCHORS = frozenset(f"{SHEET_DRAWING}{name}Anchor" for name in ("twoCell", "oneCell", "absolute"))
DRAWING = "/drawing"  # how the type of a relation to one ends
COLUMN, ROW = 609_600, 190_500  # English Metric Units of a usual one, 64 by 20 pixels, where only a length is told
MAX_OCTETS = 32 << 20  # of one part; a tree takes some ten times as much

Span = tuple[int, int]  # the first and the last row, counted from 1


@dataclass(frozen=True, slots=True)
class Box:
    """What one chart or picture covers. Rows count from 1; `left` columns stand before it, `right` up to its end."""

    top: int
    bottom: int
    left: int
    right: int


def columns_before(source: ZipFile, sheet: str, rows: Span, columns: int, width: int) -> int:
    """Behind how many columns, `columns` at least, `width` more have room in `rows` with nothing over them.

    `sheet` is the name of the part. Raises NotKept, ElementTree.ParseError.
    """
    first, last = rows
    found = (box for part in _drawings(source, sheet) for box in boxes(_read(source, part)))
    for box in sorted((each for each in found if each.top <= last and each.bottom >= first), key=lambda box: box.left):
        if box.left < columns + width:
            columns = max(columns, box.right)
    return columns


def boxes(drawing: bytes) -> list[Box]:
    """Of a whole part. Raises ElementTree.ParseError."""
    return [_box(each) for each in ElementTree.fromstring(drawing).iter() if each.tag in ANCHORS]


def _drawings(source: ZipFile, sheet: str) -> Iterator[str]:
    folder, name = posixpath.split(sheet)
    relations = f"{folder}/_rels/{name}.rels"
    names = frozenset(source.namelist())
    for each in ElementTree.fromstring(_read(source, relations)) if relations in names else ():
        part = posixpath.normpath(posixpath.join("/", folder, each.get("Target", ""))).lstrip("/")
        if each.get("Type", "").endswith(DRAWING) and part in names:
            yield part


def _read(source: ZipFile, part: str) -> bytes:
    if source.getinfo(part).file_size > MAX_OCTETS:
        raise NotKept("drawing")
    return source.read(part)


def _box(anchor: Element) -> Box:
    """One at a place on the sheet stays there while columns grow wider: whatever is added, it may come to lie on it."""
    start, top = _number(anchor, "from", "col"), _number(anchor, "from", "row")
    left = start + _length(anchor, "pos", "x", COLUMN)
    top += _length(anchor, "pos", "y", ROW)
    if anchor.find(f"{SHEET_DRAWING}to") is None:
        return Box(top + 1, top + _length(anchor, "ext", "cy", ROW), start, left + _length(anchor, "ext", "cx", COLUMN))
    return Box(top + 1, _end(anchor, "row"), start, _end(anchor, "col"))


def _end(anchor: Element, what: str) -> int:
    """The row or column in which it ends counts when it reaches into it."""
    return _number(anchor, "to", what) + (_number(anchor, "to", f"{what}Off") > 0)


def _number(anchor: Element, place: str, what: str) -> int:
    return int(anchor.findtext(f"{SHEET_DRAWING}{place}/{SHEET_DRAWING}{what}", "0"))


def _length(anchor: Element, what: str, name: str, unit: int) -> int:
    """In whole rows or columns, rounded up; 0 where it is not told."""
    found = anchor.find(f"{SHEET_DRAWING}{what}")
    return 0 if found is None else -(-int(found.get(name, "0")) // unit)
