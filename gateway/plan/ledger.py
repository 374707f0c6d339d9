"""[pure] What one SIM has spent, so that a question about a limit costs microseconds, and a busy month little memory.

One tally per limit keeps what that limit needs and no more: as many times as it lets out, a number of SMS, or each
recipient once. What has left the span leaves the tally for good. So a clock that is set back asks for a new ledger,
loaded from the database (leave.py sees to it).

A recipient is a number that stands for it (queue/spending.py); no number of a person is held here.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol
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


class Past(Protocol):
    """What a SIM spent before: each limit asks for what it needs, never for all the SMS of a month."""

    def count(self, since: datetime) -> int:
        """How many SMS."""
        ...

    def recipients(self, since: datetime) -> Iterable[int]:
        """Each of them, in any order."""
        ...

    def last(self, since: datetime, most: int) -> Sequence[datetime]:
        """When the last SMS went out, at most so many, oldest first."""
        ...

    def last_of_each(self, since: datetime) -> Iterable[Spent]:
        """The last SMS to each recipient, oldest first; of one it may tell an earlier one too."""
        ...


class Tally(Protocol):
    """What one limit counts; it is given the SMS in the order of their times."""

    def recall(self, past: Past, now: datetime) -> None:
        """Begin with what was spent before."""
        ...

    def add(self, spent: Spent) -> None: ...

    def count(self, now: datetime) -> int:
        """How much is in the span that `now` ends or is in."""
        ...

    def free_at(self, most: int, now: datetime) -> datetime:
        """When less than `most` is in it; now at least so much is."""
        ...


class Times:
    """SMS in a span that slides: more of them than the limit lets out need no counting."""

    def __init__(self, span: timedelta, most: int) -> None:
        self._span = span
        self._sent: deque[datetime] = deque(maxlen=most)
        self._most = most

    def recall(self, past: Past, now: datetime) -> None:
        self._sent.extend(past.last(now - self._span, self._most))

    def add(self, spent: Spent) -> None:
        self._sent.append(spent.at)

    def count(self, now: datetime) -> int:
        while self._sent and self._sent[0] <= now - self._span:  # what was exactly then has left
            self._sent.popleft()
        return len(self._sent)

    def free_at(self, most: int, now: datetime) -> datetime:
        return self._sent[self.count(now) - most] + self._span


class People:
    """Recipients in a span that slides: each counts by its last SMS."""

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self._last: dict[int, datetime] = {}  # oldest first

    def recall(self, past: Past, now: datetime) -> None:
        for spent in past.last_of_each(now - self._span):
            self.add(spent)

    def add(self, spent: Spent) -> None:
        self._last.pop(spent.recipient, None)
        self._last[spent.recipient] = spent.at

    def count(self, now: datetime) -> int:
        while self._last and next(iter(self._last.values())) <= now - self._span:
            del self._last[next(iter(self._last))]
        return len(self._last)

    def free_at(self, most: int, now: datetime) -> datetime:
        return next(islice(self._last.values(), self.count(now) - most, None)) + self._span


class Total:
    """SMS in a day or a month of the clinic's."""

    def __init__(self, span: Span, zone: ZoneInfo) -> None:
        self._calendar = Calendar(span, zone)
        self._count = 0

    def recall(self, past: Past, now: datetime) -> None:
        self.count(now)
        self._count = past.count(self._calendar.start(now))

    def add(self, spent: Spent) -> None:
        self._count = self.count(spent.at) + 1

    def count(self, now: datetime) -> int:
        if self._calendar.has_turned(now):
            self._count = 0
        return self._count

    def free_at(self, most: int, now: datetime) -> datetime:
        self.count(now)
        return self._calendar.end


class Distinct:
    """Recipients in a day or a month of the clinic's, in order: 8 octets each."""

    def __init__(self, span: Span, zone: ZoneInfo) -> None:
        self._calendar = Calendar(span, zone)
        self._known = array("q")

    def recall(self, past: Past, now: datetime) -> None:
        self.count(now)
        self._known = array("q", sorted(set(past.recipients(self._calendar.start(now)))))

    def add(self, spent: Spent) -> None:
        count = self.count(spent.at)
        place = bisect_left(self._known, spent.recipient)
        if place == count or self._known[place] != spent.recipient:
            self._known.insert(place, spent.recipient)

    def count(self, now: datetime) -> int:
        if self._calendar.has_turned(now):
            self._known = array("q")
        return len(self._known)

    def free_at(self, most: int, now: datetime) -> datetime:
        self.count(now)
        return self._calendar.end


class Calendar:
    """The clinic's day or month that it was when somebody last asked."""

    def __init__(self, span: Span, zone: ZoneInfo) -> None:
        self._span = span
        self._zone = zone
        self.end = datetime.min.replace(tzinfo=UTC)

    def start(self, now: datetime) -> datetime:
        """When the one that it is now began."""
        return (day_start if self._span is Span.DAY else month_start)(now, self._zone)

    def has_turned(self, now: datetime) -> bool:
        """Whether another one has begun since."""
        if now < self.end:
            return False
        self.end = (next_day if self._span is Span.DAY else next_month)(now, self._zone)
        return True


def tally_of(cap: Cap, zone: ZoneInfo) -> Tally:
    """What counts for this limit."""
    if isinstance(cap.span.value, timedelta):
        return Times(cap.span.value, cap.most) if cap.unit is Unit.SMS else People(cap.span.value)
    return Total(cap.span, zone) if cap.unit is Unit.SMS else Distinct(cap.span, zone)


class Ledger:
    """What a SIM has spent of its plan. Times given to it never go back."""

    def __init__(self, plan: Plan, zone: ZoneInfo) -> None:
        self._plan = plan
        self._today = Total(Span.DAY, zone)  # shown in any case
        self._tallies = {(cap.span, cap.unit): tally_of(cap, zone) for cap in plan.caps}

    def recall(self, past: Past, now: datetime) -> None:
        """Begin with what was spent before."""
        self._today.recall(past, now)
        for tally in self._tallies.values():
            tally.recall(past, now)

    def add(self, spent: Spent) -> None:
        self._today.add(spent)
        for tally in self._tallies.values():
            tally.add(spent)

    def reached(self, share: float, now: datetime, units: Iterable[Unit] = Unit) -> Reached | None:
        """The limit that keeps the SIM waiting longest, if any is used up; `share`: what of its limits it has."""
        if not self._plan.caps:
            return None
        found = [self._reached(cap.cooled(share), now) for cap in self._plan.caps if cap.unit in units]
        return max((each for each in found if each), key=lambda each: each.free_at, default=None)

    def room(self, share: float, now: datetime) -> int | None:
        """How many SMS are left of the day and the month; None: no limit.

        Who begins many at once, a bind, has no other limits (settings/smpp.py); who sends one after the other is asked
        before each whether any other is reached.
        """
        return min((self._left(cap.cooled(share), now) for cap in self._plan.caps if _is_room(cap)), default=None)

    def share_left(self, share: float, now: datetime) -> float:
        """What is left of the scarcest limit per day or month, 0.0 to 1.0; 1.0 without any."""
        caps = (cap.cooled(share) for cap in self._plan.caps if cap.span in (Span.DAY, Span.MONTH))
        return min((self._left(cap, now) / cap.most for cap in caps), default=1.0)

    def today(self, now: datetime) -> int:
        """SMS since the clinic's midnight."""
        return self._today.count(now)

    def _left(self, cap: Cap, now: datetime) -> int:
        return max(0, cap.most - self._tallies[cap.span, cap.unit].count(now))

    def _reached(self, cap: Cap, now: datetime) -> Reached | None:
        tally = self._tallies[cap.span, cap.unit]
        return Reached(cap, tally.free_at(cap.most, now)) if tally.count(now) >= cap.most else None


def _is_room(cap: Cap) -> bool:
    return cap.unit is Unit.SMS and cap.span in (Span.DAY, Span.MONTH)
