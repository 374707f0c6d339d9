"""[pure] Which row of a list was the first to say the same to a number.

Capitals and blanks make no other text: a list put together of two has the same person as `Анна` and as `АННА `. Most
numbers stand in a list once, and of those no text is looked at.
"""

from __future__ import annotations


class Repeats:
    """Of the rows so far."""

    def __init__(self) -> None:
        self._firsts: dict[str, tuple[int, str]] = {}  # by number: the row, and its text
        self._others: dict[tuple[str, str], int] = {}  # of numbers that came again: by number and folded text

    def first(self, msisdn: str, text: str, row: int) -> int:
        """The row that has told this number the same; `row` itself, and that is noted, when none has."""
        known = self._firsts.setdefault(msisdn, (row, text))
        if known[0] == row:
            return row
        self._others.setdefault((msisdn, _folded(known[1])), known[0])
        return self._others.setdefault((msisdn, _folded(text)), row)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
