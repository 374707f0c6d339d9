"""How cells of a report look, in XlsxWriter's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.exceptions import FileCreateError  # type: ignore[import-untyped]

from gateway.report.colours import INK
from gateway.report.verdicts import Mood

MOMENT = 22  # a built-in format: Excel shows it as the reader's own settings write a date with its time
APART = {"indent": 1}  # what is added keeps off its neighbours: a number of the list's, a reason cut short


class Look(Enum):
    """What a cell is."""

    HEADING = "heading"
    HEADING_OF_COUNTS = "heading_of_counts"
    HEADING_OF_ADDED = "heading_of_added"
    TEXT = "text"
    QUOTED = "quoted"
    NUMBER = "number"
    COUNT = "count"
    MOMENT = "moment"
    GOOD = "good"
    OPEN = "open"
    NEUTRAL = "neutral"
    BAD = "bad"
    ADDED_TEXT = "added_text"
    ADDED_QUOTED = "added_quoted"
    ADDED_COUNT = "added_count"
    ADDED_MOMENT = "added_moment"
    ADDED_GOOD = "added_good"
    ADDED_OPEN = "added_open"
    ADDED_NEUTRAL = "added_neutral"
    ADDED_BAD = "added_bad"
    TITLE = "title"
    SECTION = "section"
    FAINT = "faint"
    FACT = "fact"
    SHARE = "share"
    DAY = "day"
    CLOCK = "clock"
    LENGTH = "length"


# XlsxWriter's properties of a format.
PROPERTIES: Mapping[Look, Mapping[str, Any]] = {
    Look.HEADING: {"bold": True, "bottom": 1, "text_wrap": True},
    Look.HEADING_OF_COUNTS: {"bold": True, "bottom": 1, "text_wrap": True, "align": "right"},
    Look.HEADING_OF_ADDED: {"bold": True, "bottom": 1, "text_wrap": True, "align": "left", **APART},
    Look.TEXT: {},
    Look.QUOTED: {"quote_prefix": True},
    Look.NUMBER: {"align": "right", **APART},  # a text stands beside it
    Look.COUNT: {"num_format": 1},
    Look.MOMENT: {"num_format": MOMENT, "align": "left"},
    Look.GOOD: {"font_color": INK[Mood.GOOD]},
    Look.OPEN: {"font_color": INK[Mood.OPEN]},
    Look.NEUTRAL: {"font_color": INK[Mood.NEUTRAL]},
    Look.BAD: {"font_color": INK[Mood.BAD]},
    Look.ADDED_TEXT: {"align": "left", **APART},
    Look.ADDED_QUOTED: {"quote_prefix": True, "align": "left", **APART},
    Look.ADDED_COUNT: {"num_format": 1, "align": "right", **APART},
    Look.ADDED_MOMENT: {"num_format": MOMENT, "align": "left", **APART},
    Look.ADDED_GOOD: {"font_color": INK[Mood.GOOD], "align": "left", **APART},
    Look.ADDED_OPEN: {"font_color": INK[Mood.OPEN], "align": "left", **APART},
    Look.ADDED_NEUTRAL: {"font_color": INK[Mood.NEUTRAL], "align": "left", **APART},
    Look.ADDED_BAD: {"font_color": INK[Mood.BAD], "align": "left", **APART},
    Look.TITLE: {"bold": True, "font_size": 16},
    Look.SECTION: {"bold": True, "font_size": 12},
    Look.FAINT: {"font_color": "#5F6368"},
    Look.FACT: {"align": "right"},
    Look.SHARE: {"num_format": 10},
    Look.DAY: {"num_format": 14, "align": "left"},
    Look.CLOCK: {"num_format": 20, "align": "left"},
    Look.LENGTH: {"num_format": 46, "align": "left"},
}
OF_MOOD = {Mood.GOOD: Look.GOOD, Mood.OPEN: Look.OPEN, Mood.NEUTRAL: Look.NEUTRAL, Mood.BAD: Look.BAD}
OF_VERDICT = {
    Mood.GOOD: Look.ADDED_GOOD,
    Mood.OPEN: Look.ADDED_OPEN,
    Mood.NEUTRAL: Look.ADDED_NEUTRAL,
    Mood.BAD: Look.ADDED_BAD,
}
Formats = Mapping[Look, Any]


def formats(book: Any) -> Formats:
    """All of them, for one workbook."""
    return {look: book.add_format(PROPERTIES[look]) for look in Look}


@contextmanager
def new_book(target: Path | BytesIO, folder: Path) -> Iterator[Any]:
    """A workbook of XlsxWriter's, written row by row, with its texts in place; its own files lie in the folder."""
    try:
        with xlsxwriter.Workbook(target, {"constant_memory": True, "tmpdir": str(folder)}) as book:
            yield book
    except FileCreateError as problem:  # it hides the disk's own word
        cause = problem.args[0] if problem.args else None
        raise cause if isinstance(cause, OSError) else OSError(str(problem)) from problem
