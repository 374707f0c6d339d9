"""[pure] When so many SMS will be out, over which SIM about how many of them go, and what they cost.

It walks through the time to come in quarters of an hour: what each SIM may send then by its limits and quiet times, at
the rate that it has, is shared by what waits. What stands before in the queue goes first. It is an estimate: nobody
knows which SIM fails, nor what else will be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from zoneinfo import ZoneInfo

from gateway.plan.limits import Cap, Plan, Span

STEP = timedelta(minutes=15)
HORIZON = timedelta(days=92)  # beyond a quarter of a year nobody waits for an SMS
A_DAY = timedelta(days=1)  # with nothing to send: it is not walked through
A_HAIR = 1e-9  # of an SMS: what sums of fractions miss

Arrival = tuple[datetime, int]  # from when on they may go, and how many SMS


@dataclass(frozen=True, slots=True)
class Way:
    """One SIM or account: its pace, and what it may still spend."""

    name: str
    per_minute: float
    plan: Plan = field(default_factory=Plan)
    left_today: float | None = None  # None: no limit
    left_this_month: float | None = None
    cost: float | None = None  # of one SMS

    def room(self, moment: datetime, zone: ZoneInfo) -> float:
        """How many SMS it takes in the quarter of an hour from this moment on."""
        if self.plan.window(moment, zone) is not None:
            return 0.0
        limits = (limit for limit in (self.left_today, self.left_this_month) if limit is not None)
        return max(0.0, min([self.per_minute * STEP.total_seconds() / 60, *limits]))

    def renewed(self) -> Way:
        """On another day, maybe of another month."""
        return replace(self, left_today=most(self.plan, Span.DAY), left_this_month=most(self.plan, Span.MONTH))

    def after(self, sms: float, moment: datetime, zone: ZoneInfo) -> Way:
        """It has sent so many; a new day and a new month have their own."""
        day, next_day = (each.astimezone(zone).date() for each in (moment, moment + STEP))
        is_new_day, is_new_month = day != next_day, day.month != next_day.month
        return replace(
            self,
            left_today=most(self.plan, Span.DAY) if is_new_day else _less(self.left_today, sms),
            left_this_month=most(self.plan, Span.MONTH) if is_new_month else _less(self.left_this_month, sms),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected."""

    finish_at: datetime | None  # None: not within HORIZON
    sms: dict[str, int]  # by the name of the way, about
    cost: float | None  # None: nobody has told a price
    is_cost_whole: bool = True  # False: some ways have no price, so it is at least that


def estimate(ways: Sequence[Way], arrivals: Sequence[Arrival], ahead: int, now: datetime, zone: ZoneInfo) -> Estimate:
    """`arrivals` in the order of their times; `ahead`: SMS that go before them."""
    left, shares = list(ways), [0.0] * len(ways)
    before, waiting, coming = float(ahead), 0.0, 0
    moment = now
    while moment < max([now, *(at for at, _sms in arrivals[-1:])]) + HORIZON:
        if not before + waiting and coming < len(arrivals) and arrivals[coming][0] > moment + A_DAY:
            moment, left = arrivals[coming][0], [way.renewed() for way in ways]
        while coming < len(arrivals) and arrivals[coming][0] < moment + STEP:
            waiting += arrivals[coming][1]
            coming += 1
        rooms = [way.room(moment, zone) for way in left]
        whole = sum(rooms)
        served = min(before + waiting, whole)
        ours = max(0.0, served - before)
        before, waiting = max(0.0, before - served), waiting - ours
        for number, room in enumerate(rooms):
            shares[number] += ours * room / whole if whole else 0.0
        if coming == len(arrivals) and waiting < A_HAIR:
            last = arrivals[-1][0] if arrivals else now
            return _told(ways, shares, max(last, moment + _lasts(left, rooms, served)))
        left = [
            way.after(served * room / whole if whole else 0.0, moment, zone)
            for way, room in zip(left, rooms, strict=True)
        ]
        moment += STEP
    return _told(ways, shares, None)


def pace(plan: Plan, per_minute: float) -> float:
    """SMS a minute, by its limits that slide and its pauses."""
    limits = [per_minute]
    limits += [cap.most / minutes for cap in plan.caps if (minutes := MINUTES.get(cap.span))]
    pause_s = plan.min_interval_s + plan.jitter_s / 2
    return min([*limits, 60.0 / pause_s] if pause_s else limits)


MINUTES = {Span.MINUTE: 1.0, Span.HOUR: 60.0}


def most(plan: Plan, span: Span) -> float | None:
    """In SMS; one to each recipient is taken for granted where recipients are limited."""
    caps: list[Cap] = [cap for cap in plan.caps if cap.span is span]
    return min((float(cap.most) for cap in caps), default=None)


def _lasts(ways: Sequence[Way], rooms: Sequence[float], served: float) -> timedelta:
    """How long it takes them to send so many: a limit that is near leaves less room, and makes nobody faster."""
    parts = [served * room / sum(rooms) / way.per_minute for way, room in zip(ways, rooms, strict=True) if room]
    return timedelta(minutes=max(parts, default=0.0))


def _less(left: float | None, sms: float) -> float | None:
    return None if left is None else max(0.0, left - sms)


def _whole(shares: Sequence[float]) -> list[int]:
    """In whole SMS that add up to the list: 38 over four SIMs are not four times 10."""
    ends = [round(end + A_HAIR) for end in accumulate(shares, initial=0.0)]
    return [end - begin for begin, end in pairwise(ends)]


def _told(ways: Sequence[Way], shares: Sequence[float], finish_at: datetime | None) -> Estimate:
    counts = dict(zip((way.name for way in ways), _whole(shares), strict=True))
    priced = [way for way in ways if way.cost is not None]
    cost = sum(counts[way.name] * (way.cost or 0.0) for way in priced) if priced else None
    is_whole = all(way.cost is not None or not counts[way.name] for way in ways)
    return Estimate(finish_at, counts, cost, is_whole)
