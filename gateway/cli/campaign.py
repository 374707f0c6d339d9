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
    from gateway.queue.overview import Campaign

THROUGH = _("Campaign “{name}” is through: nothing of it waits any more.")
GOES_ON = _("Campaign “{name}” goes on.")  # also where somebody has paused it just now
RESUMED = {"draft": _("Campaign “{name}” begins."), "done": THROUGH}  # by what it was before, but paused
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


@campaign.command(
    help=_("Stop a campaign. What a carrier has begun is ended; everything else waits until `smsgw campaign resume`."),
    epilog=show.examples("smsgw campaign pause 'Reminders December'"),
)
@name_argument
@as_json
@click.pass_context
def pause(ctx: click.Context, name: str, is_json: bool) -> None:
    settings = load_settings(ctx)
    with opened(settings) as connection:
        before = _before(connection, name, "pause")
        _decide(connection, name, "pause")
        _tell(connection, before, _("Campaign “{name}” is paused; `smsgw campaign resume` lets it go on."), is_json)


@campaign.command(
    help=_("Let a campaign go on that was paused, or begin one that waits as a draft."),
    epilog=show.examples("smsgw campaign resume 'Reminders December'"),
)
@name_argument
@as_json
@click.pass_context
def resume(ctx: click.Context, name: str, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.cli import campaign_show

    with opened(settings) as connection:
        before = _before(connection, name, "resume")
        _decide(connection, name, "resume")
        _tell(connection, before, RESUMED.get(before.stage, GOES_ON), is_json)
        for line in campaign_show.prospects(connection, before.id, settings):
            show.say(line)


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
    with opened(settings) as connection:
        before = _before(connection, name, "cancel")
        _ask(before, is_yes)
        _decide(connection, name, "cancel")
        count = _taken_back(connection, before)
        sentence = ngettext(
            "Campaign “{name}” is cancelled: {count} message was taken back.",
            "Campaign “{name}” is cancelled: {count} messages were taken back.",
            count,
        )
        nothing = _("Campaign “{name}” is cancelled: there was nothing to take back.")
        _tell(connection, before, sentence if count else nothing, is_json, count)


def _before(connection: sqlite3.Connection, name: str, verb: str) -> Campaign:
    """As it is now. Raises GatewayError where the verb would change nothing that anybody sees.

    What is through stays so: a list that arrived would be called cancelled for ever. One that failed may be tried
    again, unless its campaign is cancelled.
    """
    from gateway.queue import campaigns, overview
    from gateway.queue.states import State

    found = overview.one(connection, campaigns.find(connection, name).id)
    changes = {"cancel": found.counts[State.FAILED] > 0, "resume": found.row["state"] in campaigns.RESUME.states}
    if found.stage == overview.DONE and not changes.get(verb, False):
        raise GatewayError(THROUGH.format(name=found.row["name"]))
    return found


def _decide(connection: sqlite3.Connection, name: str, verb: str) -> None:
    """With all that follows from it."""
    from gateway.queue import campaigns

    found = campaigns.decide(connection, name, campaigns.DECISIONS[verb], who.am_i(), now())
    for _changed in campaigns.go_on(connection, found.id, now()):
        pass


def _taken_back(connection: sqlite3.Connection, before: Campaign) -> int:
    """How many messages since then: of a long list the daemon takes back some while the command does."""
    from gateway.queue import overview
    from gateway.queue.states import State

    return overview.one(connection, before.id).counts[State.CANCELLED] - before.counts[State.CANCELLED]


def _ask(found: Campaign, is_yes: bool) -> None:
    if not found.waiting:
        return
    question = ngettext(
        "Take back {count} message of campaign “{name}” that waits?",
        "Take back {count} messages of campaign “{name}” that wait?",
        found.waiting,
    )
    confirm(question.format(count=forms.whole(found.waiting), name=found.row["name"]), is_yes)


def _tell(connection: sqlite3.Connection, found: Campaign, sentence: str, is_json: bool, count: int = 0) -> None:
    """The sentence for a person, the campaign as it is now for a program."""
    from gateway.queue import overview

    show.say(sentence.format(name=found.row["name"], count=forms.whole(count)))
    if is_json:
        show.as_json(overview.one(connection, found.id).document())


campaign.add_command(report)
