"""[pure] How a SIM stands with its plan, and the sentences that tell a person what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from gateway.i18n import _
from gateway.plan.blocking import Block
from gateway.plan.ledger import Reached
from gateway.plan.limits import Span, Unit, Window

REACHED = {
    (Span.MINUTE, Unit.SMS): _("Reached {most} of {most} SMS a minute; goes on at {time}."),
    (Span.HOUR, Unit.SMS): _("Reached {most} of {most} SMS an hour; goes on at {time}."),
    (Span.DAY, Unit.SMS): _("Reached {most} of {most} SMS today; goes on at {time}."),
    (Span.MONTH, Unit.SMS): _("Reached {most} of {most} SMS this month; goes on at {time}."),
    (Span.MINUTE, Unit.RECIPIENTS): _("Reached {most} of {most} different numbers a minute; goes on at {time}."),
    (Span.HOUR, Unit.RECIPIENTS): _("Reached {most} of {most} different numbers an hour; goes on at {time}."),
    (Span.DAY, Unit.RECIPIENTS): _("Reached {most} of {most} different numbers today; goes on at {time}."),
    (Span.MONTH, Unit.RECIPIENTS): _("Reached {most} of {most} different numbers this month; goes on at {time}."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What a SIM has spent and has left."""

    used_today: int
    limit_today: int | None  # what it has of it today, while it warms up
    share_left: float  # of its scarcest limit per day or month, 0.0 to 1.0
    detail: str = ""  # for a person: what it waits for


def reached(limit: Reached, now: datetime, zone: ZoneInfo) -> str:
    sentence = REACHED[limit.cap.span, limit.cap.unit]
    return sentence.format(most=limit.cap.most, time=clock(limit.free_at, now, zone))


def blocked(block: Block, now: datetime, zone: ZoneInfo) -> str:
    sentence = _(
        "The operator refuses what it sends ({code}), since {since}. One SMS tries again at {time}."
        " Ask the operator; `smsgw modems resume` ends the wait."
    )
    return sentence.format(code=block.code, since=clock(block.at, now, zone), time=clock(block.until, now, zone))


def quiet(window: Window) -> str:
    sentence = _("Quiet until {time}: only emergency and otp go out.")
    return sentence.format(time=window.end.isoformat("minutes"))


def warming(share: float) -> str:
    return _("A new SIM: it has {percent} % today of its limits.").format(percent=int(share * 100))


def clock(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The clinic's wall clock; with the date when it is not within a day."""
    is_near = abs(moment - now) < timedelta(days=1)
    return moment.astimezone(zone).strftime("%H:%M" if is_near else "%Y-%m-%d %H:%M")
