"""What an import will take: over which SIMs how many SMS, until when, for how much. Said to be an estimate."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway import routing
from gateway.cli import alive
from gateway.cli.import_proposal import Proposal
from gateway.i18n import _, ngettext
from gateway.merge import schedule
from gateway.merge.plan import Planned
from gateway.plan.estimate import HORIZON, STEP, Arrival, Estimate, Way, estimate, most, pace
from gateway.plan.limits import Plan, Span, month_start
from gateway.queue import measured, spending
from gateway.queue.rules import category_name
from gateway.routing import Facts
from gateway.settings import ModemSettings, Settings, SmppSettings
from gateway.settings.rules import bind_plan, intake_rules, modem_plan

USUAL_PER_MINUTE = 12.0  # of a modem that has not sent enough to tell: some 5 s for an SMS
NOT_NOW = frozenset({"paused", "failed", "blocked", "absent", "needs_pin"})  # such a carrier is not counted on
SAMPLE = 500  # messages by which it is told over which carriers the list goes
SHOWN = 8  # carriers that are named


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected, and what it goes by."""

    ways: Sequence[Way]
    result: Estimate
    sms: int
    ahead: int


def look(
    connection: sqlite3.Connection, proposal: Proposal, settings: Settings, given: dict[str, Any], now: datetime
) -> Outlook | None:
    """None when nothing new would be queued, or nothing is known of any carrier."""
    messages = [message for message, _key in proposal.messages]
    allowed = _allowed(messages[:SAMPLE], settings, given)
    ways = [way for way in _ways(connection, settings, now) if not allowed or way.name in allowed]
    if not messages or not ways:
        return None
    ahead = measured.sms_ahead(connection, now)
    zone = ZoneInfo(settings.gateway.timezone)
    return Outlook(ways, estimate(ways, _arrivals(messages, now), ahead, now, zone), proposal.sms, ahead)


def lines(outlook: Outlook, settings: Settings) -> list[str]:
    """Sentences for a person."""
    result, zone = outlook.result, ZoneInfo(settings.gateway.timezone)
    if result.finish_at is None:
        sentence = _("By estimate it is not through within {days} days: more SIMs or higher limits are needed.")
        return [sentence.format(days=HORIZON.days)]
    said = [_("By estimate the last one goes at {time}.").format(time=schedule.told(result.finish_at, zone))]
    if outlook.ahead:
        sentence = ngettext("{count} SMS stands before them.", "{count} SMS stand before them.", outlook.ahead)
        said[0] += " " + sentence.format(count=outlook.ahead)
    used = [way for way in outlook.ways if result.sms[way.name]]
    said += [_of_way(way, result.sms[way.name]) for way in used[:SHOWN]]
    if result.cost is not None:
        whole, in_part = _("Cost: about {cost}."), _("Cost: at least {cost}; not all of them have a price.")
        said.append((whole if result.is_cost_whole else in_part).format(cost=f"{result.cost:.2f}"))
    return said


def document(outlook: Outlook | None) -> dict[str, Any] | None:
    """The same for programs."""
    if outlook is None:
        return None
    result = outlook.result
    return {
        "sms": outlook.sms,
        "ahead_sms": outlook.ahead,
        "finish_at": schedule.text(result.finish_at),
        "cost": None if result.cost is None else round(result.cost, 2),
        "is_cost_whole": result.is_cost_whole,
        "carriers": [
            {
                "name": way.name,
                "sms": result.sms[way.name],
                "per_minute": round(way.per_minute, 2),
                "left_today": None if way.left_today is None else int(way.left_today),
                "left_this_month": None if way.left_this_month is None else int(way.left_this_month),
            }
            for way in outlook.ways
        ],
    }


def _of_way(way: Way, sms: int) -> str:
    """`sim-1: about 260 SMS, 12 a minute; 480 left today.`"""
    sentence = _("    {name}: about {sms} SMS, {rate} a minute")
    told = sentence.format(name=way.name, sms=sms, rate=_rate(way.per_minute))
    limits = [(_("{count} left today"), way.left_today), (_("{count} left this month"), way.left_this_month)]
    return "; ".join([told, *(words.format(count=int(left)) for words, left in limits if left is not None)])


def _rate(per_minute: float) -> str:
    """To three digits, and never in powers of ten: a bind takes thousands a minute."""
    return f"{per_minute:.0f}" if per_minute >= 100 else f"{per_minute:.3g}"


def _arrivals(messages: Iterable[Planned], now: datetime) -> list[Arrival]:
    """From when on how many SMS may go, by quarters of an hour, each with its last time."""
    counts: Counter[int] = Counter()
    last: dict[int, datetime] = {}
    for message in messages:
        at = max(now, message.slot.send_at) if message.slot and message.slot.send_at else now
        quarter = int((at - now) / STEP)
        counts[quarter] += message.segments
        last[quarter] = max(at, last.get(quarter, at))
    return [(last[quarter], sms) for quarter, sms in sorted(counts.items())]


def _allowed(messages: Iterable[Planned], settings: Settings, given: dict[str, Any]) -> frozenset[str]:
    """Over which carriers the messages may go, as routes and sender have it; none: over any."""
    rules, sender = intake_rules(settings), given["sender"] or ""
    if sender in rules.carriers:
        return frozenset({sender})
    category = category_name(given["category"])
    ways = {rules.way(Facts(each.msisdn, category, sender, each.segments)) for each in messages}
    if routing.ANY in ways:
        return frozenset()
    return frozenset(name for way in ways if way for name in routing.names_of(way))


def _ways(connection: sqlite3.Connection, settings: Settings, now: datetime) -> list[Way]:
    """Each carrier that is not known to be out of order."""
    daemon = alive.daemon(connection, settings, now)
    rows = alive.carriers(connection, settings, daemon)
    able = [row for row in rows if row["state"] not in NOT_NOW] or rows
    tables: dict[str, ModemSettings | SmppSettings] = {each.name: each for each in settings.modems}
    tables |= {each.name: each for each in settings.smpp}
    return [_way(connection, row, tables.get(row["name"]), settings, now) for row in able]


def _way(
    connection: sqlite3.Connection,
    row: dict[str, Any],
    table: ModemSettings | SmppSettings | None,
    settings: Settings,
    now: datetime,
) -> Way:
    plan, fastest = _plan(table)
    zone = ZoneInfo(settings.gateway.timezone)
    told = None if isinstance(table, SmppSettings) else measured.per_minute(connection, row["name"], now)
    today = most(plan, Span.DAY) if row.get("limit_today") is None else float(row["limit_today"])
    month, line = most(plan, Span.MONTH), row.get("line")
    spent = spending.Account(connection, line, now).count(month_start(now, zone)) if line and month is not None else 0
    return Way(
        name=row["name"],
        per_minute=pace(plan, told or fastest),
        plan=plan,
        left_today=None if today is None else max(0.0, today - row["sent_today"]),
        left_this_month=None if month is None else max(0.0, month - spent),
        cost=None if table is None else table.cost,
    )


def _plan(table: ModemSettings | SmppSettings | None) -> tuple[Plan, float]:
    """Its limits, and how many SMS a minute it may be thought to send."""
    if isinstance(table, SmppSettings):
        return bind_plan(table), table.max_per_second * 60.0
    return (Plan() if table is None else modem_plan(table)), USUAL_PER_MINUTE
