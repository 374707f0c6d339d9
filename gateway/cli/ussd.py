"""`smsgw ussd NAME CODE`: asks the operator something, such as a balance, through one modem."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from gateway.cli import show
from gateway.cli.context import load_settings, opened
from gateway.cli.options import as_json
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

ANSWER_S = 180.0  # the SMS in the air, the network's own 45 s, and once more in another form


@click.command(
    help=_("Ask the operator by a USSD code, such as a balance; the running daemon does it between two SMS."),
    epilog=show.examples("smsgw ussd sim-1 '*100#'", "smsgw ussd sim-1 '*100#' --json"),
)
@click.argument("name", metavar="NAME")
@click.argument("code", metavar="CODE")
@as_json
@click.pass_context
def ussd(ctx: click.Context, name: str, code: str, is_json: bool) -> None:
    settings = load_settings(ctx)
    with opened(settings) as connection:
        from gateway.cli import alive

        alive.check_name(connection, settings, name)
        ask = _through_the_daemon if alive.takes_orders(connection, settings) else _directly
        answer = ask(connection, settings, name, code)
    if is_json:
        show.as_json({"name": name, "code": code, "answer": answer})
    else:
        click.echo(show.shown(answer))


def _through_the_daemon(connection: sqlite3.Connection, _settings: Settings, name: str, code: str) -> str:
    from gateway.cli import asking

    return asking.the_daemon(connection, name, "ussd", code, ANSWER_S)


def _directly(connection: sqlite3.Connection, settings: Settings, name: str, code: str) -> str:
    from gateway.cli import direct

    with direct.modem(connection, settings, name) as carrier:
        carrier.open()
        return carrier.ussd(code)
