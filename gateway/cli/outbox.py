"""`smsgw outbox`: the queue, one message in full, and the decisions that a person may take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import click

from gateway import forms
from gateway.cli import many, show
from gateway.cli.context import WHOLE, load_settings, now, opened
from gateway.cli.near import check_code
from gateway.cli.options import as_json, at_most
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext
from gateway.queue.rules import category_name
from gateway.queue.states import State
from gateway.retelling import retold

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from gateway.settings import Settings

    Decision = Callable[[sqlite3.Connection, int, datetime], None]

STATES = tuple(state.value for state in State)
HEADINGS = (
    _("id"),
    _("state"),
    _("number"),
    _("text"),
    _("SMS"),
    _("category"),
    _("carrier"),
    _("written"),
    _("reason"),
)
SPARE = (_("category"), _("carrier"), _("written"), _("SMS"))  # `outbox show` has them
SEGMENT_HEADINGS = (_("SMS"), _("state"), _("carrier"), _("reference"), _("submitted"), _("reported"), _("reason"))
EVENT_HEADINGS = (_("when"), _("event"), _("from"), _("to"), _("detail"))
TIMES = ("not_before", "expires_at", "created_at", "updated_at", "sent_at", "delivered_at", "next_attempt_at")

ids = click.argument("ids", metavar="ID...", type=WHOLE, nargs=-1, required=True)


@click.group(
    help=_("List and decide on messages to be sent."),
    epilog=show.examples(
        "smsgw outbox list --state held",
        "smsgw outbox show 17",
        "smsgw outbox release --code backlog --older-than '2 h'",
    ),
)
def outbox() -> None:
    return


@outbox.command(
    "list",
    help=_("The newest messages."),
    epilog=show.examples(
        "smsgw outbox list",
        "smsgw outbox list --state failed --newer-than '1 day' --limit 200",
        "smsgw outbox list --code backlog --json",
    ),
)
@click.option("--state", type=click.Choice(STATES), help=_("Only those in this state."))
@many.filter_options
@at_most
@as_json
@click.pass_context
def list_(ctx: click.Context, /, is_json: bool, **given: Any) -> None:
    settings, moment = load_settings(ctx), now()

    from gateway.queue import views

    given |= {name: many.ago(moment, given[name]) for name in ("older_than", "newer_than")}
    with opened(settings) as connection:
        check_code(connection, given["code"])
        given["campaign"] = many.campaign_id(connection, given["campaign"])
        rows = views.messages(connection, **given)
    if is_json:
        show.as_json(rows)
    elif not rows:
        show.say(_("No message fits."))
    else:
        show.table(HEADINGS, [_line(row, settings) for row in rows], long=(HEADINGS[3], HEADINGS[-1]), spare=SPARE)


@outbox.command(
    "show",
    help=_("One message with its SMS and everything that happened to it."),
    epilog=show.examples("smsgw outbox show 17", "smsgw outbox show 17 --json"),
)
@click.argument("message_id", metavar="ID", type=WHOLE)
@as_json
@click.pass_context
def show_(ctx: click.Context, message_id: int, is_json: bool) -> None:
    settings = load_settings(ctx)
    document = _read(settings, message_id)
    if is_json:
        show.as_json(document)
    else:
        _print_whole(document, settings)


@outbox.command(
    help=_(
        "Take messages back before they are handed to the network. Name their ids, or what they share: then it shows"
        " which they are and asks."
    ),
    epilog=show.examples(
        "smsgw outbox cancel 17 18 19",
        "smsgw outbox cancel --code backlog --older-than '1 day'",
    ),
)
@many.options
@click.pass_context
def cancel(ctx: click.Context, /, ids: tuple[int, ...], **given: Any) -> None:
    chosen, settings = many.filters(ids, given), load_settings(ctx)

    from gateway.queue import clearing, desk

    if chosen is None:
        _decide(settings, desk.cancel, ids, _("Message {id} is cancelled."))
    else:
        many.decide(settings, clearing.cancel, (State.QUEUED, State.HELD), chosen, _cancelled)


@outbox.command(
    help=_("Queue failed messages anew."), epilog=show.examples("smsgw outbox retry 17", "smsgw outbox retry 17 18 19")
)
@ids
@click.pass_context
def retry(ctx: click.Context, ids: tuple[int, ...]) -> None:
    settings = load_settings(ctx)

    from gateway.queue import desk
    from gateway.settings.rules import intake_rules

    _decide(settings, partial(desk.retry, rules=intake_rules(settings)), ids, _("Message {id} is queued again."))


@outbox.command(
    help=_(
        "Let held messages go. Name their ids, or what they share: then it shows which they are and asks. None is held"
        " a second time."
    ),
    epilog=show.examples(
        "smsgw outbox release 17 18 19",
        "smsgw outbox release --code backlog --newer-than '12 h'",
        "smsgw outbox release --campaign 'Reminders December'",
        "smsgw outbox release --all",
    ),
)
@many.options
@click.pass_context
def release(ctx: click.Context, /, ids: tuple[int, ...], **given: Any) -> None:
    chosen, settings = many.filters(ids, given), load_settings(ctx)

    from gateway.queue import clearing, desk

    if chosen is None:
        _decide(settings, desk.release, ids, _("Message {id} is released."))
    else:
        many.decide(settings, clearing.release, (State.HELD,), chosen, _released)


@outbox.command(
    help=_(
        "Decide an uncertain message: it was sent, or it failed. One that failed may be queued anew with `smsgw outbox"
        " retry`."
    ),
    epilog=show.examples("smsgw outbox settle 17 sent", "smsgw outbox settle 17 failed"),
)
@click.argument("message_id", metavar="ID", type=WHOLE)
@click.argument("verdict", type=click.Choice(["sent", "failed"]))
@click.pass_context
def settle(ctx: click.Context, message_id: int, verdict: Literal["sent", "failed"]) -> None:
    settings = load_settings(ctx)

    from gateway.queue import desk

    with opened(settings) as connection:
        desk.settle(connection, message_id, verdict, now())
    show.say(_("Message {id} is settled as {verdict}.").format(id=message_id, verdict=verdict))


def _cancelled(count: int) -> str:
    return ngettext("{count} message is cancelled.", "{count} messages are cancelled.", count).format(
        count=forms.whole(count)
    )


def _released(count: int) -> str:
    return ngettext("{count} message is released.", "{count} messages are released.", count).format(
        count=forms.whole(count)
    )


def _decide(settings: Settings, decision: Decision, ids: tuple[int, ...], done: str) -> None:
    """Do it for each id; those where it can't be done are named, and then the exit code is 1."""
    with opened(settings) as connection:
        refused = [reason for id in ids if (reason := _refusal(decision, connection, id, done))]
    if refused:
        raise GatewayError("\n".join(refused))


def _refusal(decision: Decision, connection: sqlite3.Connection, id: int, done: str) -> str | None:
    try:
        decision(connection, id, now())
    except GatewayError as problem:
        return str(problem)
    show.say(done.format(id=id))
    return None


def _read(settings: Settings, message_id: int) -> dict[str, Any]:
    from gateway.queue import views

    with opened(settings) as connection:
        message = views.message(connection, message_id)
        if message is None:
            raise GatewayError(_("There is no message {id}.").format(id=message_id))
        segments, events = views.segments_of(connection, message_id), views.events_of(connection, message_id)
    return {"message": message, "segments": segments, "events": events}


def _line(row: Mapping[str, Any], settings: Settings) -> tuple[object, ...]:
    return (
        row["id"],
        row["state"],
        row["msisdn"] or row["recipient"],
        row["body"],
        row["segments"],
        category_name(row["category"]),
        row["carrier"],
        show.read_at(row["created_at"], settings),
        retold(row["error_text"] or ""),
    )


def _print_whole(document: Mapping[str, Any], settings: Settings) -> None:
    message = document["message"]
    show.facts((name, _told(name, value, settings)) for name, value in message.items())
    for headings, lines in (
        (SEGMENT_HEADINGS, [_segment(row, settings) for row in document["segments"]]),
        (EVENT_HEADINGS, [_event(row, settings) for row in document["events"]]),
    ):
        if lines:
            click.echo()
            show.table(headings, lines, long=headings[-1:])


def _told(name: str, value: Any, settings: Settings) -> Any:
    if name in TIMES:
        return show.read_at(value, settings)
    if name == "error_text":
        return retold(value or "") or None
    return category_name(value) if name == "category" else value


def _segment(row: Mapping[str, Any], settings: Settings) -> tuple[object, ...]:
    return (
        f"{row['number']}/{row['total']}",
        row["state"],
        row["carrier"],
        row["message_reference"],
        show.read_at(row["submitted_at"], settings),
        show.read_at(row["reported_at"], settings),
        row["error_code"],
    )


def _event(row: Mapping[str, Any], settings: Settings) -> tuple[object, ...]:
    detail = _retold_detail(row["detail"] or "")
    return show.read_at(row["at"], settings), row["event"], row["from_state"], row["to_state"], detail


def _retold_detail(detail: str) -> str:
    """A reason alone, or behind its code."""
    code, mark, reason = detail.partition(": ")
    told = retold(detail)
    return f"{code}{mark}{retold(reason)}" if mark and told == detail else told
