"""One import, from the rows to the queue: read, shown, asked about, queued, told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gateway import forms
from gateway.cli import import_proposal, import_queue, import_sample, show
from gateway.cli.confirming import told_when_broken_off
from gateway.cli.context import now, opened, uncollected
from gateway.cli.import_proposal import Found, Origin, Proposal, Wanted
from gateway.cli.import_queue import Choices
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    import sqlite3

    from rich.console import Console

    from gateway.settings import Settings

LATER = (
    *("gateway.cli.import_consent", "gateway.cli.import_fit", "gateway.cli.import_estimate"),
    *("gateway.merge.leaving_out", "gateway.merge.report", "gateway.queue.campaigns"),
)


@uncollected()
def carry_out(settings: Settings, origin: Origin, wanted: Wanted, given: dict[str, Any]) -> None:
    """From the rows to the queue: the plan, what a person is shown of it, the question, the one transaction."""
    console, choices = _console(), _choices(given)
    with told_when_broken_off(_("Nothing was queued.")):
        found = _found(settings, origin, wanted, given, console)
    with _outbox(settings, choices) as connection:
        with told_when_broken_off(_("Nothing was queued.")):
            proposal = import_proposal.made(connection, found, wanted, settings, given)
            del found  # what was asked ahead
            _show(console, proposal)
        samples = import_sample.messages(proposal, settings, choices, given)
        problem = import_queue.why_not(proposal, settings, choices)
        queued, shown = 0, proposal
        if connection is not None and problem is None and proposal.messages and not choices.is_dry_run:
            with told_when_broken_off(_("Broken off: `smsgw campaign list` shows whether the list was queued.")):
                proposal, queued = import_queue.queue(connection, proposal, settings, choices, samples)
            _tell_withdrawn(len(shown.messages) - len(proposal.messages), proposal)
        _tell(proposal, queued, choices)
        if connection is not None and queued and samples:
            import_sample.ask_and_begin(connection, settings, proposal, len(samples), choices)
        elif connection is not None and queued:
            _tell_idle(connection, settings)
    if problem is not None and not choices.is_dry_run:
        raise GatewayError(problem)


def _found(settings: Settings, origin: Origin, wanted: Wanted, given: dict[str, Any], console: Console) -> Found:
    """The rows, looked at; modules that come after them are loaded while the first ones are awaited."""
    from gateway.cli import import_ahead, import_history, import_reading

    for name in LATER:
        import_module(name)
    asked, run = import_history.asked(settings, given), import_proposal.run_of(given)
    with import_ahead.looking_ahead(settings, asked, run) as ahead, import_reading.reading(console, ahead) as advance:
        prepared = origin.prepare(wanted, advance)
        return Found(origin, prepared, ahead.looked(prepared.plan.messages))


def _choices(given: dict[str, Any]) -> Choices:
    fields = {name: given[name] for name in ("category", "sender", "not_before")}
    return Choices(**{name: given[name] for name in Choices.__slots__ if name != "fields"}, fields=fields)


def _console() -> Console:
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def _outbox(settings: Settings, choices: Choices) -> Iterator[sqlite3.Connection | None]:
    """The database; a dry run does without when there is none yet."""
    if choices.is_dry_run and not settings.gateway.database.exists():
        yield None
    else:
        with opened(settings) as connection:
            yield connection


def _show(console: Console, proposal: Proposal) -> None:
    from gateway.merge import report

    report.print_summary(console, proposal.prepared, len(proposal.known), proposal.lines)


def _tell_withdrawn(count: int, proposal: Proposal) -> None:
    """While the question was asked."""
    if count:
        sentence = ngettext(
            "{count} is left out for not having agreed, or wanting no more.",
            "{count} are left out for not having agreed, or wanting no more.",
            count,
        )
        show.say("\n" + sentence.format(count=forms.whole(count)))
    if not proposal.prepared.plan.messages:
        show.say(_("Nothing was queued: no row of the list can be sent."))


def _tell_idle(connection: sqlite3.Connection, settings: Settings) -> None:
    from gateway.cli import idle

    if reason := idle.why(connection, settings, now()):
        show.say(reason)


def _tell(proposal: Proposal, queued: int, choices: Choices) -> None:
    from gateway.merge import over, report

    known = len(proposal.prepared.plan.messages) - queued if queued else len(proposal.known)
    if choices.is_dry_run:
        show.say("\n" + _("Nothing was queued: this was a dry run."))
    elif queued:
        sentence = ngettext("{count} message is queued.", "{count} messages are queued.", queued)
        show.say("\n" + sentence.format(count=forms.whole(queued)))
    elif known and known >= len(proposal.prepared.plan.messages):
        show.say("\n" + _("Nothing was queued: an earlier import has queued all of it. --again sends it once more."))
    if queued:
        sentence = _("This is campaign “{name}”: `smsgw campaign show` and `smsgw campaign pause` take that name.")
        show.say(sentence.format(name=proposal.name))
    if choices.is_json:
        campaign = proposal.name if queued or choices.is_dry_run else None
        others = {"campaign": campaign, "estimate": proposal.estimate, "days_over": over.document(proposal.over)}
        show.as_json(report.document(proposal.prepared, queued, known) | others)
