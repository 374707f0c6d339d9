"""`smsgw modems`: each modem with its SIM, its signal, what it sent today and whether it can send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show
from gateway.cli.context import load_settings, now, opened
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

KEYS = (
    "name",
    "port",
    "state",
    "detail",
    "imei",
    "iccid",
    "imsi",
    "operator",
    "signal_dbm",
    "sent_today",
    "limit_today",
)
HEADINGS = (
    _("name"),
    _("state"),
    _("operator"),
    _("signal"),
    _("today"),
    _("port"),
    _("IMEI"),
    _("SIM (ICCID)"),
    _("detail"),
)


@click.command(
    help=_("Show each modem: port, IMEI, SIM, operator, signal, state, sent today and its limit."),
    epilog=show.examples("smsgw modems", "smsgw modems --json"),
)
@click.option("--json", "is_json", is_flag=True, help=_("One JSON document."))
@click.pass_context
def modems(ctx: click.Context, is_json: bool) -> None:
    settings = load_settings(ctx)
    rows = _read(settings)
    if is_json:
        show.as_json(rows)
    elif rows:
        show.table(HEADINGS, [_line(row) for row in rows], long=(HEADINGS[5], HEADINGS[-1]))
    else:
        show.say(_("No modem is known yet: start the daemon with `smsgw run`, or look with `smsgw doctor`."))


def _read(settings: Settings) -> list[dict[str, Any]]:
    from gateway.cli import alive

    with opened(settings) as connection:
        daemon = alive.daemon(connection, settings, now())
        known = alive.carriers(connection, settings, daemon)
    return [{key: row[key] for key in KEYS} for row in known if row["kind"] == "modem"]


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    signal = "" if row["signal_dbm"] is None else f"{row['signal_dbm']} dBm"
    today = str(row["sent_today"]) if row["limit_today"] is None else f"{row['sent_today']}/{row['limit_today']}"
    return (
        row["name"],
        row["state"],
        row["operator"],
        signal,
        today,
        row["port"],
        row["imei"],
        row["iccid"],
        row["detail"],
    )
