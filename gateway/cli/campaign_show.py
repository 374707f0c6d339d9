"""How campaigns are shown: a line each, or one with its counts, its pace and the time left."""

from __future__ import annotations

import shlex
import sqlite3
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from gateway import forms
from gateway.cli import idle, show
from gateway.cli.context import now
from gateway.i18n import _, ngettext
from gateway.merge.plan import HARMLESS, HIDDEN
from gateway.queue import campaigns, overview
from gateway.queue.overview import Campaign, Pace
from gateway.queue.states import State
from gateway.report.verdicts import LEFT_OUT, VERDICTS
from gateway.retelling import retold
from gateway.settings import Settings

HEADINGS = (_("name"), _("state"), _("messages"), _("out"), _("waiting"), _("failed"), _("made"), _("by"))
SPARE = (_("by"), _("made"), _("failed"))
BAD = (State.FAILED, State.UNDELIVERED, State.REJECTED, State.EXPIRED)
MOST_CODES = 8
STAGES: dict[str, str] = {
    campaigns.Stage.DRAFT: _("draft"),
    campaigns.Stage.RUNNING: _("running"),
    campaigns.Stage.PAUSED: _("paused"),
    campaigns.Stage.CANCELLED: _("cancelled"),
    overview.DONE: _("done"),
}
WAITS: dict[str, str] = {
    campaigns.Stage.DRAFT: _("It waits as a draft: `smsgw campaign resume` lets it go."),
    campaigns.Stage.PAUSED: _("It is paused: `smsgw campaign resume` lets it go on."),
}


def print_list(found: Sequence[Campaign], settings: Settings) -> None:
    show.table(HEADINGS, [_line(each, settings) for each in found], long=HEADINGS[:1], spare=SPARE)


def _line(each: Campaign, settings: Settings) -> tuple[object, ...]:
    bad = sum(each.counts[state] for state in BAD)
    counts = [_count(number) for number in (each.row["messages"], _out(each), each.waiting or None, bad or None)]
    made = show.read_at(each.row["created_at"], settings)
    return each.row["name"], STAGES[each.stage], *counts, made, each.row["created_by"]


def _count(number: int | None) -> str | None:
    return None if number is None else forms.whole(number)


def _out(each: Campaign) -> int:
    """Messages that the network has taken."""
    return sum(each.counts[state] for state in (State.SENT, State.DELIVERED, State.UNDELIVERED))


def document(connection: sqlite3.Connection, name: str, settings: Settings) -> dict[str, Any]:
    """Everything of one, for programs."""
    found, moment = overview.one(connection, campaigns.find(connection, name).id), now()
    pace = overview.pace(connection, found, moment)
    left_s = pace.time_left_s(moment) if _is_going(found) and not idle.why(connection, settings, moment) else None
    return found.document() | {
        "options": overview.options_of(found),
        "waiting": found.waiting,
        "sms_left": pace.sms_left,
        "sms_per_minute": round(pace.per_minute, 2),
        "time_left_s": None if left_s is None else round(left_s, 1),
        "list_rows": overview.rows(connection, found.id),
    }


def print_one(connection: sqlite3.Connection, name: str, settings: Settings) -> None:
    found, moment = overview.one(connection, campaigns.find(connection, name).id), now()
    show.facts(_facts(found, settings))
    click.echo()
    show.facts((VERDICTS[state].word, _count(count)) for state, count in found.counts.items() if count)
    show.facts([(_("removed by retention"), _count(found.removed or None))])
    nothing_goes = _why_not(connection, found, settings, moment)
    progress = _progress(found, overview.pace(connection, found, moment), nothing_goes, moment, settings)
    for lines in (progress, _about_rows(overview.rows(connection, found.id))):
        for line in ("", *lines) if lines else ():
            click.echo(show.broken(line, sys.stdout))


def _facts(found: Campaign, settings: Settings) -> list[tuple[str, object]]:
    row = found.row
    changed = show.read_at(row["changed_at"], settings) if row["changed_at"] != row["created_at"] else None
    return [
        (_("campaign"), row["name"]),
        (_("state"), STAGES[found.stage]),
        (_("since"), changed and f"{changed} {row['changed_by']}"),
        (_("made"), f"{show.read_at(row['created_at'], settings)} {row['created_by']}"),
        (_("list"), row["file"]),
        (_("sheet"), row["sheet"]),
        (_("text"), row["template"]),
        (_("messages"), _count(row["messages"])),
        (_("SMS"), _count(row["sms"])),
    ]


def prospects(connection: sqlite3.Connection, campaign: int, settings: Settings) -> list[str]:
    """What keeps the messages of one that was just let go."""
    found, moment = overview.one(connection, campaign), now()
    nothing_goes = _why_not(connection, found, settings, moment)
    due = _due(overview.pace(connection, found, moment), moment, settings)
    return [nothing_goes, *due] if nothing_goes else due


def _is_going(found: Campaign) -> bool:
    return found.stage == campaigns.Stage.RUNNING


def _why_not(connection: sqlite3.Connection, found: Campaign, settings: Settings, moment: datetime) -> str | None:
    """Why nothing goes out of it; also of one that was stopped when a carrier had a message of it in hand."""
    if _is_going(found):
        return idle.why(connection, settings, moment)
    return idle.why(connection, settings, moment, idle.OF_ONE_IN_HAND) if found.counts[State.SENDING] else None


def _progress(found: Campaign, pace: Pace, nothing_goes: str | None, moment: datetime, settings: Settings) -> list[str]:
    """How far it is, how fast it goes and until when, or why nothing goes."""
    total = int(found.row["messages"])
    settled = total - sum(found.counts[state] for state in overview.OPEN)
    sentence = _("{settled} of {total} messages are through ({share}).")
    share = forms.percent(100 * settled // total if total else 100)
    told = sentence.format(settled=forms.whole(settled), total=forms.whole(total), share=share)
    lines = [] if found.stage == campaigns.Stage.CANCELLED else [told]  # what was taken back is through in no sense
    lines += waits(found)
    due = _due(pace, moment, settings)
    if nothing_goes and (pace.sms_left or found.counts[State.SENDING]):
        lines.append(nothing_goes)
    elif pace.sms_left and _is_going(found) and (pace.per_minute or not due):
        lines.append(_rate(pace, moment, settings))
    return lines + due


def waits(found: Campaign) -> list[str]:
    """For a person's word."""
    stopped = [WAITS[found.stage]] if found.stage in WAITS else []
    held = found.counts[State.HELD]
    return [*stopped, _held(held, shlex.quote(found.row["name"]))] if held else stopped


def _held(count: int, name: str) -> str:
    sentence = ngettext(
        "{count} is on hold, `smsgw outbox list --state held` says why: `smsgw outbox release --campaign {name}` lets"
        " it go.",
        "{count} are on hold, `smsgw outbox list --state held` says why: `smsgw outbox release --campaign {name}` lets"
        " them go.",
        count,
    )
    return sentence.format(count=forms.whole(count), name=name)


def _due(pace: Pace, moment: datetime, settings: Settings) -> list[str]:
    """Until when it waits for its time anyway."""
    if pace.last_due_at is None or pace.last_due_at <= moment:
        return []
    until = forms.moment(pace.last_due_at, ZoneInfo(settings.gateway.timezone))
    return [_("The last message is due at {time}.").format(time=until)]


def _rate(pace: Pace, moment: datetime, settings: Settings) -> str:
    left_s = pace.time_left_s(moment)
    if left_s is None:
        return ngettext(
            "{count} SMS is left; none went out in the last minutes.",
            "{count} SMS are left; none went out in the last minutes.",
            pace.sms_left,
        ).format(count=forms.whole(pace.sms_left))
    sentence = ngettext(
        "{count} SMS is left: {rate} a minute, at this rate until {time}, in {left}.",
        "{count} SMS are left: {rate} a minute, at this rate until {time}, in {left}.",
        pace.sms_left,
    )
    until = forms.moment(moment + timedelta(seconds=left_s), ZoneInfo(settings.gateway.timezone))
    rate = forms.decimal(pace.per_minute, 1)
    return sentence.format(count=forms.whole(pace.sms_left), rate=rate, time=until, left=span(left_s))


def span(seconds: float) -> str:
    """`2 h 05 min`, `3 min`; less than a minute is one."""
    minutes = max(1, round(seconds / 60))
    hours, rest = divmod(minutes, 60)
    if hours:
        return _("{hours} h {minutes:02} min").format(hours=hours, minutes=rest)
    return _("{minutes} min").format(minutes=minutes)


def _about_rows(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Of the list's rows that became no message, how many for which reason."""
    several: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        several.setdefault((_word(row["verdict"], row["code"]), row["code"]), []).append(row)
    if not several:
        return []
    lines = [
        f"    {word} ({code}): {forms.whole(len(each))}. {_reason(each)}"
        for (word, code), each in [*several.items()][:MOST_CODES]
    ]
    return [_("Rows of the list that were refused, left out, known or doubtful; --json has them all:"), *lines]


def _reason(rows: Sequence[dict[str, Any]]) -> str:
    first = str(rows[0]["reason"])
    told = retold(first)
    if all(row["reason"] == first for row in rows):
        return told
    return _("In the first of them: {reason}").format(reason=told)


def _word(verdict: str, code: str) -> str:
    """As the report says it: a row that is left out has nothing to be mended."""
    if code == HIDDEN or (verdict != "warning" and code in HARMLESS):  # else it was pointed out, and went
        return VERDICTS[LEFT_OUT].word
    return _("doubtful") if verdict == "warning" else VERDICTS[verdict].word
