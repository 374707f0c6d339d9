"""[pure] What stands in a cell: its value as the workbook stores it, or the flaw that keeps it from having one.

Holds neither the formats that a template may ask for (formats.py) nor telephone numbers (phone.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import lru_cache
from math import isfinite


class Flaw(Enum):
    """A cell that has no value; the words are the codes of the contract's section 4."""

    CELL_ERROR = "cell_error"  # #N/A, #REF!, …
    FORMULA_WITHOUT_VALUE = "formula_without_value"  # the programme that wrote the file never calculated it

    def __reduce_ex__(self, _protocol: object) -> tuple[type[Flaw], tuple[str]]:
        """Travels between processes by its word: Python 3.11.2 would send it by `getattr`, which is not let in."""
        return type(self), (self.value,)


Cell = str | int | float | bool | date | datetime | time | timedelta | Flaw | None

# Error values as Excel and Calc write them into a text file, in English and in Russian.
ERROR_TEXTS = frozenset(
    [
        "#NULL!",
        "#DIV/0!",
        "#VALUE!",
        "#REF!",
        "#NAME?",
        "#NUM!",
        "#N/A",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#UNKNOWN!",
        "#ПУСТО!",
        "#ДЕЛ/0!",
        "#ЗНАЧ!",
        "#ССЫЛКА!",
        "#ИМЯ?",
        "#ЧИСЛО!",
        "#Н/Д",
        "#ПЕРЕНОС!",
        "#ВЫЧИСЛ!",
        "ERR:502",
        "ERR:504",
        "ERR:508",
        "ERR:522",
    ]
)
MIN_ERROR_LENGTH = 4
UNTRUE = frozenset({"FALSE", "ЛОЖЬ"})  # as Excel and Calc write FALSE into a text file, in English and in Russian
LOST = "\ufffd"  # stands where a file's octets were no sign of its encoding
SPACES = re.compile(r"\s+")
# What must not reach a terminal: control codes, and marks that turn the direction of writing.
UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CONTROL_ESCAPE = re.compile(r"_x000[dD]_")  # how .xlsx writes the carriage return of Alt+Enter


@lru_cache(maxsize=1 << 12, typed=True)  # names, doctors and days repeat, and one object for each travels lighter
def tidied(value: Cell) -> Cell:
    """The value without the blanks around a text; None for an empty cell, an error for a number that is none."""
    if not isinstance(value, str):
        return Flaw.CELL_ERROR if isinstance(value, float) and not isfinite(value) else value
    text = value.strip()
    if not text:
        return None
    if text[0] in "#E" and (text.upper() in ERROR_TEXTS or is_too_narrow(text)):
        return Flaw.CELL_ERROR
    if LOST in text or ("???" in text and has_lost_letters(text)):
        return Flaw.CELL_ERROR
    return one_line_ending(text) if "\r" in text or "_x000" in text else text


def is_too_narrow(text: str) -> bool:
    """`#####`: what a column too narrow for its date shows, and saves into a text file."""
    return len(text) >= MIN_ERROR_LENGTH and not text.strip("#")


def has_lost_letters(text: str) -> bool:
    """`???????? ?. ?.`: a name saved into a file whose encoding has none of its letters: nothing brings them back."""
    return not text.strip("? .,-\n")


def one_line_ending(text: str) -> str:
    return CONTROL_ESCAPE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """A row of a text file may end early: what it lacks is empty."""
    return cells[column] if column < len(cells) else None


def filled(cells: Sequence[Cell]) -> int:
    """How many cells hold anything; an empty one is None."""
    return len(cells) - cells.count(None)


def as_heading(value: Cell) -> str:
    """A heading on one line: `Дата\\nприёма` is `Дата приёма`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # 2026 is kept as 2026.0
    return SPACES.sub(" ", printable(str(value))).strip() if isinstance(value, str | int | float) else ""


def printable(text: str) -> str:
    """The text, harmless to a terminal; line breaks stay."""
    return UNPRINTABLE.sub(" ", text)


def folded(heading: str) -> str:
    """What two spellings of one heading have in common: case, blanks and the dots of ё don't count."""
    return " ".join(heading.split()).casefold().replace("ё", "е")


def letters(column: int) -> str:
    """Excel's name of a column: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(ord("A") + digit) + name
    return name


def column_index(name: str) -> int:
    """The other way: A is 0, AA is 26."""
    index = 0
    for letter in name:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def holds(value: Cell) -> bool:
    """Whether there is something in it, as a conditional piece asks."""
    return not (value is None or value is False or (isinstance(value, str) and value in UNTRUE))
