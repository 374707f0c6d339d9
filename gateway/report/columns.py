"""[pure] The columns that are added to the list: their headings, and what stands in them for each row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from gateway.merge.handed_back import HEADINGS as HEADINGS
from gateway.queue import times
from gateway.report.verdicts import Result

WIDTHS = (18, 44, 18, 7, 19, 19, 44)  # characters
VERDICT_COLUMN = 0

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


def _local(moment: str | None, zone: tzinfo) -> datetime | None:
    if moment is None:
        return None
    return times.from_text(moment).astimezone(zone).replace(microsecond=0, tzinfo=None)
