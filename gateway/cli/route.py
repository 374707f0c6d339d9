"""`smsgw route`: which carrier would take a message now, and why not each of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json
from gateway.cli.send import check_wanted
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    from gateway.queue.examining import Written
    from gateway.settings import Settings

HEADINGS = (_("carrier"), _("kind"), _("state"), _("takes it"), _("why"))


@click.command(
    help=_(
        "Show which carrier would take a message to the number TO now, and why not each of the others. Nothing is sent."
    ),
    epilog=show.examples(
        "smsgw route '8 900 000-00-01'",
        "smsgw route +79000000001 --category otp",
        "smsgw route +79000000001 --sender Clinic --text 'See you tomorrow at 10:00' --json",
    ),
)
@click.argument("to")
@click.option("--category", type=click.Choice(CATEGORIES), help=_("Else notification."))
@click.option("--sender", metavar="NAME", help=_("A sender's name, or the name of a carrier."))
@click.option("--text", metavar="TEXT", default="?", help=_("For its length; else it is one SMS."))
@as_json
@click.pass_context
def route(ctx: click.Context, to: str, category: str | None, sender: str | None, text: str, is_json: bool) -> None:
    document = _explained(load_settings(ctx), _written(to, category, sender, text))
    if is_json:
        show.as_json(document)
    else:
        _print(document)


def _written(to: str, category: str | None, sender: str | None, text: str) -> Written:
    from gateway.queue import times
    from gateway.queue.examining import Written

    octets = [
        None if each is None else each.encode("utf-8", "surrogateescape") for each in (to, text, category, sender)
    ]
    recipient, body, kind, name = octets
    return Written(recipient, body, kind, None, name, None, None, times.to_text(now()))


def _explained(settings: Settings, written: Written) -> dict[str, Any]:
    """Raises GatewayError with the reason for what would never be sent."""
    from gateway.cli import alive, choosing
    from gateway.queue.examining import Unfit

    moment = now()
    with opened(settings) as connection:
        daemon = alive.daemon(connection, settings, moment)
        rows = alive.carriers(connection, settings, daemon)
        try:
            choice = choosing.choose(connection, settings, daemon, rows, written, moment)
        except Unfit as problem:
            raise GatewayError(problem.text) from problem
        check_wanted(connection, settings, choice.fit.msisdn, choice.category)
        return choice.document()


def _print(document: dict[str, Any]) -> None:
    show.facts(
        [
            (_("number"), document["msisdn"]),
            (_("SMS"), document["segments"]),
            (_("category"), document["category"]),
            (_("route"), _route(document["route"])),
            (_("carrier"), _carrier(document)),
        ]
    )
    click.echo()
    rows = [
        (each["name"], each["kind"], each["state"], _takes(document, each), each["reason"])
        for each in document["carriers"]
    ]
    show.table(HEADINGS, rows, long=HEADINGS[-1:])


def _takes(document: dict[str, Any], carrier: dict[str, Any]) -> str:
    if carrier["takes"]:
        return _("yes")
    return _("perhaps") if carrier["may_take"] and carrier["can_send"] is None else ""


def _route(number: int | None) -> str:
    if number is None:
        return _("no [[route]] table is about it")
    return _("the [[route]] table number {number}").format(number=number)


def _carrier(document: dict[str, Any]) -> str:
    name = document["carrier"]
    if name is None:
        return _("none now: it waits until one of them can send")
    return str(name) if document["running"] else _("{name}, if it can send when the daemon runs").format(name=name)
