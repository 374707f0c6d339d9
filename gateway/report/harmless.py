"""[pure] Texts of other people, patients' replies and cells of a list, so that no program takes them for more.

A spreadsheet takes a cell of a text file for a formula when it begins like one (CWE-1236): there an apostrophe before
it says that it is text. In a workbook a text is none, whatever it looks like; it is marked so that it stays one when
somebody types it anew. Control characters, which XML does not have, are left out.
"""

from __future__ import annotations

import re
from html import escape

FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")  # a number with its sign, a telephone number: nothing is calculated
# What XML 1.0 (2.2) does not have: control characters, halves of surrogate pairs, and two that are no characters.
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # ECMA-376 part 1, 22.4.2.4: it would be read as one character
LONGEST = 32_767  # characters that a cell of a workbook holds


def is_like_formula(text: str) -> bool:
    """Whether a spreadsheet might calculate it."""
    return FORMULA.match(text) is not None and NUMBER.fullmatch(text) is None


def for_text_file(text: str) -> str:
    """A cell of a .csv."""
    return f"'{text}" if is_like_formula(text) else text


def for_workbook(text: str) -> str:
    """A cell's text before XML's own escapes."""
    return ESCAPE.sub("_x005F_", NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST]


def for_page(text: str) -> str:
    """A text inside HTML or SVG, or one of their attributes."""
    return escape(without_controls(text))


def without_controls(text: str) -> str:
    """What any XML or HTML may hold."""
    return NOT_XML.sub("", text)
