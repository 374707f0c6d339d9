"""`smsgw send`: one message; what could never be sent is refused at once, with the reason."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    import sqlite3

    from gateway.queue.adding import NewMessage
    from gateway.queue.examining import Written
    from gateway.settings import Settings

STANDARD_INPUT = "-"


@click.command(
    help=_(
        "Queue one message to the number TO and print its id. TEXT may be - to read it from standard input. With --wait"
        " the exit code is 0 when it was sent, else 1."
    ),
    epilog=show.examples(
        "smsgw send '8 900 000-00-01' 'See you tomorrow at 10:00'",
        "smsgw send +79000000001 'Your code: 1234' --category otp --wait",
        "smsgw send +79000000001 - --not-before '2026-12-01 09:00' < text.txt",
    ),
)
@click.argument("to")
@click.argument("text")
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Default priority and expiry; else notification."))
@click.option("--priority", type=click.IntRange(0, 9), help=_("0 last, 9 first; else by category."))
@click.option("--sender", metavar="NAME", help=_("A sender's name that a bind has, or the carrier that must send it."))
@click.option("--not-before", metavar="TIME", help=_("ISO 8601, in the clinic's time zone unless it has an offset."))
@click.option("--expires-at", metavar="TIME", help=_("Not sent after this time."))
@click.option("--external-id", metavar="KEY", help=_("Your own key: the same key never becomes a second SMS."))
@click.option("--wait", "has_to_wait", is_flag=True, help=_("Follow it to its final state."))
@click.option("--timeout", default="10 min", show_default=True, metavar="TIME", help=_("With --wait: at most so long."))
@as_json
@click.pass_context
def send(ctx: click.Context, /, has_to_wait: bool, timeout: str, is_json: bool, **given: Any) -> None:
    limit_s = _seconds(timeout)
    settings = load_settings(ctx)
    message, msisdn = _checked(settings, given, now())
    _make_ready()
    with opened(settings) as connection:
        _refuse_unwanted(connection, settings, message, msisdn)
        message_id = _queue(connection, message)
        with _farewell(message_id):
            if not (is_json and has_to_wait):
                _print_id(message_id, is_json)
            _warn_without_daemon(connection, settings)
            if has_to_wait:
                _wait(ctx, connection, message_id, limit_s, settings, is_json)


def _make_ready() -> None:
    """Import all that is needed once the message stands: Ctrl-C in the midst of an import looks like our own fault."""
    from gateway.cli import alive, follow  # noqa: F401
    from gateway.queue import heartbeat, times, views  # noqa: F401


@contextmanager
def _farewell(message_id: int) -> Iterator[None]:
    """Ctrl-C ends our looking on, not the message."""
    try:
        yield
    except KeyboardInterrupt:
        show.say(_("Message {id} goes on without us; see `smsgw outbox show {id}`.").format(id=message_id))
        raise


def _seconds(timeout: str) -> float:
    from gateway.settings.duration import seconds

    try:
        return seconds(timeout)
    except ValueError as problem:
        raise click.BadParameter(_('write seconds, or text such as "10 min"'), param_hint="--timeout") from problem


def _checked(settings: Settings, given: dict[str, Any], moment: datetime) -> tuple[NewMessage, str]:
    """The message to queue, and its number in E.164; raises what `check` raises."""
    from gateway.queue.adding import NewMessage

    message = NewMessage(given.pop("to"), _text(given.pop("text")), **given)
    return message, check(settings, message, moment)


def check(settings: Settings, message: NewMessage, moment: datetime) -> str:
    """The number in E.164; raises GatewayError with the reason when the daemon could only reject the message."""
    from gateway.queue.examining import Unfit, examine
    from gateway.settings.rules import intake_rules

    try:
        return examine(_as_written(message, moment), intake_rules(settings), moment).msisdn
    except Unfit as problem:
        raise GatewayError(problem.text) from problem


def _refuse_unwanted(connection: sqlite3.Connection, settings: Settings, message: NewMessage, msisdn: str) -> None:
    """Raises GatewayError for a number that has answered STOP; of a message that was queued before its id is told."""
    from gateway.queue.adding import is_known

    if not is_known(connection, message):
        check_wanted(connection, settings, msisdn, message.category)


def check_wanted(connection: sqlite3.Connection, settings: Settings, msisdn: str, category: str | None) -> None:
    """Raises GatewayError when the number may refuse messages of the category, and has."""
    from gateway.queue import opt_outs
    from gateway.queue.examining import Unfit
    from gateway.settings.rules import intake_rules

    try:
        opt_outs.check(connection, msisdn, category, intake_rules(settings))
    except Unfit as problem:
        raise GatewayError(problem.text) from problem


def check_sender(settings: Settings, sender: str | None) -> None:
    """Raises GatewayError when neither a carrier nor a sender of a bind is called so."""
    from gateway.queue import examining
    from gateway.settings.rules import intake_rules

    try:
        examining.check_sender(sender or "", intake_rules(settings))
    except examining.Unfit as problem:
        raise GatewayError(problem.text) from problem


def check_time(settings: Settings, text: str | None, option: str) -> None:
    """Raises GatewayError for what is no time in ISO 8601; the message names the option."""
    from gateway.queue import examining
    from gateway.settings.rules import intake_rules

    try:
        examining.check_time(text or "", option, intake_rules(settings))
    except examining.Unfit as problem:
        raise GatewayError(problem.text) from problem


def _text(given: str) -> str:
    return sys.stdin.read().removesuffix("\n") if given == STANDARD_INPUT else given


def _as_written(message: NewMessage, moment: datetime) -> Written:
    """The row as the daemon will read it."""
    from gateway.queue import times
    from gateway.queue.examining import Written

    return Written(
        recipient=_octets(message.recipient),
        body=_octets(message.body),
        category=_octets(message.category),
        priority=message.priority,
        sender=_octets(message.sender),
        not_before=_octets(message.not_before),
        expires_at=_octets(message.expires_at),
        created_at=times.to_text(moment),
    )


def _octets(value: object) -> bytes | None:
    return None if value is None else str(value).encode("utf-8", "surrogateescape")


def _queue(connection: sqlite3.Connection, message: NewMessage) -> int:
    from gateway.queue.adding import add, add_one

    result = add(connection, [message], now())
    if result.last_id is not None:
        return result.last_id
    show.say(_("This external id is known: nothing new was queued."))
    return add_one(connection, message, now())  # gives the id of the message that is there


def _print_id(message_id: int, is_json: bool) -> None:
    if is_json:
        show.as_json({"id": message_id})
    else:
        click.echo(message_id)


def _warn_without_daemon(connection: sqlite3.Connection, settings: Settings) -> None:
    from gateway.cli import alive, starting

    if not alive.daemon(connection, settings, now()).is_there:
        sentence = _("The daemon is not running: the message waits. Start it with `{command}`.")
        show.say(sentence.format(command=starting.command(settings)))


def _wait(
    ctx: click.Context,
    connection: sqlite3.Connection,
    message_id: int,
    limit_s: float,
    settings: Settings,
    is_json: bool,
) -> None:
    from gateway.cli import follow

    row = follow.to_the_end(connection, message_id, limit_s, settings)
    if is_json:
        show.as_json(row)
    ctx.exit(follow.told(row, limit_s))
