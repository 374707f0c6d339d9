"""`smsgw inbox`: what came in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show
from gateway.cli.context import load_settings, opened
from gateway.cli.options import as_json, at_most
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

HEADINGS = (_("id"), _("received"), _("from"), _("text"), _("carrier"), _("answers"), _("whole"))


@click.group(help=_("Show what came in."), epilog=show.examples("smsgw inbox list"))
def inbox() -> None:
    return


@inbox.command(
    "list", help=_("The newest incoming messages."), epilog=show.examples("smsgw inbox list", "smsgw inbox list --json")
)
@at_most
@as_json
@click.pass_context
def list_(ctx: click.Context, limit: int, is_json: bool) -> None:
    settings = load_settings(ctx)

    from gateway.queue import views

    with opened(settings) as connection:
        rows = views.inbox(connection, limit)
    if is_json:
        show.as_json(rows)
        return
    if not rows:
        show.say(_("Nothing has come in."))
    show.table(HEADINGS, [_line(row, settings) for row in rows], long=(HEADINGS[3],))


def _line(row: dict[str, Any], settings: Settings) -> tuple[object, ...]:
    return (
        row["id"],
        show.read_at(row["received_at"], settings),
        row["sender"],
        row["body"],
        row["carrier"],
        row["reply_to"],
        _("yes") if row["complete"] else _("parts are missing"),
    )
