"""What an import will take: over which SIMs how many SMS, until when, for how much. Said to be an estimate."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway import forms
from gateway.cli import import_carriers, import_lanes
from gateway.cli.import_proposal import Proposal
from gateway.i18n import _, ngettext
from gateway.merge import schedule
from gateway.plan.estimate import HORIZON, Estimate, Way, estimate
from gateway.settings import Settings

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
    ways = import_carriers.found(connection, settings, now, is_urgent=import_lanes.is_urgent(settings, given))
    if not messages or not ways:
        return None
    lanes = import_lanes.of(connection, messages, settings, given, import_carriers.names(ways), now)
    used = {name for lane in lanes if lane.arrivals for name in lane.names}
    ahead = sum(lane.ahead for lane in lanes if used & set(lane.names))
    zone = ZoneInfo(settings.gateway.timezone)
    shown = [found.way for found in ways if found.way.name in used]
    result = estimate([found.way for found in ways], lanes, now, zone)
    return Outlook(shown, result, proposal.sms, int(ahead))


def lines(outlook: Outlook, settings: Settings) -> list[str]:
    """Sentences for a person."""
    result, zone = outlook.result, ZoneInfo(settings.gateway.timezone)
    if result.finish_at is None:
        sentence = _("By estimate it is not through within {days} days: more SIMs or higher limits are needed.")
        return [sentence.format(days=forms.whole(HORIZON.days))]
    said = [_("By estimate the last one goes at {time}.").format(time=forms.moment(result.finish_at, zone))]
    if outlook.ahead:
        sentence = ngettext("{count} SMS stands before them.", "{count} SMS stand before them.", outlook.ahead)
        said[0] += " " + sentence.format(count=forms.whole(outlook.ahead))
    used = [way for way in outlook.ways if result.sms[way.name]]
    said += [_of_way(way, result.sms[way.name]) for way in used[:SHOWN]]
    if result.cost is not None:
        whole, in_part = _("Cost: about {cost}."), _("Cost: at least {cost}; not all of them have a price.")
        said.append((whole if result.is_cost_whole else in_part).format(cost=forms.money(result.cost)))
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
    told = sentence.format(name=way.name, sms=forms.whole(sms), rate=_rate(way.per_minute))
    limits = [(_("{count} left today"), way.left_today), (_("{count} left this month"), way.left_this_month)]
    return "; ".join(
        [told, *(words.format(count=forms.whole(int(left))) for words, left in limits if left is not None)]
    )


def _rate(per_minute: float) -> str:
    """To three digits, and never in powers of ten: a bind takes thousands a minute."""
    places = 0 if per_minute >= 100 else len(f"{per_minute:.3g}".partition(".")[2])
    return forms.decimal(per_minute, places)
