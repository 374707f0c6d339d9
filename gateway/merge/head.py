"""[pure] What the reading process says of a sheet before its rows, or instead of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.merge.cells import Cell

Row = tuple[int, list[Cell]]  # the workbook's own row number, the cells from column A on


class Problem(Exception):
    """The file can't be read; `code` is a key of workbook.REASONS."""

    def __init__(self, code: str, names: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.names = tuple(names)


@dataclass(frozen=True, slots=True)
class Head:
    """What concerns the whole sheet; workbook.Sheet has the same fields in the same order."""

    sheet: str  # "" for a text file
    other_sheets: tuple[str, ...]  # visible ones that are not read
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]
    banner_rows: frozenset[int]  # rows with a cell merged over several columns
    height: int  # rows with the blank ones; 0: not known
