"""`smsgw modems pause`, `resume`, `reset`, `history`: what a person may want of one modem."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show, starting
from gateway.cli.context import load_settings, now, opened, settings_to_look_on
from gateway.cli.options import as_json, at_most
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.queue.orders import Pausing
    from gateway.settings import Settings

RESET_S = 180.0  # it ends what is in the air, restarts, and finds its network
DRAIN_S = 300.0  # a long message may be in the middle
LOOK_EVERY_S = 0.2
HISTORY_HEADINGS = (_("when"), _("event"), _("from"), _("to"), _("detail"))

name_of_modem = click.argument("name", metavar="NAME")


@click.command(
    help=_("Take a modem out of service; it ends what it has begun, and still receives. Stays so over restarts."),
    epilog=show.examples("smsgw modems pause sim-1 --reason 'SIM is changed'", "smsgw modems pause sim-1 --wait"),
)
@name_of_modem
@click.option("--reason", metavar="TEXT", default="", help=_("Why; `smsgw modems` shows it."))
@click.option("--wait", "is_wait", is_flag=True, help=_("Return when nothing of it is in the air any more."))
@click.pass_context
def pause(ctx: click.Context, name: str, reason: str, is_wait: bool) -> None:
    with _in_service(ctx, name) as (settings, connection):
        from gateway.queue import orders

        found = orders.pause(connection, name, reason, now())
        is_running = _is_running(connection, settings)
        show.say(_said_of_pause(name, found, is_running))
        if is_wait and is_running:
            _wait_until_paused(connection, name)


@click.command(
    help=_("Put a modem back into service: after a pause, a block by its operator, or a failure."),
    epilog=show.examples("smsgw modems resume sim-1"),
)
@name_of_modem
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    with _in_service(ctx, name) as (settings, connection):
        from gateway.queue import orders

        orders.resume(connection, name, now())
        if _is_running(connection, settings):
            orders.give(connection, name, "resume", "", now())
            show.say(_("{name} is tried at once; `smsgw status` shows how it is.").format(name=name))
        else:
            _unblock(connection, name)
            sentence = _("{name} is in service as soon as the daemon runs: `{command}`.")
            show.say(sentence.format(name=name, command=starting.command(settings)))


@click.command(
    help=_("Restart a modem: it ends what it has begun, then the device is reset and opened anew."),
    epilog=show.examples("smsgw modems reset sim-1"),
)
@name_of_modem
@click.pass_context
def reset(ctx: click.Context, name: str) -> None:
    with _named(load_settings(ctx), name) as (settings, connection):
        from gateway.cli import alive, asking

        if alive.takes_orders(connection, settings):
            show.say(asking.the_daemon(connection, name, "reset", "", RESET_S))
        else:
            show.say(_reset_directly(connection, settings, name))


@click.command(
    help=_("What happened to a modem: its states, remedies, pauses, orders; the newest first."),
    epilog=show.examples("smsgw modems history sim-1", "smsgw modems history sim-1 --limit 200 --json"),
)
@name_of_modem
@at_most
@as_json
@click.pass_context
def history(ctx: click.Context, name: str, limit: int, is_json: bool) -> None:
    from gateway.cli import alive
    from gateway.queue import lives

    settings, _mistakes = settings_to_look_on(ctx)
    with opened(settings) as connection:
        rows = lives.history(connection, name, limit)
        if not rows:
            alive.check_name(connection, settings, name)
    if is_json:
        show.as_json(rows)
    elif rows:
        show.table(HISTORY_HEADINGS, [_line(row, settings) for row in rows], long=HISTORY_HEADINGS[-1:], is_whole=True)
    else:
        show.say(_("Nothing has happened to {name} yet.").format(name=name))


def _in_service(ctx: click.Context, name: str) -> AbstractContextManager[tuple[Settings, sqlite3.Connection]]:
    """Also while the configuration has mistakes: the daemon works on by what it read, and whoever must can pause it."""
    settings, _mistakes = settings_to_look_on(ctx)
    return _named(settings, name)


@contextmanager
def _named(settings: Settings, name: str) -> Iterator[tuple[Settings, sqlite3.Connection]]:
    """The settings and the database, once the name was found to be a carrier's."""
    from gateway.cli import alive

    with opened(settings) as connection:
        alive.check_name(connection, settings, name)
        yield settings, connection


def _is_running(connection: sqlite3.Connection, settings: Settings) -> bool:
    from gateway.cli import alive

    return alive.daemon(connection, settings, now()).is_there


def _said_of_pause(name: str, found: Pausing, is_running: bool) -> str:
    known = {
        "KNOWN": _("{name} is paused already. `smsgw modems resume {name}` puts it back into service."),
        "REWORDED": _(
            "{name} is paused already; the reason is now the new one. `smsgw modems resume {name}` puts it back into"
            " service."
        ),
    }
    new = _("The daemon does not run. When it does, {name} will send nothing until `smsgw modems resume {name}`.")
    if is_running:
        new = _("{name} ends what it has begun and rests until `smsgw modems resume {name}`; it still receives.")
    return known.get(found.name, new).format(name=name)


def _wait_until_paused(connection: sqlite3.Connection, name: str) -> None:
    from gateway.queue import heartbeat

    deadline = time.monotonic() + DRAIN_S
    while time.monotonic() < deadline:
        if any(row["name"] == name and row["state"] == "paused" for row in heartbeat.carriers(connection)):
            show.say(_("{name} is paused.").format(name=name))
            return
        time.sleep(LOOK_EVERY_S)
    raise GatewayError(_("{name} has not ended within {seconds:.0f} s.").format(name=name, seconds=DRAIN_S))


def _unblock(connection: sqlite3.Connection, name: str) -> None:
    """A block by the operator that the last daemon has seen."""
    from gateway.queue import heartbeat, spending

    for row in heartbeat.carriers(connection):
        if row["name"] == name and row["line"]:
            spending.set_block(connection, str(row["line"]), None, now())


def _reset_directly(connection: sqlite3.Connection, settings: Settings, name: str) -> str:
    """By the command itself: found if it answers, reset, opened to see whether it is well."""
    from gateway.carrier import Remedy
    from gateway.cli import direct
    from gateway.errors import CarrierLost, Cause
    from gateway.queue import lives, orders
    from gateway.worker.errands import reset_answer

    with direct.modem(connection, settings, name) as carrier:
        carrier.open()
        if Remedy.RESET not in carrier.remedies:
            raise GatewayError(_("{name} has no command that resets it: unplug it and plug it in.").format(name=name))
        lives.note(connection, name, "remedy", _("reset: A person has ordered this."), now())
        try:
            carrier.mend(Remedy.RESET)
        except CarrierLost as lost:
            if lost.cause is not Cause.PLANNED:
                raise
        carrier.open()
    return reset_answer(name, is_paused=orders.pause_of(connection, name) is not None)


def _line(row: dict[str, Any], settings: Settings) -> tuple[object, ...]:
    is_change = row["event"] == "state"
    event = "" if is_change else row["event"]
    return (show.local(row["at"], settings), event, row["from_state"], row["to_state"], row["detail"])
