"""`smsgw doctor`: look at everything that sending depends on, and say what to do about each finding.

Beside a running daemon it only reads: ports are left alone, and the daemon tells of its modems.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli import show
from gateway.cli.checks.finding import Finding
from gateway.cli.context import invocation, now, opened
from gateway.cli.options import as_json
from gateway.errors import GatewayError
from gateway.i18n import _, ngettext

if TYPE_CHECKING:
    import sqlite3

    from gateway.cli.alive import Daemon
    from gateway.cli.checks.modems import IsRefused
    from gateway.settings import Settings

# Under which heading a person finds a check; the first of a group brings the heading.
HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("configuration", "secrets"), _("Configuration")),
    **dict.fromkeys(("database", "disk", "permissions"), _("Database")),
    **dict.fromkeys(("kernel log", "usb", "port", "ModemManager", "clock", "timezone"), _("This machine")),
    **dict.fromkeys(("daemon", "service", "alarm", "messages"), _("Daemon and messages")),
    **dict.fromkeys(("modem", "sim", "network", "signal", "sim storage", "service centre"), _("Modems")),
    "smpp": "SMPP",
    "loopback": _("Loop-back"),
}


@click.command(
    help=_(
        "Check configuration, rights, database, machine, service, messages, and each modem with its SIM, and say what"
        " to do. It disturbs no running daemon. The exit code is 0 when all is well, else 1."
    ),
    epilog=show.examples("smsgw doctor", "sudo smsgw doctor", "smsgw doctor --json", "smsgw doctor --loopback sim-1"),
)
@as_json
@click.option(
    "--loopback",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[NAME]",
    help=_("Also send an SMS from this modem, or the first that is ready, to itself. It costs an SMS."),
)
@click.option("--number", metavar="NUMBER", help=_("With --loopback: the SIM's own number; it is remembered."))
@click.pass_context
def doctor(ctx: click.Context, is_json: bool, loopback: str | None, number: str | None) -> None:
    found: list[Finding] = []
    heading = ""
    for finding in _all(invocation(ctx).config, loopback, number):
        found.append(finding)
        if not is_json:
            heading = _print(finding, heading)
    if is_json:
        show.as_json([asdict(finding) for finding in found])
    else:
        _sum_up(sum(not finding.ok for finding in found))
    ctx.exit(0 if all(finding.ok for finding in found) else 1)


def _all(given: Path | None, loopback: str | None, number: str | None) -> Iterator[Finding]:
    yield from findings(given, now())
    if loopback is not None:
        yield from _loopback(given, loopback, number)


def findings(given: Path | None, moment: datetime) -> Iterator[Finding]:
    """Everything, in the order in which a person should look into it."""
    from gateway.cli.checks import clock, configuration, database, rights, smpp

    settings, found = configuration.load(given)
    yield from found
    if settings is not None:
        yield from database.check(settings.gateway.database, settings.alarms.disk_free_mb)
        yield from rights.check(settings)
    yield from _machine(settings)
    yield from clock.check(settings, moment)
    if settings is not None:
        yield from _carriers(settings, moment)
        yield from smpp.contradictions(settings)


def _machine(settings: Settings | None) -> Iterator[Finding]:
    from gateway.cli.checks import kernel, modem_manager, ports, usb
    from gateway.daemon.lock import is_held
    from gateway.modem import usb as modem_usb
    from gateway.modem.ports import find_ports

    there = find_ports()
    if settings is not None and not is_held(settings.gateway.database):
        yield from ports.check(settings)  # else the daemon tells of its ports, also to who may not open them
    yield from modem_manager.check(lines=modem_usb.udev_rules(there))
    yield from usb.check(there, modem_usb.SYSFS)
    yield from kernel.check()


def _carriers(settings: Settings, moment: datetime) -> Iterator[Finding]:
    """The daemon, what waits, modems and binds; without a daemon we ask these ourselves."""
    from gateway.cli import alive
    from gateway.cli.checks import daemon, messages, service
    from gateway.daemon.lock import is_held

    try:
        with opened(settings) as connection:
            known = alive.daemon(connection, settings, moment)
            carriers = alive.carriers(connection, settings, known)
            waiting = [*messages.check(connection, settings, moment), *_alarms(connection, known)]
            waiting += _lived_through(connection, known, settings, moment)
    except GatewayError:  # a database that doesn't open is a finding already
        yield from () if is_held(settings.gateway.database) else _asked(settings, moment)
        return
    yield daemon.check(known, settings)
    yield from service.check()
    yield from waiting
    yield from (
        _told(settings, carriers, moment)
        if known.is_there
        else _asked(settings, moment, partial(_is_refused, settings))
    )


def _told(settings: Settings, carriers: list[dict[str, Any]], moment: datetime) -> Iterator[Finding]:
    from gateway.cli.checks import smpp, told

    by_port = [modem.name for modem in settings.modems if modem.port and not (modem.imei or modem.iccid or modem.imsi)]
    yield from told.from_daemon(carriers, moment, settings.alarms.storage_full, by_port)
    yield from smpp.from_daemon(settings, carriers, moment)


def _asked(settings: Settings, moment: datetime, is_refused: IsRefused = lambda keys: False) -> Iterator[Finding]:
    """`is_refused` knows the PINs that a SIM refused."""
    from gateway.cli.checks import modems, smpp

    yield from modems.asked(settings, is_refused)
    yield from smpp.asked(settings, moment)


def _alarms(connection: sqlite3.Connection, known: Daemon) -> Iterator[Finding]:
    """Without a daemon nobody would clear them."""
    from gateway.cli.checks import messages

    yield from messages.alarms(connection) if known.is_running else ()


def _lived_through(
    connection: sqlite3.Connection, known: Daemon, settings: Settings, moment: datetime
) -> list[Finding]:
    """With a daemon it is an alarm, which the network may settle."""
    from gateway.cli.checks import clock
    from gateway.queue import heartbeat

    if known.is_running:
        return []
    return list(clock.since(heartbeat.still_to_come(connection, moment), settings.gateway.timezone))


def _loopback(given: Path | None, name: str, number: str | None) -> Iterator[Finding]:
    from gateway.cli import alive, starting
    from gateway.cli.checks import configuration, daemon, loopback

    settings, _found = configuration.load(given)
    if settings is None:  # said already
        return
    with opened(settings) as connection:
        known = alive.daemon(connection, settings, now())
        if not known.is_running:
            remedy = daemon.START.format(command=starting.command(settings))
            yield Finding(loopback.CHECK, False, _("It goes through the daemon, which does not run."), remedy)
            return
        carriers = alive.carriers(connection, settings, known)
        yield from loopback.check(connection, carriers, name, number, now)


def _is_refused(settings: Settings, keys: Sequence[str]) -> bool:
    from gateway.queue import pins

    with opened(settings) as connection:
        return pins.is_refused(connection, keys)


def _print(finding: Finding, before: str) -> str:
    """One finding, below its heading; the heading."""
    heading = HEADINGS.get(finding.check, before)
    if heading != before:
        click.echo(("\n" if before else "") + click.style(heading, bold=True))
    show.finding(finding)
    return heading


def _sum_up(problems: int) -> None:
    sentence = ngettext(
        "{count} problem; the arrow below it says what to do.",
        "{count} problems; the arrow below each says what to do.",
        problems,
    )
    show.say(("\n" + sentence.format(count=problems)) if problems else "\n" + _("All is well."))
