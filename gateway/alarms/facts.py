"""What alarms are judged by, read from the database and the disk; what costs more is read less often."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from gateway import time_server
from gateway.alarms.arrived import A_DAY, Arrived
from gateway.alarms.values import CarrierFacts, Facts
from gateway.queue import checking, times, views

SLOWLY = timedelta(minutes=5)  # between two looks at what needs a look at many rows
QUEUE_EVERY = timedelta(seconds=15)  # at the soonest: the oldest of a hundred thousand takes some 50 ms
A_MEGABYTE = 1_000_000
BACK = timedelta(seconds=10)  # less is a correction, or what the daemon has lived through since the clock was read

ABLE_AT = "SELECT started_at, able_at, hung, latest_at FROM daemon"
CARRIERS = """
    SELECT name, kind, state, since, detail, storage_percent, balance, allowance, runs_out_at
    FROM carriers ORDER BY name"""
MOMENTS = ("since", "runs_out_at")  # of them
HELD = (
    "SELECT COALESCE(error_code, 'held'), count(*) FROM outbox INDEXED BY outbox_held WHERE state = 'held' GROUP BY 1"
)
PAST_LIMIT = """
    SELECT count(*), max(outbox_id) FROM events INDEXED BY events_past_limit
    WHERE event = 'past_limit' AND at >= :since"""
# The centre's own stamp beside the moment at which the network's answer came: less than a minute apart.
STAMPS = """
    SELECT r.submitted_at, s.submitted_at FROM reports AS r JOIN segments AS s ON s.id = r.segment_id
    WHERE r.id > (SELECT max(:after, COALESCE(max(id), 0) - 50) FROM reports) AND r.received_at BETWEEN :since AND :now
      AND r.submitted_at IS NOT NULL AND s.submitted_at IS NOT NULL AND s.attempts = 1"""
LAST_REPORT = "SELECT COALESCE(max(id), 0) FROM reports"
RAISED = "SELECT code, subject FROM alarms WHERE cleared_at IS NULL"

Moment = TypeVar("Moment", datetime, datetime | None)


class Reader:
    """Reads facts over one connection at a time; remembers those that are read slowly."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._slow: Facts | None = None
        self._arrived = Arrived()
        self._queue: tuple[datetime, float | None] | None = None  # when it was looked at, and the oldest
        self._seen: datetime | None = None  # by the clock, when it was asked last
        self._after = 0  # the last report that came before the clock was set back
        self._back_at: datetime | None = None  # since then it goes on: what is still to come had happened by then

    def read(self, connection: sqlite3.Connection, now: datetime) -> Facts | None:
        """None: no daemon has ever written anything."""
        row = connection.execute(ABLE_AT).fetchone()
        if row is None:
            return None
        latest = times.optional_time(row[3])
        write_fault = checking.write_fault(connection)
        past_limit, last_past_limit = connection.execute(PAST_LIMIT, {"since": times.to_text(now - A_DAY)}).fetchone()
        return replace(
            self._remembered(connection, latest, now),
            now=now,
            started_at=self._past(times.from_text(row[0]), now),
            able_at=self._past(times.optional_time(row[1]), now),
            hung=tuple((row[2] or "").splitlines()),
            latest_at=latest,
            carriers=tuple(replace(each, since=self._past(each.since, now)) for each in _carriers(connection)),
            oldest_queued_s=self._oldest_s(connection, now),
            held=dict(connection.execute(HELD).fetchall()),
            past_limit=past_limit,
            last_past_limit=last_past_limit,
            disk_free_mb=_free_mb(self._database),
            write_fault=write_fault,
            strangers=tuple(checking.strangers(connection)) if write_fault else (),
            raised=frozenset(connection.execute(RAISED).fetchall()),
        )

    def _remembered(self, connection: sqlite3.Connection, latest: datetime | None, now: datetime) -> Facts:
        self._mind_clock(connection, latest, now)
        if self._slow is None or abs(now - self._slow.now) >= SLOWLY:
            self._slow = self._read_slowly(connection, latest, now)
        return self._slow

    def _mind_clock(self, connection: sqlite3.Connection, latest: datetime | None, now: datetime) -> None:
        """Reports from before it was set back, now or while no daemon lived, say nothing of how it is since."""
        seen, self._seen = self._seen, now
        if seen is None or seen - now > BACK:
            self._back_at = now
        if (seen or latest or now) - now > BACK:
            self._after, self._slow = connection.execute(LAST_REPORT).fetchone()[0], None

    def _past(self, moment: Moment, now: datetime) -> Moment:
        """Else nobody would hear of what is amiss until the clock is as late again as it was."""
        return self._back_at if moment and self._back_at and moment - now > BACK else moment

    def _oldest_s(self, connection: sqlite3.Connection, now: datetime) -> float | None:
        """After each change of a carrier's state there is a look; the queue is gone through less often."""
        if self._queue is None or abs(now - self._queue[0]) >= QUEUE_EVERY:
            self._queue = now, views.oldest_queued_s(connection, now)
        return self._queue[1]

    def _read_slowly(self, connection: sqlite3.Connection, latest: datetime | None, now: datetime) -> Facts:
        is_to_come = latest is not None and latest - now > BACK
        return Facts(
            now,
            now,
            reported=self._arrived.read(connection, now),
            stamp_differences_s=_differences_s(connection, self._after, now),
            is_clock_kept=is_to_come and time_server.is_followed() is True,
        )


def _carriers(connection: sqlite3.Connection) -> tuple[CarrierFacts, ...]:
    rows = views.dicts(connection, CARRIERS, {})
    return tuple(CarrierFacts(**row | {name: times.optional_time(row[name]) for name in MOMENTS}) for row in rows)


def _differences_s(connection: sqlite3.Connection, after: int, now: datetime) -> tuple[float, ...]:
    """Of the last reports, of those `after` that one."""
    values = {"after": after, "since": times.to_text(now - timedelta(hours=1)), "now": times.to_text(now)}
    stamps = connection.execute(STAMPS, values).fetchall()
    return tuple((times.from_text(theirs) - times.from_text(ours)).total_seconds() for theirs, ours in stamps)


def _free_mb(database: Path) -> float | None:
    try:
        return shutil.disk_usage(database.parent).free / A_MEGABYTE
    except OSError:
        return None
