"""Signs of life: the daemon's heartbeat, each carrier's state for `status` and `modems`, PINs that a SIM refused."""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from datetime import datetime

from gateway.carrier import CarrierStatus
from gateway.queue import db, times
from gateway.queue.views import dicts

BEAT = """
    INSERT INTO daemon (id, pid, started_at, heartbeat_at) VALUES (1, :pid, :now, :now)
    ON CONFLICT (id) DO UPDATE SET
        started_at = CASE WHEN pid IS :pid AND stopped_at IS NULL AND NOT :is_start THEN started_at ELSE :now END,
        pid = :pid, heartbeat_at = :now, stopped_at = NULL"""
STOP = "UPDATE daemon SET stopped_at = :now, heartbeat_at = :now"
READ = "SELECT pid, started_at, heartbeat_at, stopped_at FROM daemon"
REPORT = """
    INSERT OR REPLACE INTO carriers (name, kind, state, detail, port, imei, iccid, imsi, operator, signal_dbm,
                                     sent_today, limit_today, updated_at)
    VALUES (:name, :kind, :state, :detail, :port, :imei, :iccid, :imsi, :operator, :signal_dbm, :sent_today,
            :limit_today, :now)"""
FORGET = "DELETE FROM carriers WHERE name = ?"
CARRIERS = "SELECT * FROM carriers ORDER BY name"
REMEMBER_PIN = "INSERT OR IGNORE INTO refused_pins (key, at) VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
IS_PIN_REFUSED = "SELECT EXISTS (SELECT 1 FROM refused_pins WHERE key = ?)"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of the last daemon."""

    pid: int
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None  # None: it runs, or it was killed


def start(connection: sqlite3.Connection, pid: int, now: datetime) -> None:
    """A daemon begins."""
    _write(connection, BEAT, {"pid": pid, "now": times.to_text(now), "is_start": True})


def beat(connection: sqlite3.Connection, pid: int, now: datetime) -> None:
    """It lives; another pid than the last one's is a daemon that begins."""
    _write(connection, BEAT, {"pid": pid, "now": times.to_text(now), "is_start": False})


def stopped(connection: sqlite3.Connection, now: datetime) -> None:
    """It has ended in good order."""
    _write(connection, STOP, {"now": times.to_text(now)})


def read(connection: sqlite3.Connection) -> Heartbeat | None:
    """None: no daemon has ever run on this database."""
    row = connection.execute(READ).fetchone()
    if row is None:
        return None
    pid, started_at, heartbeat_at, stopped_at = row
    return Heartbeat(pid, times.from_text(started_at), times.from_text(heartbeat_at), times.optional_time(stopped_at))


def report(
    connection: sqlite3.Connection,
    name: str,
    kind: str,
    status: CarrierStatus,
    sent_today: int,
    limit_today: int | None,
    now: datetime,
) -> None:
    """How a carrier is."""
    counts = {"sent_today": sent_today, "limit_today": limit_today, "now": times.to_text(now)}
    _write(connection, REPORT, {"name": name, "kind": kind, **asdict(status), **counts})


def forget(connection: sqlite3.Connection, name: str) -> None:
    """A carrier that is no longer configured."""
    with db.write(connection):
        connection.execute(FORGET, (name,))


def carriers(connection: sqlite3.Connection) -> list[dict[str, object]]:
    """The last known state of each, by name."""
    return dicts(connection, CARRIERS, {})


def remember_refused_pin(connection: sqlite3.Connection, key: str) -> None:
    """A SIM refused this PIN: it is never tried again."""
    with db.write(connection):
        connection.execute(REMEMBER_PIN, (key,))


def is_pin_refused(connection: sqlite3.Connection, key: str) -> bool:
    """Whether the SIM has refused this PIN before."""
    return bool(connection.execute(IS_PIN_REFUSED, (key,)).fetchone()[0])


def _write(connection: sqlite3.Connection, statement: str, values: dict[str, object]) -> None:
    with db.write(connection):
        connection.execute(statement, values)
