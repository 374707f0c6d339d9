"""[pure] The columns that are added to the list: their headings, and what stands in them for each row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from gateway.merge.handed_back import HEADINGS as HEADINGS
from gateway.queue import times
from gateway.report.verdicts import Result
from gateway.report.widths import length

WIDTHS = (18, 44, 18, 7, 19, 19, 44)  # characters; the reason's is the least
WIDEST_REASON = 100  # what is longer is cut by the number beside it
MARGIN = 3  # characters; a reason stands off the verdict
VERDICT_COLUMN, REASON_COLUMN = 0, 1

Added = str | int | datetime | None  # a datetime is the clinic's own, without an offset, as workbooks have them


def cells(result: Result, zone: tzinfo) -> Sequence[Added]:
    """In the order of HEADINGS."""
    return (
        result.words,
        result.reason or None,
        result.numbers or None,
        result.sms,
        _local(result.sent_at, zone),
        _local(result.delivered_at, zone),
        result.reply,
    )


def widths(results: Iterable[Result]) -> Sequence[int]:
    """In characters: a reason that is cut in the middle of a word tells nobody what to do."""
    longest = max(map(length, {result.reason for result in results}), default=0) + MARGIN
    reason = min(max(WIDTHS[REASON_COLUMN], longest), WIDEST_REASON)
    return (*WIDTHS[:REASON_COLUMN], reason, *WIDTHS[REASON_COLUMN + 1 :])


def _local(moment: str | None, zone: tzinfo) -> datetime | None:
    if moment is None:
        return None
    return times.from_text(moment).astimezone(zone).replace(microsecond=0, tzinfo=None)
