"""[pure] Remarks beside a person that may say not to write: they are pointed out, for only a person can tell.

`Не звонить` may mean that an SMS is just what is wished for; `умер` in a remark has nobody looked at when the list is
long. Whoever cancelled needs no reminder. What stands in the phone's own cell is another matter (phone.py): that
refuses the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.i18n import _
from gateway.merge.cells import Cell, cell_at
from gateway.merge.formats import CACHED
from gateway.merge.recipients import Doubt
from gateway.merge.template import Column

CODE = "remark"
REASON = _("The remark may say not to write to this person: look at it.")
HEADING = re.compile(
    r"примеч|^прим\b|коммент|замет|отметк|статус|обзвон|\bremark|\bnotes?\b|comment|\bstatus\b|备注|说明|状态",
    re.IGNORECASE | re.MULTILINE,
)
# A wish, that is: `не звонили` and `не отправлено` tell what has not been done yet.
AGAINST = re.compile(
    r"\bумер(?:ла|ли)?\b|скончал|отказ\w*\s+от\s+(?:смс|sms|рассыл|сообщ|уведомл|напомин)|\bбез\s+(?:смс|sms)\b"
    r"|\bне\s+(?:звон(?!ил)|пи(?:са[тй]|ш)|беспок|отправ(?:ля[тй]|[иь]т)|слать|присыла[тй])"
    r"|\bстоп\b|запре(?:т|щ)\w*\s+(?:смс|sms|рассыл|сообщ|звон)"
    r"|(?<!не )\bотмен(?:ил[аи]?|[её]н[аоы]?)\b|^отмена$|(?<!not )\bcancell?ed\b|(?<![未不没])取消"
    r"|\bstop\b|\bdeceased\b|\bdied\b|\b(?:do not|don.?t)\s+(?:call|text|contact|write|send|phone|disturb|message)"
    r"|\bno\s+(?:sms|texts?|calls?|messages?)\b|\bopted? out\b"
    r"|已故|去世|死亡|勿(?:再)?(?:扰|打|发|联系|致电|来电)|不要(?:打|发|联系)|拒收|拒绝(?:短信|联系)",
    re.IGNORECASE,
)
# An empty cell, and what people write for no.
UNTICKED = frozenset(["none", "false", "0", "0.0", "-", "–", "—", "n", "no", "н", "нет", "否", "无"])


class Remarks(NamedTuple):
    """A column that holds them."""

    column: Column
    heading: str  # with its other line, where it has two


def columns(of_list: Sequence[Column], other_lines: Sequence[str] = ()) -> tuple[Remarks, ...]:
    """Those that hold remarks, by their heading; `other_lines` of headings that have two, by column."""
    found = (Remarks(column, _whole(column, other_lines)) for column in of_list)
    return tuple(each for each in found if HEADING.search(each.heading) or _is_against(each.heading))


def _whole(column: Column, other_lines: Sequence[str]) -> str:
    """Either line may begin with the word: `Прим.` does only at a beginning."""
    other = other_lines[column.index] if column.index < len(other_lines) else ""
    return f"{column.name}\n{other}" if other else column.name


def doubts(cells: Sequence[Cell], of_remarks: Sequence[Remarks]) -> Iterator[Doubt]:
    for column, heading in of_remarks:
        if _is_told(heading, cell_at(cells, column.index)):
            yield Doubt(column.name, CODE, REASON)


def _is_told(heading: str, remark: Cell) -> bool:
    """By its words, or by a tick under a heading that says it: `Не звонить`, `Do not contact`."""
    if isinstance(remark, str) and _is_against(remark):
        return True
    return _is_against(heading) and str(remark).casefold() not in UNTICKED


@lru_cache(maxsize=CACHED)  # the remarks of a list repeat
def _is_against(remark: str) -> bool:
    return AGAINST.search(remark) is not None
