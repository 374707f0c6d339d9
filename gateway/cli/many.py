"""Decisions about many messages at once: which they are, how many, a question, and then some at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from gateway import forms
from gateway.cli import show
from gateway.cli.confirming import agreed
from gateway.cli.context import WHOLE, now, opened
from gateway.cli.near import check_code
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _, ngettext
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    import sqlite3

    from gateway.queue.clearing import Choice, Group
    from gateway.queue.states import State
    from gateway.settings import Settings

    Doing = Callable[[sqlite3.Connection, Choice, int, datetime], Iterator[int]]

LONGEST_SAMPLE = 60  # characters of a message that are shown


@dataclass(frozen=True, slots=True)
class Filters:
    """What the options say; `is_all` names no filter on purpose."""

    is_all: bool = False
    category: str | None = None
    code: str | None = None
    older_than: float | None = None  # seconds
    newer_than: float | None = None
    campaign: str | None = None
    is_yes: bool = False

    @property
    def are_given(self) -> bool:
        filters = (self.category, self.code, self.older_than, self.newer_than, self.campaign)
        return self.is_all or any(each is not None for each in filters)


def _duration(_ctx: click.Context, _option: click.Parameter, text: str | None) -> float | None:
    from gateway.settings.duration import seconds

    try:
        return None if text is None else seconds(float(text) if text.strip().isdigit() else text)
    except ValueError:
        raise click.BadParameter(_('Write it as "10 min", "2 h" or "3 days".')) from None


FILTERS = (
    click.option("--category", type=click.Choice(CATEGORIES), help=_("Only those of this category.")),
    click.option("--code", metavar="CODE", help=_("Only those with this error_code, such as backlog.")),
    click.option("--older-than", metavar="TIME", callback=_duration, help=_("Only those written longer ago: '2 h'.")),
    click.option("--newer-than", metavar="TIME", callback=_duration, help=_("Only those written since: '2 h'.")),
    click.option("--campaign", metavar="NAME", help=_("Only those of this campaign.")),
)
OPTIONS = (
    click.option("--all", "is_all", is_flag=True, help=_("All that can be.")),
    *FILTERS,
    click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask.")),
)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The filters, as options of a command that also takes ids."""
    return click.argument("ids", metavar="[ID]...", type=WHOLE, nargs=-1)(_with(OPTIONS, command))


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The filters alone, for a command that only shows."""
    return _with(FILTERS, command)


def _with(options: Sequence[Callable[..., Any]], command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(options):
        command = option(command)
    return command


def filters(ids: Sequence[int], given: dict[str, Any]) -> Filters | None:
    """None when ids are named; UsageProblem when nothing is, or both."""
    made = Filters(**given)
    if ids and made.are_given:
        raise UsageProblem(_("Name messages by their ids or by what they share, not both."))
    if not ids and not made.are_given:
        raise UsageProblem(
            _("Say which messages: their ids, --all, or one of --category, --code, --campaign and their age.")
        )
    return None if ids else made


def decide(
    settings: Settings, doing: Doing, states: Sequence[State], made: Filters, words: Callable[[int], str]
) -> None:
    """Show what is chosen, ask, do it, and say how many it were; `words` is the sentence for so many."""
    from gateway.queue import clearing

    moment = now()
    ages = ago(moment, made.older_than), ago(moment, made.newer_than)
    with opened(settings) as connection:
        check_code(connection, made.code)
        choice = clearing.Choice(states, made.category, made.code, *ages, campaign_id(connection, made.campaign))
        groups = clearing.look(connection, choice)
        if not groups:
            show.say(_("No message fits."))
            return
        for each in groups:
            _show(connection, each, settings)
        _ask(sum(group.count for group in groups), made)
        done = sum(doing(connection, choice, max(group.last_id for group in groups), moment))
    show.say(words(done))


def campaign_id(connection: sqlite3.Connection, name: str | None) -> int | None:
    """Raises GatewayError, with the nearest name that there is."""
    from gateway.queue import campaigns

    return None if name is None else campaigns.find(connection, name).id


def ago(moment: datetime, span_s: float | None) -> datetime | None:
    """So many seconds before."""
    return None if span_s is None else moment - timedelta(seconds=span_s)


def _show(connection: sqlite3.Connection, group: Group, settings: Settings) -> None:
    """How many, how old, and the newest of them."""
    from gateway.queue import views

    line = _("{count}: {state}, {category}, reason {code}; {sms} SMS; written {oldest} to {newest}")
    if group.examined < group.count:
        line = _("{count}: {state}, {category}, reason {code}; at least {sms} SMS; written {oldest} to {newest}")
    words = {"state": group.state, "category": group.category, "code": group.code or "-"}
    count, sms = forms.whole(group.count), forms.whole(group.sms)
    oldest, newest = (show.read_at(at, settings) for at in (group.oldest_at, group.newest_at))
    show.say(line.format(**words, count=count, sms=sms, oldest=oldest, newest=newest))
    sample = views.message(connection, group.last_id)
    if sample is not None:
        _show_sample(sample)


def _show_sample(message: dict[str, Any]) -> None:
    number, text = (_cut(show.shown(value)) for value in (message["msisdn"] or message["recipient"], message["body"]))
    show.say(_("    such as {id} to {number}: {text}").format(id=message["id"], number=number, text=text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_SAMPLE else text[: LONGEST_SAMPLE - 1] + "…"


def _ask(count: int, made: Filters) -> None:
    if made.is_yes:
        return
    if not sys.stdin.isatty():
        raise GatewayError(_("Nothing was changed: there is no terminal to ask at. Add --yes."))
    question = ngettext("This one message?", "These {count} messages?", count).format(count=forms.whole(count))
    if not agreed(question):
        raise GatewayError(_("Nothing was changed."))
