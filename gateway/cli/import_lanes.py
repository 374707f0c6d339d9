"""Over which carriers the messages of an import would go, as routes and sender have it, and what waits there before."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway import routing
from gateway.merge.plan import Planned
from gateway.plan.estimate import STEP
from gateway.plan.lanes import Arrival, Lane
from gateway.plan.limits import URGENT_RANK
from gateway.queue import measured
from gateway.queue.rules import IntakeRules, category_name
from gateway.routing import Facts
from gateway.settings import Settings
from gateway.settings.rules import intake_rules
from gateway.sms.message import TextRefused

Quarters = dict[int, tuple[datetime, int]]  # of an hour from now on: the last time in it, and how many SMS


def is_urgent(settings: Settings, given: dict[str, Any]) -> bool:
    """Such messages wait for no better carrier."""
    return intake_rules(settings).categories[category_name(given["category"])].priority >= URGENT_RANK


def of(
    connection: sqlite3.Connection,
    messages: Sequence[Planned],
    settings: Settings,
    given: dict[str, Any],
    carriers: Mapping[str, bool],
    now: datetime,
) -> list[Lane]:
    """By the ways that the messages have, and those that wait have. `carriers`: whether each can be counted on."""
    arrivals = _arrivals(_with_ways(messages, intake_rules(settings), given), now)
    ours = {way: sum(sms for _at, sms in each) for way, each in arrivals.items()}
    ahead = _examined(measured.sms_ahead(connection, now), ours)
    is_any_free = is_urgent(settings, given)
    return [
        Lane(names, arrivals.get(way, ()), is_any_free or way == routing.ANY or routing.is_shared(way), ahead[way])
        for way in dict.fromkeys((*arrivals, *ahead))
        if (names := _names(way, carriers))
    ]


def _names(way: str, carriers: Mapping[str, bool]) -> tuple[str, ...]:
    """Those that can be counted on; when none of them can, all of them, for one of them has to."""
    named = [name for name in routing.names_of(way) or carriers if name in carriers]
    return tuple(name for name in named if carriers[name]) or tuple(named)


def _with_ways(messages: Iterable[Planned], rules: IntakeRules, given: dict[str, Any]) -> Iterator[tuple[Planned, str]]:
    """Those that somebody may carry."""
    sender, category = given["sender"] or "", category_name(given["category"])
    same = sender if sender in rules.carriers else None if rules.has_ways else routing.ANY
    for message in messages:
        way = same
        if same is None:
            way = rules.way(Facts(message.msisdn, category, sender, message.segments))
        able = None if way is None else _able(rules, way, message.body)
        if able is not None:
            yield message, able


def _able(rules: IntakeRules, way: str, text: str) -> str | None:
    """Of the way those that can write the text."""
    try:
        return rules.able_way(way, text) if rules.lacking else way
    except TextRefused:
        return None


def _arrivals(messages: Iterable[tuple[Planned, str]], now: datetime) -> dict[str, list[Arrival]]:
    """Of each way from when on how many SMS may go, by quarters of an hour, each with its last time."""
    found: dict[str, Quarters] = {}
    for message, way in messages:
        at = max(now, message.slot.send_at) if message.slot and message.slot.send_at else now
        quarters, quarter = found.setdefault(way, {}), int((at - now) / STEP)
        last, sms = quarters.get(quarter, (at, 0))
        quarters[quarter] = max(at, last), sms + message.segments
    return {way: [quarters[quarter] for quarter in sorted(quarters)] for way, quarters in found.items()}


def _examined(ahead: Mapping[str | None, int], ours: Mapping[str, int]) -> Counter[str]:
    """What nobody has looked at yet has no way: it is thought to go as this list does."""
    known = Counter({way: sms for way, sms in ahead.items() if way is not None})
    whole = sum(ours.values())
    for way, sms in ours.items():
        known[way] += ahead.get(None, 0) * sms // whole
    return known
