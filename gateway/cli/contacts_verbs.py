"""Deciding on a contact: `smsgw contacts remove` and `smsgw contacts consent`."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from gateway.cli import show
from gateway.cli.confirming import confirm
from gateway.cli.contacts_import import moment_of, today
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json
from gateway.errors import UsageProblem
from gateway.i18n import _
from gateway.queue.rules import CATEGORIES

if TYPE_CHECKING:
    from gateway.settings import Settings

who_argument = click.argument("who", metavar="WHO")


@click.command(
    help=_(
        "Remove a contact with numbers, fields and consents; messages stay as long as they are kept. With --group they"
        " only leave the group, and without WHO the whole group goes and its contacts stay."
    ),
    epilog=show.examples(
        "smsgw contacts remove 104-22",
        "smsgw contacts remove 104-22 --group cardiology",
        "smsgw contacts remove --group cardiology",
    ),
)
@click.argument("who", metavar="[WHO]", required=False)
@click.option("--group", metavar="NAME", help=_("Only out of this group."))
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@as_json
@click.pass_context
def remove(ctx: click.Context, who: str | None, group: str | None, is_yes: bool, is_json: bool) -> None:
    settings = load_settings(ctx)
    if who is None and group is None:
        raise UsageProblem(_("Say who is to be removed, or which group."))
    with opened(settings) as connection:
        person = None if who is None else find(connection, who, settings)
        _remove(connection, person, group, is_yes)
    if is_json:
        show.as_json({"id": person, "group": group, "removed": True})


@click.command(
    help=_("Note what a contact has said: --given or --withdrawn. Nothing of before is lost; the latest counts."),
    epilog=show.examples(
        "smsgw contacts consent 104-22 --given marketing --source 'paper form' --date 2026-11-01",
        "smsgw contacts consent +79000000001 --withdrawn marketing --source 'by phone'",
    ),
)
@who_argument
@click.option("--given", type=click.Choice(CATEGORIES), help=_("What they agree to."))
@click.option("--withdrawn", type=click.Choice(CATEGORIES), help=_("What they want no more."))
@click.option("--source", metavar="TEXT", required=True, help=_("Where they said so, as in 'paper form'."))
@click.option("--date", "day", metavar="DATE", help=_("When they said so; else it is now."))
@as_json
@click.pass_context
def consent(ctx: click.Context, /, who: str, source: str, day: str | None, is_json: bool, **said: str | None) -> None:
    settings = load_settings(ctx)
    if (said["given"] is None) is (said["withdrawn"] is None):
        raise UsageProblem(_("Give --given or --withdrawn, one of them."))

    from gateway.contacts import looking, withdrawing
    from gateway.contacts.consents import Said
    from gateway.settings.rules import intake_rules

    entry = Said(said["given"] or said["withdrawn"] or "", said["given"] is not None, source, moment_of(day, settings))
    with opened(settings) as connection:
        person = find(connection, who, settings)
        withdrawing.note(connection, person, entry, intake_rules(settings), now())
        document = looking.document(connection, person, today(settings))
    if is_json:
        show.as_json(document)
    show.say(_("Noted for contact {id}.").format(id=person))


def find(connection: sqlite3.Connection, who: str, settings: Settings) -> int:
    """The contact that is meant. Raises GatewayError."""
    from gateway.contacts import looking

    return looking.find(connection, who, settings.gateway.country, settings.gateway.short_codes)


def _remove(connection: sqlite3.Connection, person: int | None, group_name: str | None, is_yes: bool) -> None:
    from gateway.contacts import groups, removing

    group = None if group_name is None else groups.find(connection, group_name)
    if group is None and person is not None:
        confirm(_("Remove contact {id} with everything that is kept of them?").format(id=person), is_yes)
        removing.remove(connection, [person], now())
        show.say(_("Contact {id} is removed.").format(id=person))
    elif group is not None and person is not None:
        groups.leave(connection, group, person)
        show.say(_("Contact {id} is no longer in group “{name}”.").format(id=person, name=group.name))
    elif group is not None:
        confirm(_("Dissolve group “{name}”? Its contacts stay.").format(name=group.name), is_yes)
        groups.dissolve(connection, group)
        show.say(_("Group “{name}” is dissolved; its contacts stay.").format(name=group.name))
