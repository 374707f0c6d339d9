"""[pure] How many SMS a carrier may still send: per minute over a sliding window, per day in the clinic's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many SMS a carrier may send; None = as many as it can."""

    per_minute: int | None = None
    per_day: int | None = None

    @property
    def are_set(self) -> bool:
        return self.per_minute is not None or self.per_day is not None

    def allow(self, in_last_minute: int, today: int) -> bool:
        """Whether one more SMS may go out after so many."""
        return _below(in_last_minute, self.per_minute) and _below(today, self.per_day)


def _below(count: int, limit: int | None) -> bool:
    return limit is None or count < limit


def day_start(now: datetime, timezone: ZoneInfo) -> datetime:
    """When the clinic's today began."""
    return datetime.combine(now.astimezone(timezone).date(), time.min, tzinfo=timezone)
