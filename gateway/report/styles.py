"""[pure] The styles of two workbooks in one part: those of ours behind those that are there, which keep their numbers.

A cell names its style by its place among `cellXfs`, and a style its font, fill and border by theirs (ECMA-376 part 1,
18.8.45): what is put behind changes none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from gateway.report.parts import appended, prefix_of

STYLE_SHEET = b"styleSheet"
# List in the part -> the attribute by which a style refers to it.
LISTS: Mapping[bytes, bytes] = {b"fonts": b"fontId", b"fills": b"fillId", b"borders": b"borderId"}
STYLES = b"cellXfs"
CONTENT = rb"<%b\b[^>]*>(.*)</%b>"
NUMBER = rb'\b%b="(\d+)"'
CELL = re.compile(rb'(<c r="[A-Z]+\d+")(?: s="(\d+)")?')


@dataclass(frozen=True, slots=True)
class Merged:
    """The part, and by how much the numbers of our styles have grown in it."""

    xml: bytes
    offset: int

    def renumbered(self, sheet: bytes) -> bytes:
        """A sheet of ours (XlsxWriter's) with the numbers that its styles have here; a cell without one gets ours."""
        return CELL.sub(self._cell, sheet)

    def _cell(self, found: re.Match[bytes]) -> bytes:
        return b'%b s="%d"' % (found[1], int(found[2] or 0) + self.offset)


def merged(theirs: bytes, ours: bytes) -> Merged:
    """`ours` is a part that XlsxWriter wrote. Raises NotKept, ElementTree.ParseError."""
    prefix = prefix_of(theirs, STYLE_SHEET)
    counts = _counts(theirs)
    offset = counts[STYLES]
    for name in LISTS:
        added = _content(ours, name)
        theirs = appended(theirs, name, added, prefix, counts[name] + _count(ours, name))
    styles = _content(ours, STYLES)
    for name, attribute in LISTS.items():
        styles = re.sub(NUMBER % attribute, _moved(attribute, counts[name]), styles)
    return Merged(appended(theirs, STYLES, styles, prefix, offset + _count(ours, STYLES)), offset)


def _moved(attribute: bytes, offset: int) -> Callable[[re.Match[bytes]], bytes]:
    return lambda found: b'%b="%d"' % (attribute, int(found[1]) + offset)


def _counts(xml: bytes) -> dict[bytes, int]:
    """How many elements each list has, whatever it says of itself."""
    root = ElementTree.fromstring(xml)
    found = {child.tag.rpartition("}")[2].encode(): len(child) for child in root}
    return {name: found.get(name, 0) for name in (*LISTS, STYLES)}


def _count(xml: bytes, name: bytes) -> int:
    return _counts(xml)[name]


def _content(xml: bytes, name: bytes) -> bytes:
    found = re.search(CONTENT % (name, name), xml, re.DOTALL)
    return found[1] if found else b""
