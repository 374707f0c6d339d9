"""`smsgw import`: a list and a template become messages, after a person has seen what would be sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from gateway.cli import import_history, import_queue, import_times, show
from gateway.cli.context import load_settings, now, opened
from gateway.cli.import_queue import Choices, Proposal
from gateway.cli.import_times import time_options, wishes
from gateway.cli.options import as_json
from gateway.cli.send import check_sender
from gateway.cli.template_choice import finish, text_options, texts
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    import sqlite3

    from rich.console import Console

    from gateway.merge.choosing import Texts
    from gateway.merge.finishing import Finish
    from gateway.merge.preparing import Advance, Prepared, Source
    from gateway.merge.timing import Wishes
    from gateway.settings import Settings

EVERY_ROWS = 500  # between two movements of the progress bar
# Options that are kept with the campaign: by them the list can be read once more as it was.
KEPT = (
    *("sheet", "phone_columns", "phones", "is_hidden_included", "category", "sender", "not_before"),
    *("template_name", "template_column", "is_plain", "is_latin", "is_skipping", "is_again"),
    *import_times.NAMES,
    *("unwanted", "lookback"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said."""

    texts: Texts
    finish: Finish
    wishes: Wishes | None  # when it is to go


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from: a file, or what people keep (contacts)."""

    title: str  # what the campaign is called, unless a person says it
    prepare: Callable[[Wanted, Advance], Prepared]
    file: Path | None = None


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
@click.option(
    "--sender", metavar="NAME", help=_("A sender's name that a bind has, or the carrier that must send them.")
)
@click.option("--not-before", metavar="TIME", help=_("ISO 8601, in the clinic's time zone unless it has an offset."))
@time_options
@click.option("--dry-run", "is_dry_run", is_flag=True, help=_("Show what would happen and queue nothing."))
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@click.option("--skip-bad", "is_skipping", is_flag=True, help=_("Queue the good rows although others are refused."))
@click.option("--again", "is_again", is_flag=True, help=_("Also what an earlier import has queued already."))
@click.option("--include-hidden", "is_hidden_included", is_flag=True, help=_("Also hidden and filtered rows."))
@click.option(
    "--leave-out",
    "unwanted",
    multiple=True,
    type=click.Choice(list(import_history.CODES)),
    help=_("Numbers that another campaign wrote to lately, has a message waiting for, or that were not reached."),
)
@click.option("--lookback", metavar="SPAN", help=_("How long ago is lately: '7 days'; else as configured."))
@click.option("--name", metavar="NAME", help=_("What the campaign is called; else as the file is."))
@as_json
@click.pass_context
def import_list(ctx: click.Context, /, **given: Any) -> None:
    settings = load_settings(ctx)
    check_sender(settings, given["sender"])
    source, wanted = _source(settings, given), texts(settings, given)
    if wanted is None:
        _refuse_without_template(source)
    times = wishes(settings, given, now())
    carry_out(settings, _of_file(source), Wanted(wanted, finish(settings, given), times), given)


def _of_file(source: Source) -> Origin:
    from gateway.merge import preparing

    def prepare(wanted: Wanted, advance: Advance) -> Prepared:
        return preparing.prepare(source, wanted.texts, advance, wanted.finish, wanted.wishes)

    return Origin(source.path.stem, prepare, source.path)


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


def carry_out(settings: Settings, origin: Origin, wanted: Wanted, given: dict[str, Any]) -> None:
    """From the rows to the queue: the plan, what a person is shown of it, the question, the one transaction."""
    console, stamp, choices = _console(), import_queue.stamp_of(origin.file), _choices(given)
    with _progress(console) as advance:
        prepared = origin.prepare(wanted, advance)
    with _outbox(settings, choices) as connection:
        proposal = _proposal(connection, prepared, origin, stamp, wanted, given)
        proposal = import_history.told(connection, proposal, settings, given)
        proposal = _with_outlook(connection, proposal, settings, given)
        _show(console, proposal)
        problem = import_queue.why_not(proposal, settings, choices)
        queued = 0
        if connection is not None and problem is None and proposal.messages and not choices.is_dry_run:
            queued = import_queue.queue(connection, proposal, choices)
    _tell(proposal, queued, choices)
    if problem is not None and not choices.is_dry_run:
        raise GatewayError(problem)


def _choices(given: dict[str, Any]) -> Choices:
    fields = {name: given[name] for name in ("category", "sender", "not_before")}
    return Choices(**{name: given[name] for name in Choices.__slots__ if name != "fields"}, fields=fields)


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


def _proposal(
    connection: sqlite3.Connection | None,
    prepared: Prepared,
    origin: Origin,
    stamp: tuple[int, int],
    wanted: Wanted,
    given: dict[str, Any],
) -> Proposal:
    from gateway.merge.plan import key_of

    run = now().isoformat() if given["is_again"] else ""
    keyed = [(message, key_of(message, run)) for message in prepared.plan.messages]
    known = _known(connection, [key for _message, key in keyed])
    new = [(message, key) for message, key in keyed if key not in known]
    return Proposal(
        prepared,
        _name(connection, origin.title, given["name"], is_new=bool(new)),
        origin.file,
        stamp,
        {name: given[name] for name in KEPT if given[name]},
        wanted.texts.default or "",
        tuple(new),
        tuple(message for message, key in keyed if key in known),
    )


def _known(connection: sqlite3.Connection | None, keys: list[str]) -> frozenset[str]:
    from gateway.merge.earlier import known_keys

    return frozenset() if connection is None else known_keys(connection, keys)


def _name(connection: sqlite3.Connection | None, title: str, given: str | None, *, is_new: bool) -> str:
    """The one that was given, else the title, with a number where there is one of that name. Raises UsageProblem."""
    from gateway.queue import campaigns

    if given is None:
        return campaigns.free_name(connection, title)
    campaigns.check_name(given)
    if connection is not None and is_new:
        campaigns.refuse_known(connection, given)
    return given


def _with_outlook(
    connection: sqlite3.Connection | None, proposal: Proposal, settings: Settings, given: dict[str, Any]
) -> Proposal:
    """With what is said of times, SIMs and cost."""
    from zoneinfo import ZoneInfo

    from gateway.cli import import_estimate
    from gateway.merge import schedule

    lines = schedule.lines(proposal.prepared.plan, ZoneInfo(settings.gateway.timezone))
    outlook = None if connection is None else import_estimate.look(connection, proposal, settings, given, now())
    lines += import_estimate.lines(outlook, settings) if outlook else []
    return replace(proposal, lines=tuple(lines), estimate=import_estimate.document(outlook))


def _show(console: Console, proposal: Proposal) -> None:
    from gateway.merge import report

    report.print_summary(console, proposal.prepared, len(proposal.known), proposal.lines)


def _tell(proposal: Proposal, queued: int, choices: Choices) -> None:
    from gateway.merge import report

    known = len(proposal.prepared.plan.messages) - queued if queued else len(proposal.known)
    if choices.is_dry_run:
        show.say("\n" + _("Nothing was queued: this was a dry run."))
    elif queued:
        sentence = ngettext("{count} message is queued.", "{count} messages are queued.", queued)
        show.say("\n" + sentence.format(count=queued))
    elif known:
        show.say("\n" + _("Nothing was queued: an earlier import has queued all of it. --again sends it once more."))
    if queued:
        sentence = _("This is campaign “{name}”: `smsgw campaign show` and `smsgw campaign pause` take that name.")
        show.say(sentence.format(name=proposal.name))
    if choices.is_json:
        campaign = proposal.name if queued or choices.is_dry_run else None
        others = {"campaign": campaign, "estimate": proposal.estimate}
        show.as_json(report.document(proposal.prepared, queued, known) | others)
