"""[pure] When so many SMS will be out, over which SIM about how many of them go, and what they cost.

It walks through the time to come in quarters of an hour: what each SIM may send then by its limits and quiet times, at
the rate that it has, is shared by what waits for it (lanes.py). What stands before in the queue goes first. It is an
estimate: nobody knows which SIM fails, nor what else will be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from math import inf
from zoneinfo import ZoneInfo

from gateway.plan.lanes import A_HAIR, Lane, Room, shared_out
from gateway.plan.limits import Cap, Plan, Span

STEP = timedelta(minutes=15)
HORIZON = timedelta(days=92)  # beyond a quarter of a year nobody waits for an SMS
A_DAY = timedelta(days=1)  # with nothing to send: it is not walked through


@dataclass(frozen=True, slots=True)
class Turn:
    """From one quarter of an hour to the next."""

    is_new_day: bool
    is_new_month: bool

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Turn:
        day, next_day = (each.astimezone(zone).date() for each in (moment, moment + STEP))
        return cls(day != next_day, day.month != next_day.month)


@dataclass(frozen=True, slots=True)
class Way:
    """One SIM or account: its pace, and what it may still spend."""

    name: str
    per_minute: float
    plan: Plan = field(default_factory=Plan)
    left_today: float | None = None  # None: no limit
    left_this_month: float | None = None
    cost: float | None = None  # of one SMS

    def room(self, moment: datetime, zone: ZoneInfo) -> Room:
        """How many SMS it takes in the quarter of an hour from this moment on."""
        if self.plan.window(moment, zone) is not None:
            return Room(0.0, 0.0)
        limits = (limit for limit in (self.left_today, self.left_this_month) if limit is not None)
        return Room(self.per_minute * STEP.total_seconds() / 60, min(limits, default=inf))

    def renewed(self) -> Way:
        """On another day, maybe of another month."""
        return replace(self, left_today=most(self.plan, Span.DAY), left_this_month=most(self.plan, Span.MONTH))

    def after(self, sms: float, turn: Turn) -> Way:
        """It has sent so many; a new day and a new month have their own."""
        if not sms and not turn.is_new_day:
            return self
        return replace(
            self,
            left_today=most(self.plan, Span.DAY) if turn.is_new_day else _less(self.left_today, sms),
            left_this_month=most(self.plan, Span.MONTH) if turn.is_new_month else _less(self.left_this_month, sms),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is to be expected."""

    finish_at: datetime | None  # None: not within HORIZON
    sms: dict[str, int]  # by the name of the way, about
    cost: float | None  # None: nobody has told the price of a way that is taken
    is_cost_whole: bool = True  # False: some ways have no price, so it is at least that


def estimate(ways: Sequence[Way], lanes: Sequence[Lane], now: datetime, zone: ZoneInfo) -> Estimate:
    """Each lane's names are of these ways."""
    walk = _Walk(ways, lanes)
    moment, last = now, max((at for lane in lanes for at, _sms in lane.arrivals), default=now)
    while moment < max(now, last) + HORIZON:
        moment = walk.begun(moment)
        taken_for = walk.step(moment, zone)
        if walk.is_through:
            return _told(ways, walk.shares, max(last, moment + taken_for))
        moment += STEP
    return _told(ways, walk.shares, None)


class _Walk:
    """How far it is: what each way has left, and what waits in each lane."""

    def __init__(self, ways: Sequence[Way], lanes: Sequence[Lane]) -> None:
        self._ways, self._lanes = ways, lanes
        self._left = list(ways)
        self._before = [lane.ahead for lane in lanes]
        self._waiting = [0.0] * len(lanes)
        self._coming = [list(reversed(lane.arrivals)) for lane in lanes]
        self.shares = dict.fromkeys((way.name for way in ways), 0.0)  # SMS of the lanes' arrivals

    @property
    def is_through(self) -> bool:
        return not any(self._coming) and sum(self._waiting) < A_HAIR

    def begun(self, moment: datetime) -> datetime:
        """The moment, or a later one where nothing is to be done for longer than a day; what comes by then waits."""
        nearest = min((coming[-1][0] for coming in self._coming if coming), default=moment)
        if nearest > moment + A_DAY and sum(self._before) + sum(self._waiting) < A_HAIR:
            moment, self._left = nearest, [way.renewed() for way in self._ways]
        for number, coming in enumerate(self._coming):
            while coming and coming[-1][0] < moment + STEP:
                self._waiting[number] += coming.pop()[1]
        return moment

    def step(self, moment: datetime, zone: ZoneInfo) -> timedelta:
        """A quarter of an hour; how long the ways take for what they send of the arrivals in it."""
        rooms = {way.name: way.room(moment, zone) for way in self._left}
        sent = self._sent(self._before, rooms)
        own = self._sent(self._waiting, rooms)
        self.shares = {name: share + own[name] for name, share in self.shares.items()}
        lasts = [(sent[way.name] + own[way.name]) / way.per_minute for way in self._left if own[way.name]]
        turn = Turn.at(moment, zone)
        self._left = [way.after(sent[way.name] + own[way.name], turn) for way in self._left]
        return timedelta(minutes=max(lasts, default=0.0))

    def _sent(self, wanted: list[float], rooms: Mapping[str, Room]) -> dict[str, float]:
        """By the name of the way; it is no longer wanted then."""
        sent = dict.fromkeys(rooms, 0.0)
        for number, name, sms in list(shared_out(self._lanes, wanted, rooms)):
            wanted[number] = max(0.0, wanted[number] - sms)
            sent[name] += sms
        return sent


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


def _less(left: float | None, sms: float) -> float | None:
    return None if left is None else max(0.0, left - sms)


def _whole(shares: Sequence[float]) -> list[int]:
    """In whole SMS that add up to the list: 38 over four SIMs are not four times 10."""
    ends = [round(end + A_HAIR) for end in accumulate(shares, initial=0.0)]
    return [end - begin for begin, end in pairwise(ends)]


def _told(ways: Sequence[Way], shares: Mapping[str, float], finish_at: datetime | None) -> Estimate:
    counts = dict(zip((way.name for way in ways), _whole([shares[way.name] for way in ways]), strict=True))
    priced = [way for way in ways if way.cost is not None and counts[way.name]]
    cost = sum(counts[way.name] * (way.cost or 0.0) for way in priced) if priced else None
    is_whole = all(way.cost is not None or not counts[way.name] for way in ways)
    return Estimate(finish_at, counts, cost, is_whole)
