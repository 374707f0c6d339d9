"""[pure] The hours in which a clinic writes to people, by a wall clock that need not be its own.

Moments are aware, and what is given back is in UTC. A time that a clock change skips or repeats is the first that it
can be; hours may pass midnight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from gateway.plan.limits import Window

# What is put back into the hours of the day before goes so long before their end, so that it is out when they end.
MARGIN = timedelta(hours=1)
DAY = timedelta(days=1)

Span = tuple[datetime, datetime]  # from, until


@dataclass(frozen=True, slots=True)
class Hours:
    """Times of day; none: any time."""

    windows: tuple[Window, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Hours:
        """`09:00-20:00`, each."""
        return cls(tuple(Window.of(text) for text in texts))

    def opens(self, moment: datetime, zone: tzinfo) -> datetime:
        """The moment itself when it is within the hours, else when they begin next."""
        return self.after(moment, timedelta(), zone)

    def after(self, moment: datetime, working: timedelta, zone: tzinfo) -> datetime:
        """When so much of the hours has passed since the moment."""
        if not self.windows:
            return (moment + working).astimezone(UTC)
        left = working
        for start, end in self._spans(moment, zone, DAY):
            begin = max(start, moment)
            if left < end - begin:
                return (begin + left).astimezone(UTC)
            left -= max(end - begin, timedelta())
        raise OverflowError("beyond the calendar")

    def before(self, moment: datetime, zone: tzinfo) -> datetime:
        """The last good time before the moment: some time before the hours end."""
        if not self.windows:
            return moment.astimezone(UTC)
        start, end = next(span for span in self._spans(moment, zone, -DAY) if span[0] < moment)
        return max(start, min(end, moment) - MARGIN)

    def _spans(self, moment: datetime, zone: tzinfo, step: timedelta) -> Iterator[Span]:
        """Day by day from the one before or after the moment's own: what began yesterday may pass midnight."""
        day = moment.astimezone(zone).date() - step
        while True:
            yield from _of_day(self.windows, day, zone)[:: 1 if step > timedelta() else -1]
            day += step


@lru_cache(maxsize=4096)  # all rows of a list ask for the same few days
def _of_day(windows: tuple[Window, ...], day: date, zone: tzinfo) -> tuple[Span, ...]:
    """Those that begin on this day, as they follow one another."""
    return tuple(sorted(_span(window, day, zone) for window in windows))


def _span(window: Window, day: date, zone: tzinfo) -> Span:
    last = day if window.start < window.end else day + DAY
    start = datetime.combine(day, window.start, tzinfo=zone).astimezone(UTC)
    return start, datetime.combine(last, window.end, tzinfo=zone).astimezone(UTC)
