"""[pure] Times as text: UTC with milliseconds and Z when written, any ISO 8601 when read.

A written time sorts as text, so SQL compares times as it compares strings.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

# Date (calendar, week or ordinal; extended or basic), then maybe a time, then maybe an offset: ISO 8601-1, 5.2 to 5.4.
# A space instead of T, and one before the offset, are what SQL databases write.
ISO = re.compile(
    r"(?P<date>\d{4}-?\d\d-?\d\d|\d{4}-?W\d\d(?:-?\d)?|\d{4}-?\d{3})"
    r"(?:[T ](?P<time>\d\d(?::?\d\d(?::?\d\d(?:[.,]\d+)?)?)?) ?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?)?"
)
ORDINAL = re.compile(r"(\d{4})-?(\d{3})")
MIDNIGHT_AFTER = re.compile(r"24(:?00){0,2}(?:[.,]0+)?")
EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)  # leaves room for the sums of expiry

CREDIBLE = "2026-01-01T00:00:00.000Z"  # by an earlier clock nobody had written this program yet


def is_credible(moment: datetime) -> bool:
    """Whether a clock that says so may be right."""
    return to_text(moment) >= CREDIBLE


def is_over(until: str, now: str) -> bool:
    """Whether the moment has come; one by a clock that was wrong has not, until it was moved (behind.py)."""
    return until <= now and (until >= CREDIBLE or now < CREDIBLE)


@lru_cache(maxsize=32)  # one moment is written into many columns
def to_text(moment: datetime) -> str:
    """`2026-11-22T08:30:00.000Z`; `moment` is aware."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat("T", "milliseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """Read back what `to_text` wrote."""
    return datetime.fromisoformat(text)


def optional_text(moment: datetime | None) -> str | None:
    """`to_text`, or None for none."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """`from_text`, or None for none."""
    return None if text is None else from_text(text)


@lru_cache(maxsize=64)  # the rows of an import share theirs
def read(text: str, zone: tzinfo) -> datetime:
    """Any ISO 8601 date or time, in UTC; without an offset it is in `zone`. ValueError when it is none.

    A date alone is its first moment. In the hour that a clock change skips or repeats, the earlier offset counts.
    What stands for never or for always, as 9999-12-31 and 0001-01-01 do, is the end or the beginning of time.
    """
    found = ISO.fullmatch(text.strip().upper())
    if found is None:
        raise ValueError("not an ISO 8601 time")
    moment = _at(_date(found["date"]), found["time"])
    offset = zone if found["offset"] is None else time.fromisoformat("00:00" + found["offset"]).tzinfo
    if not EARLIEST.year < moment.year < LATEST.year:
        return LATEST if moment.year > EARLIEST.year else EARLIEST
    return moment.replace(tzinfo=offset).astimezone(UTC)


def _date(text: str) -> date:
    ordinal = ORDINAL.fullmatch(text)
    if ordinal is None:
        return date.fromisoformat(text)
    first, nth = date(int(ordinal[1]), 1, 1), int(ordinal[2])
    if not 1 <= nth <= 365 + calendar.isleap(first.year):
        raise ValueError("no such day in this year")
    return first + timedelta(days=nth - 1)


def _at(day: date, clock: str | None) -> datetime:
    """24:00 is the midnight at the day's end; that of the last day is beyond the calendar, and is its end."""
    if clock is not None and MIDNIGHT_AFTER.fullmatch(clock):
        if day == date.max:
            return datetime.max
        return datetime.combine(day, time()) + timedelta(days=1)
    return datetime.combine(day, time.fromisoformat(clock) if clock else time())
