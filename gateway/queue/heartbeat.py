"""Signs of life: the daemon's heartbeat, each carrier's state for `status` and `modems`, PINs that a SIM refused."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.queue import db, lives, orders, times
from gateway.queue.lives import report as report  # beside the other signs of life
from gateway.queue.views import dicts

BEAT = """
    INSERT INTO daemon (id, pid, started_at, heartbeat_at, latest_at) VALUES (1, :pid, :now, :now, :now)
    ON CONFLICT (id) DO UPDATE SET
        started_at = CASE WHEN pid IS :pid AND stopped_at IS NULL AND NOT :is_start THEN started_at ELSE :now END,
        pid = :pid, heartbeat_at = :now, stopped_at = NULL,
        latest_at = max(COALESCE(latest_at, heartbeat_at), :now)"""
BELIEVE = "UPDATE daemon SET latest_at = :now WHERE latest_at > :now"
LATEST = "SELECT COALESCE(latest_at, heartbeat_at) FROM daemon"
STOP = "UPDATE daemon SET stopped_at = :now, heartbeat_at = :now"
START = "UPDATE daemon SET loaded_at = NULL, not_loaded = NULL, hung = NULL, hung_at = NULL"
PROVE = "UPDATE daemon SET pid = pid"
LOADED = "UPDATE daemon SET loaded_at = :now, not_loaded = :lines"
WHAT_LOADED = "SELECT loaded_at, not_loaded FROM daemon"
HUNG = "UPDATE daemon SET hung = :names, hung_at = CASE WHEN :names IS NULL THEN NULL ELSE COALESCE(hung_at, :now) END"
WHAT_HANGS = "SELECT hung_at, hung FROM daemon"
READ = "SELECT pid, started_at, heartbeat_at, stopped_at FROM daemon"
SET_BACK = timedelta(hours=1)  # less is a correction
CARRIERS = """
    SELECT c.*, e.text AS last_error, e.at AS last_error_at
    FROM carriers AS c LEFT JOIN last_errors AS e ON e.carrier = c.name ORDER BY c.name"""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The last sign of life of the last daemon."""

    pid: int
    started_at: datetime
    heartbeat_at: datetime
    stopped_at: datetime | None  # None: it runs, or it was killed


def start(connection: sqlite3.Connection, pid: int, now: datetime) -> None:
    """A daemon begins, with the configuration as it is."""
    with db.write(connection):
        last = read(connection)
        connection.execute(BEAT, {"pid": pid, "now": times.to_text(now), "is_start": True})
        connection.execute(START)
        lives.begin(connection, now, is_ended=last is not None and last.stopped_at is not None)
        orders.fail_open(connection, now)


def beat(connection: sqlite3.Connection, pid: int, now: datetime) -> None:
    """It lives; another pid than the last one's is a daemon that begins."""
    _write(connection, BEAT, {"pid": pid, "now": times.to_text(now), "is_start": False})


def prove(connection: sqlite3.Connection) -> None:
    """That it can be written, to the disk; else SQLite says why not."""
    _write(connection, PROVE, {})


def stopped(connection: sqlite3.Connection, now: datetime) -> None:
    """It has ended in good order, and so have its carriers."""
    with db.write(connection):
        connection.execute(STOP, {"now": times.to_text(now)})
        lives.end(connection, now)


def still_to_come(connection: sqlite3.Connection, now: datetime) -> datetime | None:
    """The latest moment that a daemon has lived through, where the clock was set back since."""
    row = connection.execute(LATEST).fetchone()
    latest = None if row is None else times.from_text(row[0])
    return latest if latest is not None and latest - now > SET_BACK else None


def believe(connection: sqlite3.Connection, now: datetime) -> None:
    """The clock is right: it was ahead before."""
    _write(connection, BELIEVE, {"now": times.to_text(now)})


def loaded(connection: sqlite3.Connection, now: datetime, left: Sequence[str]) -> None:
    """It has read its configuration anew; `left`: what of it does not count, and why, a line each."""
    _write(connection, LOADED, {"now": times.to_text(now), "lines": "\n".join(left) or None})


def what_loaded(connection: sqlite3.Connection) -> tuple[str | None, list[str]]:
    """When the daemon last read its configuration anew, None since its start not; what of it does not count."""
    loaded_at, lines = connection.execute(WHAT_LOADED).fetchone() or (None, None)
    return loaded_at, (lines or "").splitlines()


def hung(connection: sqlite3.Connection, names: Sequence[str], now: datetime) -> None:
    """These threads of the daemon do not move; none: all do.

    Not by `db.write`: one of them may have this process's turn to write, and whoever tells of it must not wait for it.
    """
    connection.execute(HUNG, {"names": "\n".join(names) or None, "now": times.to_text(now)})


def what_hangs(connection: sqlite3.Connection) -> tuple[str | None, list[str]]:
    """Since when threads of the last daemon did not move, and which; None and none when all did."""
    hung_at, names = connection.execute(WHAT_HANGS).fetchone() or (None, None)
    return hung_at, (names or "").splitlines()


def read(connection: sqlite3.Connection) -> Heartbeat | None:
    """None: no daemon has ever run on this database."""
    row = connection.execute(READ).fetchone()
    if row is None:
        return None
    pid, started_at, heartbeat_at, stopped_at = row
    return Heartbeat(pid, times.from_text(started_at), times.from_text(heartbeat_at), times.optional_time(stopped_at))


def carriers(connection: sqlite3.Connection) -> list[dict[str, object]]:
    """The last known state of each, by name."""
    return dicts(connection, CARRIERS, {})


def _write(connection: sqlite3.Connection, statement: str, values: dict[str, object]) -> None:
    with db.write(connection):
        connection.execute(statement, values)
