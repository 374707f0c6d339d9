"""[pure] Which columns of a list hold a person's name, found by their headings; a doctor's name is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.merge.cells import folded
from gateway.merge.layout import STAFF
from gateway.merge.template import Column

WHOLE = re.compile(
    r"^(?:ф\.? ?и\.? ?о\b|фио\b|пациент|клиент|(?:full )?name$|patient|client|姓名|患者|病人)", re.IGNORECASE
)
# In the order in which they are written.
PARTS = (
    re.compile(r"^фамилия|^(?:sur|last ?|family ?)name|^姓$", re.IGNORECASE),
    re.compile(r"^имя|^(?:first|given) ?name|^名$", re.IGNORECASE),
    re.compile(r"^отчество|^middle ?name", re.IGNORECASE),
)
OF_STAFF = re.compile(STAFF, re.IGNORECASE)


def name_columns(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The one with the whole name, else those with its parts; none where no heading says so."""
    own = [column for column in columns if not OF_STAFF.search(column.name)]
    whole = next((column for column in own if WHOLE.search(folded(column.name))), None)
    if whole is not None and _says_name(whole):
        return (whole,)
    parts = (next((column for column in own if words.search(folded(column.name))), None) for words in PARTS)
    return tuple(part for part in parts if part is not None) or (() if whole is None else (whole,))


def _says_name(column: Column) -> bool:
    """`Пациент` may be the name; `Фамилия` beside it is more certain."""
    return re.search(r"ф\.? ?и\.? ?о|фио|name|姓名", column.name, re.IGNORECASE) is not None
