"""Is the clock right? Expiry, quiet hours and the matching of reports depend on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gateway import forms, time_server
from gateway.cli.checks.finding import Finding
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

RELEASED = 2026  # a clock before this year has lost its battery
REMEDY = _("Set the clock and let the machine follow a time server: sudo timedatectl set-ntp true")


def check(settings: Settings | None, now: datetime) -> Iterator[Finding]:
    """The year, a time server, and the clinic's own time as the gateway sees it."""
    yield year(now)
    if time_server.is_followed() is False:
        yield Finding("clock", False, _("The clock does not follow a time server."), REMEDY)
    if settings is not None:
        zone = settings.gateway.timezone
        finding = _("In {zone} it is {time}.").format(zone=zone, time=now.astimezone(ZoneInfo(zone)).strftime("%H:%M"))
        yield Finding("timezone", True, finding)


def year(now: datetime) -> Finding:
    """A year that can't be is a clock that was never set."""
    is_sane = now.year >= RELEASED
    return Finding("clock", is_sane, _("The clock says {date}.").format(date=now.date()), "" if is_sane else REMEDY)


def since(still_to_come: datetime | None, timezone: str) -> Iterator[Finding]:
    """What the gateway has lived through can't be; by a clock that a time server keeps right, it was ahead then."""
    if still_to_come is not None and not time_server.is_followed():
        finding = _("The clock was set back: the gateway worked at {moment} already, and that is still to come.")
        moment = forms.moment(still_to_come, ZoneInfo(timezone))
        yield Finding("clock", False, finding.format(moment=moment), REMEDY)
