"""Why nothing goes out at the moment, for whoever has queued something or looks how far it is."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from gateway.i18n import _
from gateway.life import Life

if TYPE_CHECKING:
    from gateway.settings import Settings


def why(connection: sqlite3.Connection, settings: Settings, now: datetime) -> str | None:
    """None: at least one carrier can send."""
    from gateway.cli import alive, starting

    daemon = alive.daemon(connection, settings, now)
    if not daemon.is_there:
        sentence = _("The daemon is not running: nothing goes out. Start it with `{command}`.")
        return sentence.format(command=starting.command(settings))
    if all(carrier["state"] != Life.READY for carrier in alive.carriers(connection, settings, daemon)):
        return _("No modem or bind is ready: nothing goes out now. `smsgw status` says why.")
    return None
