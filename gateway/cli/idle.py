"""Why nothing goes out at the moment, for whoever has queued something or looks how far it is.

Of a draft nothing is to go out, and of its samples it is told that they wait.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.i18n import _
from gateway.life import Life

if TYPE_CHECKING:
    from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Words:
    """What is said, and of what."""

    no_daemon: str
    no_carrier: str


OF_ALL = Words(
    _("The daemon is not running: nothing goes out. Start it with `{command}`."),
    _("No modem or bind is ready: nothing goes out now. `smsgw status` says why."),
)
OF_SAMPLES = Words(
    _("The daemon is not running: the samples wait. Start it with `{command}`."),
    _("No modem or bind is ready: the samples wait. `smsgw status` says why."),
)
OF_ONE_IN_HAND = Words(
    _("The daemon is not running: what becomes of those being sent shows when it runs. Start it with `{command}`."),
    _("No modem or bind is ready: what becomes of those being sent shows later. `smsgw status` says why."),
)


def why(connection: sqlite3.Connection, settings: Settings, now: datetime, words: Words = OF_ALL) -> str | None:
    """None: at least one carrier can send."""
    from gateway.cli import alive, starting

    daemon = alive.daemon(connection, settings, now)
    if not daemon.is_there:
        return words.no_daemon.format(command=starting.command(settings))
    if all(carrier["state"] != Life.READY for carrier in alive.carriers(connection, settings, daemon)):
        return words.no_carrier
    return None
