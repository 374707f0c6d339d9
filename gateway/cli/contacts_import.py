"""`smsgw contacts import`: a list becomes contacts, after a person has seen what would change."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway import forms
from gateway.cli import show
from gateway.cli.confirming import agreed, told_when_broken_off
from gateway.cli.context import load_settings, now, opened, uncollected
from gateway.cli.options import as_json
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _, ngettext
from gateway.merge.workbook import begun_early
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.contacts.columns import Named
    from gateway.contacts.comparing import Change
    from gateway.contacts.importing import Comparison, Intention, List, Outcome
    from gateway.merge.preparing import Source
    from gateway.merge.workbook import Reader
    from gateway.settings import Settings

OF_CONSENTS = ("consent_column", "consent_source", "consent_date")  # options that mean nothing without --consent


@click.command(
    "import",
    help=_(
        "Keep the people of the list FILE (.xlsx, .xlsm, .xlsb, .xls, .ods, .csv) as contacts. Who is there already is"
        " brought up to date: new values replace old ones, empty cells erase nothing. First it shows what would change."
    ),
    epilog=show.examples(
        "smsgw contacts import patients.xlsx --key 'Card' --group cardiology --dry-run",
        "smsgw contacts import patients.xlsx --key 'Card' --consent marketing --consent-source 'paper form'"
        " --consent-date 2026-11-01",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--key", "keys", multiple=True, metavar="COLUMN", help=_("What tells persons apart: a card number."))
@click.option("--group", "groups", multiple=True, metavar="NAME", help=_("The group that all of them join."))
@click.option("--phone-column", "phone_columns", multiple=True, metavar="COLUMN", help=_("The columns of the numbers."))
@click.option("--name-column", "name_columns", multiple=True, metavar="COLUMN", help=_("The columns of the names."))
@click.option("--birth-column", metavar="COLUMN", help=_("The birth dates that ages are counted from."))
@click.option("--language-column", metavar="COLUMN", help=_("The language that each prefers."))
@click.option("--timezone-column", metavar="COLUMN", help=_("The time zone that each lives in."))
@click.option(
    "--consent", "consents", multiple=True, type=click.Choice(CATEGORIES), help=_("What they have agreed to.")
)
@click.option("--consent-column", metavar="COLUMN", help=_("Yes or no for each of them; without it all have agreed."))
@click.option("--consent-source", metavar="TEXT", default="", help=_("Where they said so, as in 'paper form'."))
@click.option(
    "--consent-date", metavar="DATE", help=_("When they said so; else now, for those who have not withdrawn.")
)
@click.option("--sheet", metavar="NAME", help=_("The sheet; else the first visible one that has cells."))
@click.option("--include-hidden", "is_hidden_included", is_flag=True, help=_("Also hidden and filtered rows."))
@click.option("--skip-bad", "is_skipping", is_flag=True, help=_("Keep the good rows although others are refused."))
@click.option("--dry-run", "is_dry_run", is_flag=True, help=_("Show what would change and write nothing."))
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@as_json
@click.pass_context
@uncollected()
def import_contacts(ctx: click.Context, /, **given: Any) -> None:
    nothing = told_when_broken_off(_("Nothing was written."))
    with ExitStack() as kept_open:
        with nothing, begun_early(given["file"], given["sheet"]) as reader:  # before all that takes time itself
            settings = load_settings(ctx)
            intention = _checked_intention(given, settings)
            connection = kept_open.enter_context(opened(settings))
            looked = _looked(connection, settings, given, reader)
        _carry_out(connection, settings, looked, intention, given)


def _checked_intention(given: dict[str, Any], settings: Settings) -> Intention:
    from gateway.contacts import importing

    intention = _intention(given, settings)
    importing.check(intention, is_of_consents=any(given[name] for name in OF_CONSENTS))
    return intention


def _looked(
    connection: sqlite3.Connection, settings: Settings, given: dict[str, Any], reader: Reader | None
) -> tuple[List, Comparison]:
    """The list, and what of it is new."""
    from gateway.contacts import importing

    found = importing.read(_source(settings, given, reader), _named(given), today(settings))
    found = importing.reachable(connection, found)
    return found, importing.compare(connection, found)


def today(settings: Settings) -> date:
    """By the clinic's clock: whose birthday it is depends on it."""
    return now().astimezone(ZoneInfo(settings.gateway.timezone)).date()


def moment_of(text: str | None, settings: Settings) -> datetime:
    """A day as people write it, or any ISO 8601 time; not in the future. Raises UsageProblem."""
    moment = now()
    if text is None:
        return moment
    at = _read_day(text, ZoneInfo(settings.gateway.timezone))
    if at is None:
        raise UsageProblem(_("“{text}” is no date: write it like 2026-11-01.").format(text=text))
    if at > moment:
        raise UsageProblem(_("“{text}” is still to come: nobody can have agreed then.").format(text=text))
    return at


def _read_day(text: str, zone: ZoneInfo) -> datetime | None:
    from gateway.merge.dates import as_date, text_moment
    from gateway.queue import times

    day = as_date(text_moment(text.strip()))
    try:
        return times.read(text if day is None else day.isoformat(), zone)
    except ValueError:
        return None


def _intention(given: dict[str, Any], settings: Settings) -> Intention:
    from gateway.contacts.importing import Intention

    at = moment_of(given["consent_date"], settings) if given["consent_date"] is not None else None
    return Intention(given["groups"], tuple(dict.fromkeys(given["consents"])), given["consent_source"].strip(), at)


def _named(given: dict[str, Any]) -> Named:
    from gateway.contacts.columns import Named

    single = (given[f"{name}_column"] for name in ("birth", "language", "timezone", "consent"))
    return Named(given["keys"], given["name_columns"], *single)


def _source(settings: Settings, given: dict[str, Any], reader: Reader | None) -> Source:
    from gateway.merge.preparing import Source

    gateway = settings.gateway
    named = {name: given[name] for name in ("sheet", "phone_columns", "is_hidden_included")}
    return Source(given["file"], gateway.country, short_codes=gateway.short_codes, reader=reader, **named)


def _carry_out(
    connection: sqlite3.Connection,
    settings: Settings,
    looked: tuple[List, Comparison],
    intention: Intention,
    given: dict[str, Any],
) -> None:
    from rich.console import Console

    from gateway.contacts import importing, report, store
    from gateway.settings.rules import intake_rules

    found, compared = looked
    changes = compared.changes
    shared = store.count_shared(connection, changes)
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    report.print_summary(console, found, changes, intention, shared)
    problem = _why_not(found, changes, given)
    outcome = None
    if problem is None and not given["is_dry_run"]:
        with told_when_broken_off(_("Broken off: `smsgw contacts list` shows whether the list was written.")):
            outcome = importing.keep(connection, found, compared, intention, intake_rules(settings), now())
    _tell(found, changes, outcome, given)
    if problem is not None:
        raise GatewayError(problem)


def _why_not(found: List, changes: Sequence[Change], given: dict[str, Any]) -> str | None:
    """Why nothing may be written; the last question is the person's to answer."""
    if given["is_dry_run"]:
        return None
    refused = len(found.gathered.refused)
    if refused and not given["is_skipping"]:
        sentence = ngettext(
            "Nothing was written: {count} row is refused. Correct it, or add --skip-bad to leave it out.",
            "Nothing was written: {count} rows are refused. Correct them, or add --skip-bad to leave them out.",
            refused,
        )
        return sentence.format(count=forms.whole(refused))
    if not changes:
        return _("Nothing was written: the list has nobody who can be a contact.")
    return None if given["is_yes"] else _answer(len(changes))


def _answer(count: int) -> str | None:
    if not sys.stdin.isatty():
        return _("Nothing was written: there is no terminal to ask at. Add --yes.")
    question = ngettext("Keep {count} contact so?", "Keep {count} contacts so?", count)
    return None if agreed(question.format(count=forms.whole(count))) else _("Nothing was written.")


def _tell(found: List, changes: Sequence[Change], outcome: Outcome | None, given: dict[str, Any]) -> None:
    from gateway.contacts import report

    if outcome is not None:
        sentence = _("Written: {new} new, {changed} changed, {same} the same. `smsgw contacts list` shows them.")
        show.say("\n" + sentence.format(**{fate: forms.whole(count) for fate, count in outcome.counts.items()}))
    elif given["is_dry_run"]:
        show.say("\n" + _("Nothing was written: this was a dry run."))
    if given["is_json"]:
        show.as_json(report.document(found, changes, outcome))
