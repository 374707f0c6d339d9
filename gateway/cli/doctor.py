"""`smsgw doctor`: look at everything that sending depends on, and say what to do about each finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli import show
from gateway.cli.checks.finding import Finding
from gateway.cli.context import invocation, now, opened
from gateway.errors import GatewayError
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings


@click.command(
    help=_(
        "Check configuration, database, ports and permissions, each SIM, SMPP and the clock, and say what to do."
        " The exit code is 0 when all is well, else 1."
    ),
    epilog=show.examples("smsgw doctor", "smsgw doctor --json"),
)
@click.option("--json", "is_json", is_flag=True, help=_("One JSON document."))
@click.pass_context
def doctor(ctx: click.Context, is_json: bool) -> None:
    found = []
    for finding in findings(invocation(ctx).config, now()):
        found.append(finding)
        if not is_json:
            show.finding(finding)
    if is_json:
        show.as_json([asdict(finding) for finding in found])
    ctx.exit(0 if all(finding.ok for finding in found) else 1)


def findings(given: Path | None, moment: datetime) -> Iterator[Finding]:
    """Everything, in the order in which a person should look into it."""
    from gateway.cli.checks import clock, configuration, database, modem_manager, ports, smpp
    from gateway.lock import is_held

    settings, found = configuration.load(given)
    yield from found
    if settings is not None:
        yield from database.check(settings.gateway.database)
        if not is_held(settings.gateway.database):  # else the daemon tells of its ports, also to who may not open them
            yield from ports.check(settings)
        yield from modem_manager.check()
        yield from _carriers(settings, moment)
        yield from smpp.check(settings)
    yield from clock.check(settings, moment)


def _carriers(settings: Settings, moment: datetime) -> Iterator[Finding]:
    """The daemon and its modems; without a daemon we ask the modems ourselves."""
    from gateway.cli import alive
    from gateway.cli.checks import daemon, modems
    from gateway.lock import is_held

    try:
        with opened(settings) as connection:
            known = alive.daemon(connection, settings, moment)
            carriers = alive.carriers(connection, settings, known)
    except GatewayError:  # a database that doesn't open is a finding already
        yield from () if is_held(settings.gateway.database) else modems.asked(settings)
        return
    yield daemon.check(known, settings)
    yield from (
        modems.from_daemon(carriers) if known.is_there else modems.asked(settings, partial(_is_refused, settings))
    )


def _is_refused(settings: Settings, key: str) -> bool:
    from gateway.queue import heartbeat

    with opened(settings) as connection:
        return heartbeat.is_pin_refused(connection, key)
