"""[pure] Whether the headings of a list have lost their letters, where something is missing that they should name.

Beside what cells show by themselves (mojibake.py) single-byte tables are tried here: `Òåëåôîí` is Телефон in Windows'
Cyrillic, read as Western. In a cell it might be somebody's name; in a heading it must be a word that headings have.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from gateway.i18n import _
from gateway.merge.cells import Cell, Flaw, as_heading, filled
from gateway.merge.layout import HEADING_ROWS, HEADING_SIGNS, Row
from gateway.merge.like_phone import has_phone
from gateway.merge.mojibake import is_misread

SAVE_ANEW = _(
    "The headings have lost their letters: save the list once more from the program that it comes from, as .xlsx or as"
    " CSV UTF-8."
)
LOST = "???"  # and no letter beside: `??????? (???.)`
WORDS = re.compile(
    r"фамили|\bимя\b|отчеств|\bф\.? ?и\.? ?о\b|пациент|клиент|\bдата\b|\bвремя\b|\bврач\b|адрес|телефон|\bтел\b|\bмоб"
    r"|номер|姓名|名字|患者|日期|时间|医生|地址|电话|手机|号码",
    re.IGNORECASE,
)
ONE_OCTET = ("cp1252", "latin-1", "cp1251", "cp866", "koi8-r", "mac_cyrillic", "mac_roman")
READ_BY = (*ONE_OCTET, "gb18030")
MEANT = ("cp1251", "cp866", "koi8-r", "mac_cyrillic", "gb18030", "utf-8")


def is_in_headings(sample: Sequence[Row]) -> bool:
    """Looks at the first rows, as far as no phone stands in them."""
    above = takewhile(lambda row: not has_phone(row[1]), sample[:HEADING_ROWS])
    return any(_is_damaged(cells) for _number, cells in above)


def _is_damaged(cells: Sequence[Cell]) -> bool:
    """Half of the cells have no letters left, or one of them is surely another word."""
    headings = [as_heading(cell)[:HEADING_SIGNS] for cell in cells]
    lost = cells.count(Flaw.CELL_ERROR) + sum(map(_is_lost, headings))
    return 2 * lost >= max(filled(cells), 1) or any(map(is_another_word, headings))


def _is_lost(heading: str) -> bool:
    return LOST in heading and not any(map(str.isalpha, heading))


def is_another_word(heading: str) -> bool:
    """Read by another table it is a word of headings, and as it stands it is none."""
    if heading.isascii() or WORDS.search(heading):
        return False
    return is_misread(heading) or any(WORDS.search(reading) for reading in _readings(heading))


def _readings(heading: str) -> list[str]:
    pairs = ((octets, table) for octets in _octets(heading) for table in MEANT)
    return [octets.decode(table, "ignore") for octets, table in pairs]


def _octets(heading: str) -> set[bytes]:
    """As they may have stood in the file."""
    return {heading.encode(table) for table in READ_BY if _fits(heading, table)}


def _fits(heading: str, table: str) -> bool:
    try:
        heading.encode(table)
    except UnicodeEncodeError:
        return False
    return True
