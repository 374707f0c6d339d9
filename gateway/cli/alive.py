"""Whether the daemon lives, and how its carriers are: by its heartbeat and its lock, never by a pid file."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from gateway.cli.show import local
from gateway.i18n import _
from gateway.lock import is_held
from gateway.queue import times

if TYPE_CHECKING:
    from gateway.settings import Settings

HEARTBEAT_LIMIT = timedelta(seconds=10)  # the daemon beats every second or two; one that was silent for so long hangs
UNKNOWN = ("port", "imei", "iccid", "imsi", "operator", "signal_dbm", "sent_today", "limit_today")


@dataclass(frozen=True, slots=True)
class Daemon:
    """What is known of the daemon; times as the database has them."""

    is_running: bool
    started_at: str | None = None
    heartbeat_at: str | None = None
    pid: int | None = None
    stopped_at: str | None = None  # when it ended in order; None when it was killed or still runs

    @property
    def is_stopped(self) -> bool:
        """Whether it ended in order."""
        return self.stopped_at is not None


def daemon(connection: sqlite3.Connection, settings: Settings, now: datetime) -> Daemon:
    """Running means: it beat a moment ago and holds the lock of its database."""
    from gateway.queue import heartbeat

    last = heartbeat.read(connection)
    if last is None:
        return Daemon(False)
    is_fresh = now - last.heartbeat_at <= HEARTBEAT_LIMIT
    is_running = last.stopped_at is None and is_fresh and is_held(settings.gateway.database)
    started_at, heartbeat_at = times.to_text(last.started_at), times.to_text(last.heartbeat_at)
    return Daemon(is_running, started_at, heartbeat_at, last.pid, times.optional_text(last.stopped_at))


def carriers(connection: sqlite3.Connection, settings: Settings, daemon: Daemon) -> list[dict[str, Any]]:
    """Each carrier that is configured, or was found, with its state as of now."""
    from gateway.queue import heartbeat

    known = {str(row["name"]): row for row in heartbeat.carriers(connection)}
    configured = [known.get(modem.name) or _unseen(modem.name, modem.port) for modem in settings.modems]
    found = [row for row in known.values() if _is_current(row, daemon)]
    modems = [_now(row, daemon, settings) for row in (configured or found)]
    return modems + [_unsupported(bind.name) for bind in settings.smpp]


def _is_current(row: dict[str, Any], daemon: Daemon) -> bool:
    """Whether this run of the daemon has told about it; of a daemon that is gone everything counts."""
    return not daemon.is_running or row["updated_at"] >= (daemon.started_at or "")


def _now(row: dict[str, Any], daemon: Daemon, settings: Settings) -> dict[str, Any]:
    if daemon.is_running:
        return row if _is_current(row, daemon) else {**row, "state": "starting", "detail": _("The daemon opens it.")}
    return {**row, "state": "stopped", "detail": _stopped(row, settings)}


def _stopped(row: dict[str, Any], settings: Settings) -> str:
    if row["updated_at"] == "":
        return _("The daemon is not running and has never seen it; start it with `smsgw run`.")
    sentence = _("The daemon is not running; last known at {at}: {state}. {detail}")
    return sentence.format(at=local(row["updated_at"], settings), state=row["state"], detail=row["detail"]).strip()


def _unseen(name: str, port: str | None = None) -> dict[str, Any]:
    """A carrier of which the daemon has told nothing yet."""
    told = {"name": name, "kind": "modem", "state": "starting", "detail": "", "updated_at": "", "sent_today": 0}
    return {**dict.fromkeys(UNKNOWN), **told, "port": port}


def _unsupported(name: str) -> dict[str, Any]:
    return {
        **_unseen(name),
        "kind": "smpp",
        "state": "stopped",
        "detail": _("This version does not send over SMPP yet."),
    }
