"""`smsgw send`: one message; what could never be sent is refused at once, with the reason."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now, opened
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    import sqlite3

    from gateway.queue.outbox import NewMessage
    from gateway.settings import Settings

CATEGORIES = ("otp", "emergency", "notification", "marketing")
STANDARD_INPUT = "-"


@click.command(
    help=_("Queue one message to the number TO and print its id. TEXT may be - to read it from standard input."),
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
@click.option("--sender", metavar="NAME", help=_("The configured carrier that must send it."))
@click.option("--not-before", metavar="TIME", help=_("ISO 8601, in the clinic's time zone unless it has an offset."))
@click.option("--expires-at", metavar="TIME", help=_("Not sent after this time."))
@click.option("--external-id", metavar="KEY", help=_("Your own key: the same key never becomes a second SMS."))
@click.option("--wait", "has_to_wait", is_flag=True, help=_("Follow it to its final state."))
@click.option("--timeout", default="10 min", show_default=True, metavar="TIME", help=_("With --wait: at most so long."))
@click.option("--json", "is_json", is_flag=True, help=_("One JSON document."))
@click.pass_context
def send(ctx: click.Context, /, has_to_wait: bool, timeout: str, is_json: bool, **given: Any) -> None:
    limit_s = _seconds(timeout)
    settings = load_settings(ctx)
    message = _checked(settings, given, now())
    with opened(settings) as connection:
        message_id = _queue(connection, message)
        if not (is_json and has_to_wait):
            _print_id(message_id, is_json)
        _warn_without_daemon(connection, settings)
        if has_to_wait:
            _wait(ctx, connection, message_id, limit_s, is_json)


def _seconds(timeout: str) -> float:
    from gateway.settings.duration import seconds

    try:
        return seconds(timeout)
    except ValueError as problem:
        raise click.BadParameter(_('write seconds, or text such as "10 min"'), param_hint="--timeout") from problem


def _checked(settings: Settings, given: dict[str, Any], moment: datetime) -> NewMessage:
    """The message to queue; raises GatewayError with the reason when it could never be sent."""
    from gateway.queue.outbox import NewMessage
    from gateway.sms import number, segmentation

    gateway = settings.gateway
    text = sys.stdin.read().rstrip("\n") if given["text"] == STANDARD_INPUT else given["text"]
    number.parse(given["to"], gateway.country, gateway.short_codes)
    segmentation.count(text)
    _check_sender(settings, given["sender"])
    zone = ZoneInfo(gateway.timezone)
    not_before = _time(given["not_before"], zone, "--not-before")
    expires_at = _time(given["expires_at"], zone, "--expires-at")
    if expires_at is not None and expires_at <= max(moment, not_before or moment):
        raise GatewayError(_("It would expire before it may be sent: --expires-at is not after the time of sending."))
    rest = {name: given[name] for name in ("category", "priority", "sender", "external_id")}
    return NewMessage(given["to"], text, not_before=not_before, expires_at=expires_at, **rest)


def _check_sender(settings: Settings, sender: str | None) -> None:
    """A modem can't change its sender; with SMPP or modems found on their own, the daemon knows better."""
    names = [modem.name for modem in settings.modems]
    if sender is not None and names and not settings.smpp and sender not in names:
        sentence = _("There is no carrier {name}; there are: {names}.")
        raise GatewayError(sentence.format(name=sender, names=", ".join(names)))


def _time(text: str | None, zone: ZoneInfo, option: str) -> datetime | None:
    from gateway.queue import times

    try:
        return None if text is None else times.read(text, zone)
    except ValueError as problem:
        hint = _("write a time such as 2026-12-01T09:00")
        raise click.BadParameter(hint, param_hint=option) from problem


def _queue(connection: sqlite3.Connection, message: NewMessage) -> int:
    from gateway.queue.outbox import add, add_one

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
    from gateway.cli import alive

    if not alive.daemon(connection, settings, now()).is_running:
        show.say(_("The daemon is not running: the message waits until `smsgw run` is started."))


def _wait(ctx: click.Context, connection: sqlite3.Connection, message_id: int, limit_s: float, is_json: bool) -> None:
    from gateway.cli import follow

    row = follow.to_the_end(connection, message_id, limit_s)
    if is_json:
        show.as_json(row)
    ctx.exit(follow.told(row, limit_s))
