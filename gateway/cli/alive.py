"""Whether the daemon lives, and how its carriers are: by its heartbeat and its lock, never by a pid file."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gateway.cli import starting
from gateway.cli.show import local
from gateway.clock import utc_now
from gateway.daemon.lock import is_held
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import times

if TYPE_CHECKING:
    from gateway.settings import Settings, SmppSettings

HEARTBEAT_LIMIT = timedelta(seconds=10)  # the daemon beats every second or two; one that was silent for so long hangs
UNKNOWN = (
    "port",
    "imei",
    "iccid",
    "imsi",
    "operator",
    "signal_dbm",
    "sent_today",
    "limit_today",
    "since",
    "model",
    "line",
    "storage_percent",
    "has_service_centre",
    "balance",
    "allowance",
    "runs_out_at",
    "last_error",
    "last_error_at",
)

GONE = frozenset({"absent", "stopped", "unknown"})  # states of a modem that nobody listens to


class Condition(Enum):
    """How a daemon may be."""

    NEVER = "never ran"
    STARTING = "holds the lock and has not written yet"
    RUNNING = "beats"
    SILENT = "holds the lock and beats no more: it hangs, or can't write to its database"
    STOPPED = "ended in order"
    KILLED = "ended without a word"


@dataclass(frozen=True, slots=True)
class Daemon:
    """What is known of the daemon; times as the database has them."""

    condition: Condition
    started_at: str | None = None
    heartbeat_at: str | None = None
    pid: int | None = None
    stopped_at: str | None = None  # when it ended in order; None when it was killed or still runs
    hung_at: str | None = None  # since when threads of it do not move, and which; None: all move
    hung: tuple[str, ...] = ()

    @property
    def is_running(self) -> bool:
        return self.condition is Condition.RUNNING

    @property
    def is_there(self) -> bool:
        """Whether its process lives, well or not."""
        return self.condition in (Condition.STARTING, Condition.RUNNING, Condition.SILENT)


def daemon(connection: sqlite3.Connection, settings: Settings, now: datetime) -> Daemon:
    """Running means: it beat a moment ago and holds the lock of its database."""
    from gateway.queue import heartbeat

    is_locked = is_held(settings.gateway.database)
    last = heartbeat.read(connection)
    if last is None:
        return Daemon(Condition.STARTING if is_locked else Condition.NEVER)
    is_fresh = abs(now - last.heartbeat_at) <= HEARTBEAT_LIMIT  # one to come is from before the clock was set back
    condition = _condition(is_locked, is_fresh, last.stopped_at is not None)
    started_at = times.to_text(min(last.started_at, last.heartbeat_at))  # later than this: the clock was set back
    heartbeat_at = times.to_text(last.heartbeat_at)
    pid = None if condition is Condition.STARTING else last.pid  # the last daemon's
    known = Daemon(condition, started_at, heartbeat_at, pid, stopped_at=times.optional_text(last.stopped_at))
    hung_at, hung = heartbeat.what_hangs(connection)
    is_there = condition in (Condition.RUNNING, Condition.SILENT)
    return replace(known, hung_at=hung_at, hung=tuple(hung)) if is_there else known


def _condition(is_locked: bool, is_fresh: bool, is_stopped: bool) -> Condition:
    """Of a daemon that has beaten at some time."""
    if is_stopped:
        return Condition.STARTING if is_locked else Condition.STOPPED
    if is_locked:
        return Condition.RUNNING if is_fresh else Condition.SILENT
    return Condition.KILLED


def carriers(connection: sqlite3.Connection, settings: Settings, daemon: Daemon) -> list[dict[str, Any]]:
    """Each carrier that is configured, or was found, with its state as of now."""
    from gateway.queue import heartbeat, orders

    known = {str(row["name"]): row for row in heartbeat.carriers(connection)}
    configured = [known.get(modem.name) or _unseen(modem.name, modem.port) for modem in settings.modems]
    binds = [known.get(bind.name) or _unseen_bind(bind) for bind in settings.smpp]
    current = [row for row in known.values() if _is_current(row, daemon)]
    modems = [*configured, *(row for row in current if _is_found(row, settings))]
    binds = binds or [row for row in current if row["kind"] == "smpp" and daemon.is_running]
    paused = {} if daemon.is_running else orders.paused(connection)
    now = [_without_air(_now(row, daemon, settings)) for row in [*modems, *binds]]
    return [_with_pause(row, paused) for row in now]


def check_name(connection: sqlite3.Connection, settings: Settings, name: str) -> None:
    """Raise GatewayError when no modem or bind has this name."""
    from gateway.queue import heartbeat, lines

    found = {str(row["name"]) for row in heartbeat.carriers(connection)} | lines.names(connection)
    known = {modem.name for modem in settings.modems} | {bind.name for bind in settings.smpp} | found
    if name not in known:
        sentence = _("There is no modem or bind {name}. There are: {names}.")
        raise GatewayError(sentence.format(name=name, names=", ".join(sorted(known)) or _("none")))


def takes_orders(connection: sqlite3.Connection, settings: Settings) -> bool:
    """Whether a daemon is there that does what it is asked; GatewayError for one that hangs."""
    found = daemon(connection, settings, utc_now())
    if found.condition is Condition.SILENT:
        raise GatewayError(_("The daemon gives no sign; `smsgw doctor` looks into it."))
    return found.is_there


def _is_current(row: dict[str, Any], daemon: Daemon) -> bool:
    """Whether this run of the daemon has told about it; of a daemon that is gone everything counts."""
    return not daemon.is_running or row["updated_at"] >= (daemon.started_at or "")


def _is_found(row: dict[str, Any], settings: Settings) -> bool:
    """Whether it is a modem that nobody configured, where such are taken up."""
    names = {modem.name for modem in settings.modems}
    is_wanted = not names or settings.gateway.take_up_new
    return row["kind"] == "modem" and row["name"] not in names and is_wanted


def _now(row: dict[str, Any], daemon: Daemon, settings: Settings) -> dict[str, Any]:
    if daemon.is_running:
        return row if _is_current(row, daemon) else {**row, "state": "starting", "detail": _("The daemon opens it.")}
    if daemon.condition is Condition.STARTING:
        return {**row, "state": "starting", "detail": _("The daemon opens it.")}
    state = "unknown" if daemon.condition is Condition.SILENT else "stopped"
    past = {"since": None, "detail": _last_known(row, daemon, settings), "sent_today": _sent_today(row, settings)}
    return {**row, "state": state, **past}


def _sent_today(row: dict[str, Any], settings: Settings) -> int:
    """Of a daemon that runs no more: what it sent on an earlier day is not today's."""
    zone = ZoneInfo(settings.gateway.timezone)
    written = times.from_text(row["updated_at"]) if row["updated_at"] else None
    is_of_today = written is not None and written.astimezone(zone).date() == utc_now().astimezone(zone).date()
    return row["sent_today"] if is_of_today else 0


def _with_pause(row: dict[str, Any], paused: Mapping[str, str]) -> dict[str, Any]:
    """One that will send nothing when the daemon runs."""
    if row["name"] not in paused:
        return row
    sentence = _("{detail} Paused: {reason}.")
    reason = paused[row["name"]] or _("no reason given")
    return {**row, "detail": sentence.format(detail=row["detail"], reason=reason).strip()}


def _without_air(row: dict[str, Any]) -> dict[str, Any]:
    """What a modem heard before it went says nothing of now."""
    return {**row, "operator": None, "signal_dbm": None} if row["state"] in GONE else row


def _last_known(row: dict[str, Any], daemon: Daemon, settings: Settings) -> str:
    if row["updated_at"] == "" and daemon.condition is Condition.SILENT:
        return _("The daemon gives no sign, and has told nothing of it yet.")
    if row["updated_at"] == "":
        sentence = _("The daemon is not running and has never seen it; start it with `{command}`.")
        return sentence.format(command=starting.command(settings))
    if row["state"] == "stopped":
        return _("The daemon is not running.")
    sentence = _("The daemon is not running; last known at {at}: {state}. {detail}")
    if daemon.condition is Condition.SILENT:
        sentence = _("The daemon gives no sign; last known at {at}: {state}. {detail}")
    # Of a bind that was ready it says what was in the air, and how fast: that is over.
    detail = "" if row["kind"] == "smpp" and row["state"] == "ready" else row["detail"]
    return sentence.format(at=local(row["updated_at"], settings), state=row["state"], detail=detail).strip()


def _unseen(name: str, port: str | None = None) -> dict[str, Any]:
    """A carrier of which the daemon has told nothing yet."""
    told = {"name": name, "kind": "modem", "state": "starting", "detail": "", "updated_at": "", "sent_today": 0}
    return {**dict.fromkeys(UNKNOWN), **told, "port": port}


def _unseen_bind(bind: SmppSettings) -> dict[str, Any]:
    return _unseen(bind.name, f"{bind.host}:{bind.port}") | {"kind": "smpp"}
