"""[pure] Whether a cell looks like a telephone number at a glance: its digits count, nothing is read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.merge.cells import Cell, filled

LIKE_PHONE = re.compile(r"(?:\D*\d){10,}")
PHONE_DIGITS = range(10**9, 10**15)


def has_phone(cells: Sequence[Cell]) -> bool:
    """Whether something like a number stands in the row, beside anything else."""
    return filled(cells) > 1 and any(map(is_like_phone, cells))


def is_like_phone(cell: Cell) -> bool:
    if isinstance(cell, str):
        return LIKE_PHONE.match(cell) is not None
    return isinstance(cell, int | float) and PHONE_DIGITS.start <= cell < PHONE_DIGITS.stop
