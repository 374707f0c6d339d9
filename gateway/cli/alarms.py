"""`smsgw alarms`: what a person must look at; `alarms test` tries every way of telling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from gateway.cli import show, starting
from gateway.cli.context import load_settings, now, opened, settings_to_look_on
from gateway.cli.handing import hand_on
from gateway.cli.options import as_json, at_most
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.cli.alive import Daemon
    from gateway.settings import Settings

UNATTENDED = _("The daemon is not running: nobody looks for new alarms. Start it with `{command}`.")
UNWATCHED = _("The daemon gives no sign: new alarms may not be noted yet. `smsgw doctor` looks into it.")
LOOKING = _("No alarm so far; the daemon has yet to see: {names}.")
UNSEEN = frozenset({"starting", "stopped"})  # states of a carrier that a daemon which runs is about to open
ILL = _("No alarm so far, but not ready: {names}. `smsgw status` shows why; what lasts becomes an alarm.")
ALL_WELL = _("No alarm: all is well, as far as the daemon could see.")
WELL = frozenset({"ready", "paused"})
HEADINGS = (_("since"), _("until"), _("alarm"), _("what is amiss"), _("what to do"))


@click.group(
    invoke_without_command=True,
    help=_("Show what is amiss and what to do: each alarm is raised once, and cleared once it is over."),
    epilog=show.examples("smsgw alarms", "smsgw alarms --all --json", "smsgw alarms test"),
)
@click.option("--all", "is_all", is_flag=True, help=_("Also those that are over."))
@at_most
@as_json
@click.pass_context
def alarms(ctx: click.Context, is_all: bool, limit: int, is_json: bool) -> None:
    if ctx.invoked_subcommand is not None:
        hand_on(ctx)
        return
    settings, _mistakes = settings_to_look_on(ctx)
    rows, daemon, carriers = _read(settings, is_all, limit)
    if is_json:
        show.as_json(rows)
        return
    if not daemon.is_running:
        show.say(UNWATCHED if daemon.is_there else UNATTENDED.format(command=starting.command(settings)))
    if not rows:
        show.say(_without_alarm(carriers))
    show.table(HEADINGS, [_line(row, settings) for row in rows], long=HEADINGS[3:])


@alarms.command(
    "test",
    help=_("Tell of an invented alarm in every way that is configured, and say which ways work."),
    epilog=show.examples("smsgw alarms test"),
)
@click.pass_context
def test(ctx: click.Context) -> None:
    settings = load_settings(ctx)

    from gateway.alarms.ways import Unsent, tell, ways_of

    ways = ways_of(settings.notify, ZoneInfo(settings.gateway.timezone))
    if not ways:
        raise GatewayError(_("No way is configured: add a [[notify]] table to {path}.").format(path=settings.path))
    failed = 0
    for way in ways.values():
        with opened(settings) as connection:
            try:
                tell(way, _invented(), connection, now())
            except Unsent as reason:
                failed += 1
                show.say(_("{way}: failed. {reason}").format(way=way.name, reason=reason))
            else:
                show.say(_("{way}: told.").format(way=way.name))
    if failed:
        raise GatewayError(_("Not every way works: correct its [[notify]] table."))


def _invented() -> Any:
    from gateway.alarms.ways import Notice
    from gateway.queue import times

    at = now()
    text = _("This is a test of the alarm; nothing is amiss.")
    return Notice(int(at.timestamp()), "test", "", text, _("Nothing to do."), times.to_text(at))


def _without_alarm(carriers: list[dict[str, Any]]) -> str:
    """What is said where there is none: a fault is an alarm only when it lasts."""
    for sentence, is_meant in ((LOOKING, UNSEEN.__contains__), (ILL, lambda state: state not in WELL)):
        names = [carrier["name"] for carrier in carriers if is_meant(carrier["state"])]
        if names:
            return sentence.format(names=", ".join(names))
    return ALL_WELL


def _read(settings: Settings, is_all: bool, limit: int) -> tuple[list[dict[str, Any]], Daemon, list[dict[str, Any]]]:
    """The alarms, the daemon, and the carriers of one that runs."""
    from gateway.alarms import book
    from gateway.cli import alive

    with opened(settings) as connection:
        rows = book.listed(connection, is_all=is_all, limit=limit)
        daemon = alive.daemon(connection, settings, now())
        carriers = alive.carriers(connection, settings, daemon) if daemon.is_running else []
        return rows, daemon, carriers


def _line(row: dict[str, Any], settings: Settings) -> tuple[object, ...]:
    name = " ".join(filter(None, (row["code"], row["subject"])))
    since, until = (show.local(row[key], settings) for key in ("raised_at", "cleared_at"))
    return since, until, name, row["text"], row["remedy"]
