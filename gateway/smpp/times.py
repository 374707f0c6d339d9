"""[pure] Times: SMPP's own 16 characters (SMPP 3.4, 7.1.1), and the dates in the text of receipts (appendix B).

A receipt's dates have no zone: they are in the SMSC's own, which `Zone` finds out from when receipts come.
"""

from __future__ import annotations

import re
from collections import deque
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
MONTH_S, YEAR_S = 31 * DAY_S, 366 * DAY_S  # how long they are at most: a period written so never ends too late
LEAST_S = MINUTE_S  # some SMSCs count in minutes
MOST_S = 99 * YEAR_S
QUARTER = timedelta(minutes=15)
FARTHEST_QUARTERS = 48  # nn of an absolute time

ABSOLUTE = re.compile(r"(\d{12})\d(\d\d)([+-])")


@lru_cache(maxsize=64)  # messages that came together live equally long
def relative(seconds: float) -> str:
    """So long from when the SMSC has it: YYMMDDhhmmss000R."""
    left = int(min(max(seconds, LEAST_S), MOST_S))
    parts = []
    for unit_s in (YEAR_S, MONTH_S, DAY_S, HOUR_S, MINUTE_S, 1):
        count, left = divmod(left, unit_s)
        parts.append(count)
    return "{:02}{:02}{:02}{:02}{:02}{:02}000R".format(*parts)


def absolute(at: datetime) -> str:
    """An aware time, written in UTC: YYMMDDhhmmsst00+."""
    return f"{at.astimezone(UTC):%y%m%d%H%M%S}{at.microsecond // 100_000}00+"


def read_absolute(text: str) -> datetime | None:
    """An aware time; None when it is none."""
    found = ABSOLUTE.fullmatch(text)
    if found is None or int(found[2]) > FARTHEST_QUARTERS:
        return None
    moment = _moment(found[1], 2)
    offset = int(found[2]) * QUARTER * (-1 if found[3] == "-" else 1)
    return None if moment is None else moment.replace(tzinfo=timezone(offset))


# Dates in the text of receipts

NOT_A_DIGIT = re.compile(r"\D+")
CENTURY = 2000
YEARS = range(1990, 2100)  # what lies beyond is no SMS's date, and may not even have a UTC
YEAR_DIGITS = {10: (2,), 12: (2, 4), 14: (4,)}  # by the number of digits, the likelier first; seconds may be missing


@lru_cache(maxsize=64)  # and their receipts are of the same minute
def read_date(text: str) -> datetime | None:
    """The time in the SMSC's own zone, naive; None when it is none. What stands between the digits is passed over."""
    digits = text if text.isdigit() else NOT_A_DIGIT.sub("", text)
    if not digits.isascii():
        return None
    moments = (_moment(digits, year_digits) for year_digits in YEAR_DIGITS.get(len(digits), ()))
    return next((moment for moment in moments if moment is not None), None)


def _moment(digits: str, year_digits: int) -> datetime | None:
    year = int(digits[:year_digits]) + (CENTURY if year_digits == 2 else 0)
    pairs = [int(digits[at : at + 2]) for at in range(year_digits, len(digits), 2)]
    if year not in YEARS:
        return None
    try:
        return datetime(year, *pairs)  # type: ignore[arg-type]
    except ValueError:  # the 31st of February, month 0, …
        return None


class Zone:
    """The zone of an SMSC's dates, found out from its receipts.

    A receipt comes when the SMS has arrived, or later, but never before: the receipt that came soonest after its date
    tells how far the SMSC's clock is from UTC. Zones are whole half hours.
    """

    STEP = timedelta(minutes=30)
    SLACK = timedelta(minutes=3)  # how far both clocks may be apart, and how late a prompt receipt is
    FARTHEST = timedelta(hours=14)
    REMEMBERED = 100  # receipts: a zone that changes in summer is found again

    def __init__(self, known: timezone = UTC) -> None:
        self.zone = known
        self._distances: deque[timedelta] = deque(maxlen=self.REMEMBERED)

    def came(self, date: datetime, now: datetime) -> None:
        """A receipt with this date (naive) has come just now (aware)."""
        self._distances.append(date - now.astimezone(UTC).replace(tzinfo=None))
        nearest = max(self._distances)
        offset = self.STEP * round(nearest / self.STEP)
        if abs(nearest - offset) <= self.SLACK and abs(offset) <= self.FARTHEST:
            self.zone = timezone(offset)

    def at(self, date: datetime | None) -> datetime | None:
        """The date as an aware time."""
        return None if date is None else date.replace(tzinfo=self.zone)
