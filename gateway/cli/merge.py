"""`smsgw import`: a list and a template become messages, after a person has seen what would be sent."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json
from gateway.cli.send import check
from gateway.cli.template_choice import finish, text_options, texts
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    import sqlite3

    from rich.console import Console

    from gateway.merge.choosing import Texts
    from gateway.merge.finishing import Finish
    from gateway.merge.plan import Plan, Planned
    from gateway.merge.preparing import Advance, Prepared, Source
    from gateway.queue.adding import NewMessage
    from gateway.settings import Settings

EVERY_ROWS = 500  # between two movements of the progress bar


@dataclass(frozen=True, slots=True)
class Choices:
    """The options of the command that concern what is done with the plan."""

    is_dry_run: bool
    is_yes: bool
    is_skipping: bool
    is_again: bool
    is_json: bool
    fields: dict[str, Any]  # of every message: category, sender, not_before


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said."""

    texts: Texts
    finish: Finish


@click.command(
    "import",
    help=_(
        "Queue one personal text for each row of the list FILE (.xlsx, .xlsb, .xls, .ods, .csv). The headings of the"
        " list are the placeholders: {Name}, {Date:%d.%m}, {Name|patient} for an empty cell, {?Room: in room {Room}}"
        " where there is a room. First it shows what it would do."
    ),
    epilog=show.examples(
        "smsgw import list.xlsx --template 'Dear {Name}, see you on {Date:%d.%m} at {Time:%H:%M}' --dry-run",
        "smsgw import list.xlsx --template-file text.txt --skip-bad --yes",
        "smsgw import list.xlsx --template-name reminder --plain-punctuation --dry-run",
        "smsgw import list.xls --sheet 'Monday' --phone-column 'Mobile' --template 'Dear {Name|patient}, …'",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@text_options
@click.option("--sheet", metavar="NAME", help=_("The sheet; else the first visible one that has cells."))
@click.option(
    "--phone-column",
    "phone_columns",
    multiple=True,
    metavar="NAME",
    help=_("The column of the numbers, several times for several; else the one that looks most like it."),
)
@click.option(
    "--phones",
    type=click.Choice(["first", "mobile", "all"]),
    default="first",
    show_default=True,
    help=_("Of several numbers in a row the first mobile one, every mobile one, or all, and all must be good."),
)
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Default priority and expiry; else notification."))
@click.option("--sender", metavar="NAME", help=_("The configured carrier that must send them."))
@click.option("--not-before", metavar="TIME", help=_("ISO 8601, in the clinic's time zone unless it has an offset."))
@click.option("--dry-run", "is_dry_run", is_flag=True, help=_("Show what would happen and queue nothing."))
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@click.option("--skip-bad", "is_skipping", is_flag=True, help=_("Queue the good rows although others are refused."))
@click.option("--again", "is_again", is_flag=True, help=_("Also what an earlier import has queued already."))
@click.option("--include-hidden", "is_hidden_included", is_flag=True, help=_("Also hidden and filtered rows."))
@as_json
@click.pass_context
def import_list(ctx: click.Context, /, **given: Any) -> None:
    settings = load_settings(ctx)
    source, wanted = _source(settings, given), texts(settings, given)
    fields = {name: given[name] for name in ("category", "sender", "not_before")}
    flags = {name: given[name] for name in Choices.__slots__ if name != "fields"}
    if wanted is None:
        _refuse_without_template(source)
    else:
        _carry_out(settings, source, Wanted(wanted, finish(settings, given)), Choices(**flags, fields=fields))


def _refuse_without_template(source: Source) -> NoReturn:
    from gateway.merge import preparing

    raise preparing.refuse_without_template(source)


def _source(settings: Settings, given: dict[str, Any]) -> Source:
    from gateway.merge.preparing import Source
    from gateway.merge.recipients import Choice

    gateway = settings.gateway
    named = {name: given[name] for name in ("sheet", "phone_columns", "is_hidden_included")}
    phones = Choice(given["phones"])
    return Source(given["file"], gateway.country, short_codes=gateway.short_codes, phones=phones, **named)


def _carry_out(settings: Settings, source: Source, wanted: Wanted, choices: Choices) -> None:
    from gateway.merge import preparing, report

    console = _console()
    with _progress(console) as advance:
        prepared = preparing.prepare(source, wanted.texts, advance, wanted.finish)
    with _outbox(settings, choices) as connection:
        known = _known(connection, prepared.plan, choices)
        report.print_summary(console, prepared, known)
        problem = _why_not(prepared.plan, known, settings, choices)
        queued = 0
        if connection is not None and problem is None and not choices.is_dry_run:
            queued, known = _queue(connection, prepared.plan, choices)
    _tell(prepared, queued, known, choices)
    if problem is not None and not choices.is_dry_run:
        raise GatewayError(problem)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def _progress(console: Console) -> Iterator[Advance]:
    """A bar on a terminal; nothing elsewhere."""
    from rich.progress import Progress

    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Reading"), total=None)

        def advance(row: int, rows: int) -> None:
            if row % EVERY_ROWS == 0:
                progress.update(task, completed=row, total=rows or None)

        yield advance


@contextmanager
def _outbox(settings: Settings, choices: Choices) -> Iterator[sqlite3.Connection | None]:
    """The database; a dry run does without when there is none yet."""
    if choices.is_dry_run and not settings.gateway.database.exists():
        yield None
    else:
        with opened(settings) as connection:
            yield connection


def _known(connection: sqlite3.Connection | None, plan: Plan, choices: Choices) -> int:
    from gateway.merge.earlier import count_known
    from gateway.merge.plan import key_of

    if connection is None or choices.is_again:
        return 0
    return count_known(connection, (key_of(message) for message in plan.messages))


def _why_not(plan: Plan, known: int, settings: Settings, choices: Choices) -> str | None:
    """Why nothing may be queued; the last question, when there is anything new, is the person's to answer."""
    if choices.is_dry_run:
        return None
    if plan.bad and not choices.is_skipping:
        sentence = ngettext(
            "Nothing was queued: {count} row is refused. Correct it, or add --skip-bad to leave it out.",
            "Nothing was queued: {count} rows are refused. Correct them, or add --skip-bad to leave them out.",
            len(plan.bad),
        )
        return sentence.format(count=len(plan.bad))
    if not plan.messages:
        return _("Nothing was queued: no row of the list can be sent.")
    check(settings, _new(plan.messages[0], choices, ""), now())
    new = len(plan.messages) - known
    if choices.is_yes or not new:
        return None
    if not sys.stdin.isatty():
        return _("Nothing was queued: there is no terminal to ask at. Add --yes.")
    return None if _agreed(new) else _("Nothing was queued.")


def _agreed(count: int) -> bool:
    """Ctrl-C and Ctrl-D are a no."""
    question = ngettext("Queue {count} message?", "Queue {count} messages?", count)
    try:
        return click.confirm(question.format(count=count), err=True)
    except click.Abort:
        show.say("")
        return False


def _new(message: Planned, choices: Choices, run: str) -> NewMessage:
    from gateway.merge.plan import key_of
    from gateway.queue.adding import NewMessage

    return NewMessage(message.msisdn, message.body, **choices.fields, external_id=key_of(message, run))


def _queue(connection: sqlite3.Connection, plan: Plan, choices: Choices) -> tuple[int, int]:
    """All in one transaction: how many were queued, and how many were there already."""
    from gateway.queue.adding import add

    moment = now()
    run = moment.isoformat() if choices.is_again else ""
    result = add(connection, (_new(message, choices, run) for message in plan.messages), moment)
    return result.queued, result.known


def _tell(prepared: Prepared, queued: int, known: int, choices: Choices) -> None:
    from gateway.merge import report

    if choices.is_dry_run:
        show.say("\n" + _("Nothing was queued: this was a dry run."))
    elif queued or known:
        sentence = ngettext("{count} message is queued.", "{count} messages are queued.", queued)
        show.say("\n" + sentence.format(count=queued))
    if choices.is_json:
        show.as_json(report.document(prepared, queued, known))
