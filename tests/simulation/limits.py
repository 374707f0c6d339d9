"""No SIM sends more than its plan has, by the gateway's own clock at the moment at which each SMS is handed over.

Docs/sims.md has the promise: minute and hour slide, day and month are the clinic's own. What has been sent counts by
the clock of its time; when the clock is put back, what is still to come by it happened then. The limit of different
numbers is one for messages that begin: what a SIM has begun it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from gateway.plan.limits import Cap, Plan, Span, Unit
from tests.simulation.facts import Facts
from tests.simulation.network import Try

AT_MIDNIGHT = timedelta(microseconds=1)  # what goes just then is of the new day
CLOCK_MARGIN = timedelta(hours=12)  # a SIM may have been seen first under a wrong clock
LOOK_BACK = 4000  # SMS of one SIM: more than a month's limit here
SPANS: dict[Span, Callable[[datetime, Facts], datetime]] = {
    Span.MINUTE: lambda now, _facts: now - timedelta(minutes=1),
    Span.HOUR: lambda now, _facts: now - timedelta(hours=1),
    Span.DAY: lambda now, facts: _midnight(now.astimezone(facts.story.zone)),
    Span.MONTH: lambda now, facts: _midnight(now.astimezone(facts.story.zone).replace(day=1)),
}


@dataclass
class Booked:
    """An SMS that the network took, at the time at which it counts."""

    at: datetime
    recipient: str


def limits_are_kept(facts: Facts) -> Iterator[str]:
    for line, tries in facts.by_line.items():
        yield from _of_line(facts, line, tries)


def _of_line(facts: Facts, line: str, tries: list[Try]) -> Iterator[str]:
    first = facts.story.world.started_at - CLOCK_MARGIN
    book: list[Booked] = []
    for tried, put_back in in_order(facts, tries):
        if put_back:
            _put_back(book, put_back)
        if tried.is_accepted:
            book.append(Booked(tried.wall, tried.recipient))
        plan: Plan = facts.story.plans.by_name[tried.carrier]
        share = _share(plan, tried.wall - first)
        for cap in plan.caps:
            yield from _over(facts, line, tried, book, _cooled(cap, share))


def in_order(facts: Facts, tries: Sequence[Try]) -> Iterator[tuple[Try, datetime | None]]:
    """Each with the earliest time to which the clock was set since the one before; None where it was not."""
    clock_set = list(facts.story.chaos.clock_set)
    for tried in tries:
        said = []
        while clock_set and clock_set[0][0] <= tried.moment:
            said.append(clock_set.pop(0)[1])
        yield tried, min(said, default=None)


def _share(plan: Plan, age: timedelta) -> float:
    """What of its limits a SIM has: a tenth at first, all of them after warm_up."""
    grown = age.total_seconds() / plan.warm_up_s if plan.warm_up_s else 1.0
    return min(1.0, 0.1 + 0.9 * max(0.0, grown))


def _cooled(cap: Cap, share: float) -> Cap:
    return cap if cap.span is Span.MINUTE else replace(cap, most=max(1, int(cap.most * share)))


def _midnight(local: datetime) -> datetime:
    """No zone of these stories changes its clocks at midnight."""
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0).astimezone(UTC) - AT_MIDNIGHT


def _put_back(book: list[Booked], now: datetime) -> None:
    for each in book:
        each.at = min(each.at, now)


def _over(facts: Facts, line: str, tried: Try, book: list[Booked], cap: Cap) -> Iterator[str]:
    if cap.unit is Unit.RECIPIENTS and _is_part_out(facts, tried):
        return
    since = SPANS[cap.span](tried.wall, facts)
    within = [each for each in book[-LOOK_BACK:] if since < each.at <= tried.wall]
    count = len(within) if cap.unit is Unit.SMS else len({each.recipient for each in within})
    if count > cap.most:
        yield f"{line} sent {count} {cap.unit.value} in a {cap.span.name.lower()}, limit {cap.most}, at {tried.wall}"


def _is_part_out(facts: Facts, tried: Try) -> bool:
    """Whether the network has a part of its message already: the rest of what was begun goes on."""
    keys = facts.keys[facts.segments[tried.key][0]]
    earlier = [each for key in keys for each in facts.tries[key] if each.moment < tried.moment]
    return any(each.is_accepted for each in earlier)
