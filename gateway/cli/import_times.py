"""When an import's messages go: the options that say it, and what they come to for the list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway import forms
from gateway.cli.options import together
from gateway.errors import UsageProblem
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.merge.timing import Wishes
    from gateway.settings import Settings

NAMES = ("send_at", "spread", "send_before", "time_column", "zone_column", "not_after")
time_options = together(
    click.option(
        "--send-at",
        metavar="TIME",
        help=_("Not earlier than this: 2026-12-01 10:00, 01.12.2026 10:00, or 10:00: the next time that it is."),
    ),
    click.option(
        "--spread",
        metavar="SPAN",
        help=_("Evenly over so much of the working hours: '2 h'; from --send-at on, else from now on."),
    ),
    click.option(
        "--send-before",
        nargs=2,
        metavar="COLUMN SPAN",
        help=_("Each so long before what stands in its row, within the working hours: 'Appointment' 24h."),
    ),
    click.option(
        "--time-column", metavar="NAME", help=_("With --send-before: the time of day, where its column holds days.")
    ),
    click.option(
        "--zone-column",
        metavar="NAME",
        help=_("The time zone of each row: Asia/Omsk, Omsk, UTC+6; an empty cell is the clinic's."),
    ),
    click.option("--not-after", metavar="TIME", help=_("What could not go by then does not go at all.")),
)


def wishes(settings: Settings, given: dict[str, Any], now: datetime) -> Wishes | None:
    """None when no option says anything. Raises UsageProblem."""
    if not any(given[name] for name in NAMES):
        return None
    _check_together(given)
    wished = _wished(settings, given, now)
    _refuse_too_late(wished)
    return wished


def _wished(settings: Settings, given: dict[str, Any], now: datetime) -> Wishes:
    """Raises UsageProblem for what is no time or span."""
    from gateway.merge.timing import Wishes
    from gateway.plan.hours import Hours

    zone, hours = ZoneInfo(settings.gateway.timezone), Hours.of(settings.campaign.working_hours)
    column, lead = given["send_before"] or (None, None)
    begin = min((window.start for window in hours.windows), default=time())
    here = now.astimezone(zone)
    return Wishes(
        now=now,
        zone=zone,
        hours=hours,
        send_at=_to_come(_time(given["send_at"], "--send-at", here, begin), here),
        spread=span(given["spread"], "--spread"),
        not_after=_time(given["not_after"], "--not-after", here, time.max),
        before=column,
        lead=span(lead, "--send-before"),
        time_column=given["time_column"],
        zone_column=given["zone_column"],
    )


OF_CLOCKS = ("send_at", "spread", "send_before", "not_after")
# What can't be said together, or not alone, and why.
APART = (
    ("send_before", "send_at", _("--send-before says each row's own time: leave out --send-at.")),
    ("send_before", "spread", _("--send-before says each row's own time: leave out --spread.")),
    ("not_before", "send_at", _("--send-at and --not-before say the same: give one of them.")),
    ("not_before", "spread", _("With --spread give --send-at instead of --not-before.")),
    ("not_before", "send_before", _("--send-before says each row's own time: leave out --not-before.")),
)


def _check_together(given: dict[str, Any]) -> None:
    for one, other, reason in APART:
        if given[one] and given[other]:
            raise UsageProblem(reason)
    if given["time_column"] and not given["send_before"]:
        raise UsageProblem(_("--time-column belongs to --send-before, which names the column of the days."))
    if given["zone_column"] and not any(given[name] for name in OF_CLOCKS):
        sentence = _(
            "--zone-column says by whose clock: give --send-at, --spread, --send-before or --not-after with it."
        )
        raise UsageProblem(sentence)


def span(text: str | None, option: str) -> timedelta:
    """A span as the configuration has them."""
    from gateway.settings.duration import seconds

    if text is None:
        return timedelta()
    try:
        span_s = 0.0 if text.strip()[-1:].isdigit() else seconds(text)  # who writes 24 means hours, and not seconds
    except ValueError:
        span_s = 0.0
    if not 0 < span_s <= LONGEST_S:
        raise UsageProblem(_('{option}: write a span as "30 min", "24 h" or "2 days".').format(option=option))
    return timedelta(seconds=span_s)


LONGEST_S = 366 * 86400.0
CLOCKS_APART = timedelta(hours=26)  # from UTC+14 to UTC-12


def _time(text: str | None, option: str, here: datetime, of_day: time) -> datetime | None:
    """Without an offset when the text has none; a day alone is at `of_day`, a time alone the next one from `here`."""
    from gateway.merge.dates import text_moment

    if text is None:
        return None
    found = _iso(text) or text_moment(text.strip())
    if isinstance(found, time):
        day = here.date() if found > here.time() else here.date() + timedelta(days=1)
        return datetime.combine(day, found)
    if isinstance(found, datetime):
        return found
    if isinstance(found, date):
        return datetime.combine(found, of_day)
    sentence = _("{option}: {text} is no time such as 2026-12-01 10:00 or 01.12.2026 10:00.")
    raise UsageProblem(sentence.format(option=option, text=text))


def _to_come(found: datetime | None, here: datetime) -> datetime | None:
    """Raises UsageProblem for a day that is over: a slip in the year would send the list at once, be it at night.

    An hour of today that is just over means now.
    """
    from gateway.merge.timing import FIRST_YEAR, LAST_YEAR

    if found is None:
        return None
    if found.year > LAST_YEAR:
        raise UsageProblem(_("--send-at: {day} never comes; name a day to come.").format(day=forms.day(found.date())))
    if found.year < FIRST_YEAR or (found.astimezone(here.tzinfo) if found.tzinfo else found).date() < here.date():
        raise UsageProblem(_("--send-at: {day} is over; name a day to come.").format(day=forms.day(found.date())))
    return found


def _refuse_too_late(wished: Wishes) -> None:
    """Raises UsageProblem when no row at all could go by --not-after, whichever clock it goes by."""
    from gateway.merge.timing import utc_of

    if wished.not_after is None:
        return
    first = wished.now if wished.send_at is None else max(utc_of(wished.send_at, wished.zone), wished.now)
    room = CLOCKS_APART if wished.zone_column else timedelta()
    if utc_of(wished.not_after, wished.zone) + room <= first:
        raise UsageProblem(_("--not-after: nothing could go by then; name a later time."))


def _iso(text: str) -> datetime | None:
    """Only what has an offset: everything else a list's own dates can be."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else None
