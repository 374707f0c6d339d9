"""Rows of a list laid aside in a file of a private folder: they are read once, and gone through twice."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.merge.cells import Cell
from gateway.report.widths import widths

Row = tuple[int, list[Cell]]
AT_ONCE = 500  # rows
NAME = "rows"


class Spool:
    """Filled once; the file goes with its folder, and at the end of the block at the latest."""

    def __init__(self, folder: Path) -> None:
        self.width = 0  # columns up to the last that holds something
        self._first: list[Row] = []
        self._file = (folder / NAME).open("w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._file.close()
        Path(self._file.name).unlink()

    def fill(self, rows: Iterable[Row]) -> None:
        pending = iter(rows)
        while some := list(islice(pending, AT_ONCE)):
            self.width = max(self.width, *(_width(cells) for _number, cells in some))
            self._first = self._first or some
            pickle.dump(some, self._file, pickle.HIGHEST_PROTOCOL)

    @property
    def widths(self) -> list[int]:
        """Of the columns, by the first rows."""
        return widths((cells for _number, cells in self._first), self.width)

    def rows(self) -> Iterator[Row]:
        """What this process itself has written."""
        end = self._file.tell()
        self._file.seek(0)
        while self._file.tell() < end:
            yield from pickle.load(self._file)


def _width(cells: list[Cell]) -> int:
    return next((place + 1 for place in range(len(cells) - 1, -1, -1) if cells[place] is not None), 0)
