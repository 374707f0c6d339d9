"""`smsgw modems`: each modem with its SIM, its signal, what it sent today and whether it can send; and its verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show, starting
from gateway.cli.alive import UNKNOWN
from gateway.cli.context import now, opened, settings_to_look_on
from gateway.cli.handing import hand_on
from gateway.cli.modem_verbs import history, pause, reset, resume
from gateway.cli.options import as_json
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings

KEYS = ("name", "port", "state", "detail", *UNKNOWN[1:])
HEADINGS = (
    _("name"),
    _("state"),
    _("since"),
    _("operator"),
    _("signal"),
    _("today"),
    _("storage"),
    _("balance"),
    _("port"),
    _("IMEI"),
    _("SIM (ICCID)"),
    _("detail"),
)
LONG = (_("port"), _("detail"))
SPARE = (_("IMEI"), _("SIM (ICCID)"), _("storage"), _("since"), _("operator"), _("port"))  # `--json` has them
NEARLY_FULL = 50  # percent from which on a storage is worth a column


@click.group(
    invoke_without_command=True,
    help=_("Show each modem: port, IMEI, SIM, operator, signal, state, sent today and its limit; pause or reset one."),
    epilog=show.examples(
        "smsgw modems",
        "smsgw modems --watch",
        "smsgw modems pause sim-1 --reason 'new SIM'",
        "smsgw modems resume sim-1",
        "smsgw modems history sim-1",
    ),
)
@as_json
@click.option("--watch", "is_watch", is_flag=True, help=_("Show it anew every second, until Ctrl-C."))
@click.pass_context
def modems(ctx: click.Context, is_json: bool, is_watch: bool) -> None:
    if ctx.invoked_subcommand is not None:
        hand_on(ctx)
        return
    if is_json and is_watch:
        raise click.UsageError(_("Choose one of --json and --watch."), ctx=ctx)
    settings, _mistakes = settings_to_look_on(ctx)
    if is_watch:
        _watch(settings)
    elif is_json:
        show.as_json(_read(settings))
    else:
        _print(_read(settings), settings)


modems.add_command(pause)
modems.add_command(resume)
modems.add_command(reset)
modems.add_command(history)


def _watch(settings: Settings) -> None:
    from gateway.cli import live

    live.show(lambda: _print(_read(settings), settings))


def _read(settings: Settings) -> list[dict[str, Any]]:
    from gateway.cli import alive

    with opened(settings) as connection:
        daemon = alive.daemon(connection, settings, now())
        known = alive.carriers(connection, settings, daemon)
    return [{key: row[key] for key in KEYS} for row in known if row["kind"] == "modem"]


def _print(rows: list[dict[str, Any]], settings: Settings) -> None:
    if rows:
        show.table(HEADINGS, [_line(row, settings) for row in rows], long=LONG, spare=SPARE, is_whole=True)
    elif settings.smpp:
        show.say(_("There is no modem; `smsgw status` shows the binds."))
    else:
        sentence = _("No modem is known yet: start the daemon with `{command}`, or look with `smsgw doctor`.")
        show.say(sentence.format(command=starting.command(settings)))


def _line(row: dict[str, Any], settings: Settings) -> tuple[object, ...]:
    signal = "" if row["signal_dbm"] is None else f"{row['signal_dbm']} dBm"
    today = str(row["sent_today"]) if row["limit_today"] is None else f"{row['sent_today']}/{row['limit_today']}"
    storage = f"{row['storage_percent']} %" if (row["storage_percent"] or 0) >= NEARLY_FULL else ""
    return (
        row["name"],
        row["state"],
        show.local(row["since"], settings),
        row["operator"],
        signal,
        today,
        storage,
        _balance(row, settings),
        row["port"],
        row["imei"],
        row["iccid"],
        row["detail"],
    )


def _balance(row: dict[str, Any], settings: Settings) -> str:
    """Money, how many SMS the plan still has, and until when that lasts at the rate of the last weeks."""
    money = "" if row["balance"] is None else f"{row['balance']:.2f}"
    allowance = "" if row["allowance"] is None else _("{count} SMS").format(count=row["allowance"])
    end = (show.local(row["runs_out_at"], settings) or "")[: len("2026-11-22")]
    return ", ".join(part for part in (money, allowance, end and _("until {date}").format(date=end)) if part)
