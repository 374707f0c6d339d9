"""[pure] The content.xml of an .ods file a piece at a time: 100,000 rows are 120 MB of it.

A piece ends before a row begins, so every row is whole. Tags are found as plain octets: that is many times as fast as a
pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO

CONTENT = "content.xml"
PIECE = 1 << 20  # octets looked at in one go
TABLE_END = b"</table:table>"
ROW = b"<table:table-row"  # that of a group of rows begins so too
ROW_END = b"</table:table-row>"


def pieces(stream: IO[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The whole of it, in its order."""
    rest = bytearray()
    while block := stream.read(size):
        looked_at = max(len(rest) - len(ROW), 0)
        rest += block
        end = rest.rfind(ROW, looked_at)
        if end > 0:
            yield bytes(rest[:end])
            del rest[:end]
    yield bytes(rest)


def sections(pieces: Iterable[bytes]) -> Iterator[tuple[bool, bytes, list[bytes]]]:
    """Whether a sheet ends before it, what stands before its first row, and each row without the tag's name."""
    for piece in pieces:
        for place, section in enumerate(piece.split(TABLE_END)):
            before, *rows = section.split(ROW)
            yield place > 0, before, rows
