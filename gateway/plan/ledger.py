"""[pure] What one SIM has spent, kept so that a question about a limit costs microseconds.

One tally per span holds the times and recipients of that span; what has left the span leaves the tally for good. So a
clock that is set back asks for a new ledger, loaded from the database (leave.py sees to it).

A recipient is a number that stands for it (queue/spending.py); no number of a person is held here.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.plan.limits import Cap, Plan, Span, Unit, day_start, month_start, next_day, next_month


@dataclass(frozen=True, slots=True)
class Spent:
    """One SMS that went out, or may have."""

    at: datetime
    recipient: int


@dataclass(frozen=True, slots=True)
class Reached:
    """A limit that is used up, and when something of it is free again."""

    cap: Cap
    free_at: datetime


class Tally:
    """The SMS of one span, oldest first."""

    def __init__(self, span: Span, zone: ZoneInfo) -> None:
        self._span = span
        self._zone = zone
        self._sent: deque[Spent] = deque()
        self._recipients: Counter[int] = Counter()
        self._begin: datetime | None = None  # the calendar's span that was looked at last, and its end
        self._end: datetime | None = None

    def add(self, spent: Spent) -> None:
        self._sent.append(spent)
        self._recipients[spent.recipient] += 1

    def count(self, unit: Unit, now: datetime) -> int:
        """How many in the span that `now` ends or is in."""
        self._forget(now)
        return len(self._sent) if unit is Unit.SMS else len(self._recipients)

    def free_at(self, cap: Cap, now: datetime) -> datetime:
        """When the first of those leaves that make the limit full."""
        if not isinstance(self._span.value, timedelta):
            return self._bounds(now)[1]
        surplus = len(self._sent) - cap.most if cap.unit is Unit.SMS else 0
        return self._sent[max(0, surplus)].at + self._span.value

    def _forget(self, now: datetime) -> None:
        begin, sent = self._bounds(now)[0], self._sent
        while sent and sent[0].at < begin:
            recipient = sent.popleft().recipient
            self._recipients[recipient] -= 1
            if not self._recipients[recipient]:
                del self._recipients[recipient]

    def _bounds(self, now: datetime) -> tuple[datetime, datetime]:
        if isinstance(self._span.value, timedelta):
            return now - self._span.value + timedelta(microseconds=1), now  # what was exactly then has left
        if self._begin is None or self._end is None or not self._begin <= now < self._end:
            self._begin, self._end = calendar(self._span, now, self._zone)
        return self._begin, self._end


def calendar(span: Span, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The clinic's day or month that `now` is in: its beginning, and that of the next."""
    if span is Span.DAY:
        return day_start(now, zone), next_day(now, zone)
    return month_start(now, zone), next_month(now, zone)


class Ledger:
    """What a SIM has spent of its plan. Times given to it never go back."""

    def __init__(self, plan: Plan, zone: ZoneInfo, spent: Iterable[Spent] = ()) -> None:
        self._plan = plan
        spans = {cap.span for cap in plan.caps} | {Span.DAY}  # today's are shown in any case
        self._tallies = {span: Tally(span, zone) for span in spans}
        for each in spent:
            self.add(each)

    def add(self, spent: Spent) -> None:
        for tally in self._tallies.values():
            tally.add(spent)

    def reached(self, share: float, now: datetime, units: Iterable[Unit] = Unit) -> Reached | None:
        """The limit that keeps the SIM waiting longest, if any is used up; `share`: what of its limits it has."""
        found = [self._reached(cap.cooled(share), now) for cap in self._plan.caps if cap.unit in units]
        return max((each for each in found if each), key=lambda each: each.free_at, default=None)

    def room(self, share: float, now: datetime) -> int | None:
        """How many SMS are left of the day and the month; None: no limit."""
        return min((self._left(cap.cooled(share), now) for cap in self._plan.caps if _is_room(cap)), default=None)

    def share_left(self, share: float, now: datetime) -> float:
        """What is left of the scarcest limit per day or month, 0.0 to 1.0; 1.0 without any."""
        caps = (cap.cooled(share) for cap in self._plan.caps if cap.span in (Span.DAY, Span.MONTH))
        return min((self._left(cap, now) / cap.most for cap in caps), default=1.0)

    def today(self, now: datetime) -> int:
        """SMS since the clinic's midnight."""
        return self._tallies[Span.DAY].count(Unit.SMS, now)

    def _left(self, cap: Cap, now: datetime) -> int:
        return max(0, cap.most - self._tallies[cap.span].count(cap.unit, now))

    def _reached(self, cap: Cap, now: datetime) -> Reached | None:
        tally = self._tallies[cap.span]
        return Reached(cap, tally.free_at(cap, now)) if tally.count(cap.unit, now) >= cap.most else None


def _is_room(cap: Cap) -> bool:
    return cap.unit is Unit.SMS and cap.span in (Span.DAY, Span.MONTH)
