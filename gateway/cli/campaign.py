"""`smsgw campaign`: what was imported, how far it is, and pause, resume and cancel for all of its messages at once."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click

from gateway import forms
from gateway.cli import show, who
from gateway.cli.campaign_report import report
from gateway.cli.confirming import confirm
from gateway.cli.context import load_settings, now, opened
from gateway.cli.options import as_json, at_most
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    from gateway.queue.campaigns import Found

name_argument = click.argument("name", metavar="NAME")


@click.group(
    help=_("Follow what was imported, and pause, resume or cancel all of it at once."),
    epilog=show.examples(
        "smsgw campaign list",
        "smsgw campaign show 'Reminders December' --follow",
        "smsgw campaign pause 'Reminders December'",
        "smsgw campaign report 'Reminders December' --to result.xlsx",
    ),
)
def campaign() -> None:
    return


@campaign.command(
    "list",
    help=_("The campaigns, the newest first."),
    epilog=show.examples("smsgw campaign list", "smsgw campaign list --limit 5 --json"),
)
@at_most
@as_json
@click.pass_context
def list_(ctx: click.Context, limit: int, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.cli import campaign_show
    from gateway.queue import overview

    with opened(settings) as connection:
        found = overview.newest(connection, limit)
    if is_json:
        show.as_json([each.document() for each in found])
    elif not found:
        show.say(_("There is no campaign yet: `smsgw import` makes one."))
    else:
        campaign_show.print_list(found, settings)


@campaign.command(
    "show",
    help=_("One campaign: how many of its messages are where, how fast it goes, and when it will be through."),
    epilog=show.examples("smsgw campaign show list", "smsgw campaign show list --follow"),
)
@name_argument
@click.option("--follow", "is_following", is_flag=True, help=_("Again and again, until Ctrl-C."))
@as_json
@click.pass_context
def show_(ctx: click.Context, name: str, is_following: bool, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.cli import campaign_show, live

    with opened(settings) as connection:
        if is_json:
            show.as_json(campaign_show.document(connection, name, settings))
        elif is_following:
            live.show(lambda: campaign_show.print_one(connection, name, settings))
        else:
            campaign_show.print_one(connection, name, settings)


def _deciding(verb: str, told: str, help_: str) -> None:
    """A verb that is one decision, to be taken back by another one."""

    @campaign.command(verb, help=help_, epilog=show.examples(f"smsgw campaign {verb} 'Reminders December'"))
    @name_argument
    @as_json
    @click.pass_context
    def decide(ctx: click.Context, name: str, is_json: bool) -> None:
        settings = load_settings(ctx)
        with opened(settings) as connection:
            found, _count = _decided(connection, name, verb)
            _tell(connection, found, told, is_json)


_deciding(
    "pause",
    _("Campaign “{name}” is paused; `smsgw campaign resume` lets it go on."),
    _("Stop a campaign. What a carrier has begun is ended; everything else waits until `smsgw campaign resume`."),
)
_deciding(
    "resume",
    _("Campaign “{name}” goes on."),
    _("Let a campaign go on that was paused, or begin one that waits as a draft."),
)


@campaign.command(
    help=_(
        "Take back what of a campaign waits. What has gone out stays out. Broken off in the middle, it goes on when it"
        " is called again."
    ),
    epilog=show.examples("smsgw campaign cancel 'Reminders December'", "smsgw campaign cancel list --yes"),
)
@name_argument
@click.option("--yes", "-y", "is_yes", is_flag=True, help=_("Don't ask."))
@as_json
@click.pass_context
def cancel(ctx: click.Context, name: str, is_yes: bool, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.queue import campaigns

    with opened(settings) as connection:
        _ask(connection, campaigns.find(connection, name), is_yes)
        found, count = _decided(connection, name, "cancel")
        sentence = ngettext(
            "Campaign “{name}” is cancelled: {count} message was taken back.",
            "Campaign “{name}” is cancelled: {count} messages were taken back.",
            count,
        )
        _tell(connection, found, sentence, is_json, count)


def _decided(connection: sqlite3.Connection, name: str, verb: str) -> tuple[Found, int]:
    """The campaign, and how many messages were let go or taken back."""
    from gateway.queue import campaigns

    if verb != "resume":
        _refuse_over(connection, campaigns.find(connection, name))
    found = campaigns.decide(connection, name, campaigns.DECISIONS[verb], who.am_i(), now())
    return found, sum(campaigns.go_on(connection, found.id, now()))


def _refuse_over(connection: sqlite3.Connection, found: Found) -> None:
    """What is through stays so: a list that arrived would be called cancelled for ever. Raises GatewayError.

    One that failed may be tried again, unless its campaign is cancelled.
    """
    from gateway.queue import overview
    from gateway.queue.states import State

    campaign = overview.one(connection, found.id)
    if campaign.stage == overview.DONE and not campaign.counts[State.FAILED]:
        raise GatewayError(_("Campaign “{name}” is through: nothing of it waits any more.").format(name=found.name))


def _ask(connection: sqlite3.Connection, found: Found, is_yes: bool) -> None:
    from gateway.queue import overview

    waiting = overview.one(connection, found.id).waiting
    if not waiting:
        return
    question = ngettext(
        "Take back {count} message of campaign “{name}” that waits?",
        "Take back {count} messages of campaign “{name}” that wait?",
        waiting,
    )
    confirm(question.format(count=forms.whole(waiting), name=found.name), is_yes)


def _tell(connection: sqlite3.Connection, found: Found, sentence: str, is_json: bool, count: int = 0) -> None:
    """The sentence for a person, the campaign as it is now for a program."""
    from gateway.queue import overview

    show.say(sentence.format(name=found.name, count=forms.whole(count)))
    if is_json:
        show.as_json(overview.one(connection, found.id).document())


campaign.add_command(report)
