"""[pure] What a SIM may spend: its plan, and the calendar by which days and months are counted.

Minute and hour slide; day and month are the clinic's own, from midnight to midnight in its time zone. What was spent
is counted in ledger.py.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

COLD_SHARE = 0.1  # of its limits, with which a new SIM begins
URGENT_RANK = 8  # otp and emergency: quiet times and better carriers do not concern them


class Span(Enum):
    """Over which a limit counts; the first two slide."""

    MINUTE = timedelta(minutes=1)
    HOUR = timedelta(hours=1)
    DAY = "day"
    MONTH = "month"


class Unit(Enum):
    """What a limit counts."""

    SMS = "sms"
    RECIPIENTS = "recipients"  # distinct ones


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many in any such span."""

    span: Span
    unit: Unit
    most: int

    def cooled(self, share: float) -> Cap:
        """What of it a SIM that warms up has; a minute's limit is about the radio, not about the SIM's age."""
        if share >= 1.0 or self.span is Span.MINUTE:
            return self
        return Cap(self.span, self.unit, max(1, math.floor(self.most * share)))


# By the names that the configuration has for them.
CAPS = {
    "max_per_minute": (Span.MINUTE, Unit.SMS),
    "max_per_hour": (Span.HOUR, Unit.SMS),
    "max_per_day": (Span.DAY, Unit.SMS),
    "max_per_month": (Span.MONTH, Unit.SMS),
    "max_recipients_per_minute": (Span.MINUTE, Unit.RECIPIENTS),
    "max_recipients_per_hour": (Span.HOUR, Unit.RECIPIENTS),
    "max_recipients_per_day": (Span.DAY, Unit.RECIPIENTS),
    "max_recipients_per_month": (Span.MONTH, Unit.RECIPIENTS),
}


@dataclass(frozen=True, slots=True)
class Window:
    """A time of day, by the clinic's wall clock, which may pass midnight; from a time to the same time: all day."""

    start: time
    end: time

    @classmethod
    def of(cls, text: str) -> Window:
        """`21:00-08:00`."""
        start, end = (time.fromisoformat(part) for part in text.split("-"))
        return cls(start, end)

    def has(self, moment: time) -> bool:
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end


@dataclass(frozen=True, slots=True)
class Plan:
    """What one SIM may spend; without anything: as much as it can."""

    caps: tuple[Cap, ...] = ()
    min_interval_s: float = 0.0
    jitter_s: float = 0.0
    warm_up_s: float = 0.0
    quiet: tuple[Window, ...] = ()

    def most(self, span: Span, share: float = 1.0) -> int | None:
        """The limit in SMS, if there is one, of a SIM that has this part of its limits."""
        return next((cap.cooled(share).most for cap in self.caps if (cap.span, cap.unit) == (span, Unit.SMS)), None)

    @property
    def longest(self) -> int | None:
        """How many SMS the longest message may take that this SIM can ever send; None: any number."""
        mosts = (cap.most for cap in self.caps if cap.unit is Unit.SMS and cap.span in (Span.DAY, Span.MONTH))
        return min(mosts, default=None)

    def share(self, age_s: float) -> float:
        """Which part of its limits a SIM of this age has: a tenth at first, all after `warm_up_s`."""
        if age_s >= self.warm_up_s:
            return 1.0
        return COLD_SHARE + (1.0 - COLD_SHARE) * max(0.0, age_s) / self.warm_up_s

    def window(self, now: datetime, zone: ZoneInfo) -> Window | None:
        """The quiet time that it is, if it is one: then only what is urgent goes out."""
        moment = now.astimezone(zone).time() if self.quiet else time.min
        return next((window for window in self.quiet if window.has(moment)), None)


def day_start(now: datetime, timezone: ZoneInfo) -> datetime:
    """When the clinic's today began."""
    return _midnight(now.astimezone(timezone).date(), timezone)


def month_start(now: datetime, timezone: ZoneInfo) -> datetime:
    """When the clinic's month began."""
    return _midnight(now.astimezone(timezone).date().replace(day=1), timezone)


def next_day(now: datetime, timezone: ZoneInfo) -> datetime:
    """When the clinic's tomorrow begins."""
    return _midnight(now.astimezone(timezone).date() + timedelta(days=1), timezone)


def next_month(now: datetime, timezone: ZoneInfo) -> datetime:
    """When the clinic's next month begins."""
    first = now.astimezone(timezone).date().replace(day=1)
    return _midnight((first + timedelta(days=31)).replace(day=1), timezone)


def _midnight(day: date, timezone: ZoneInfo) -> datetime:
    """In UTC; one that a clock change skips is the moment of the change, of two the first counts."""
    return datetime.combine(day, time.min, tzinfo=timezone).astimezone(UTC)
