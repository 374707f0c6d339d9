"""[pure] The added cells of one row as a sheet's XML (ECMA-376 part 1, 18.3.1.4): texts in place, times as serial days.

A text never is a formula here, whatever it begins with; a style marks one that looks like it, so that it stays a text
when somebody types it anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from xml.sax.saxutils import escape

from gateway.report.columns import VERDICT_COLUMN, Added
from gateway.report.harmless import for_workbook, is_like_formula
from gateway.report.looks import OF_VERDICT, Look
from gateway.report.verdicts import Mood

DAY_NOUGHT = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # 18.17.4.1; the second as old Macs had it
DAY_S = 86_400
Styles = Mapping[Look, int]  # the number of a style in the workbook


def row(number: int, names: Sequence[str], values: Sequence[Added], mood: Mood, styles: Styles, is_1904: bool) -> bytes:
    """`names`: the letters of the columns. Without a prefix of the name space."""
    looks = {VERDICT_COLUMN: OF_VERDICT[mood]}
    return "".join(
        _cell(f"{name}{number}", value, styles, looks.get(place), is_1904)
        for place, (name, value) in enumerate(zip(names, values, strict=True))
        if value is not None
    ).encode()


def heading(number: int, names: Sequence[str], texts: Sequence[str], style: int) -> bytes:
    pairs = zip(names, texts, strict=True)
    return "".join(_text(f"{name}{number}", text, style) for name, text in pairs).encode()


def _cell(address: str, value: str | int | datetime, styles: Styles, look: Look | None, is_1904: bool) -> str:
    if isinstance(value, str):
        return _text(address, value, styles[look or (Look.ADDED_QUOTED if is_like_formula(value) else Look.ADDED_TEXT)])
    if isinstance(value, int):
        return f'<c r="{address}" s="{styles[Look.ADDED_COUNT]}"><v>{value}</v></c>'
    days = (value - DAY_NOUGHT[is_1904]).total_seconds() / DAY_S
    return f'<c r="{address}" s="{styles[Look.ADDED_MOMENT]}"><v>{days:.10f}</v></c>'


def _text(address: str, value: str, style: int) -> str:
    return f'<c r="{address}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_escaped(value)}</t></is></c>'


@lru_cache(maxsize=4096)  # verdicts and reasons repeat
def _escaped(text: str) -> str:
    return escape(for_workbook(text))
