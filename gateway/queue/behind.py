"""A clock that was behind by months or years is set right: a box without a battery, until it hears from the network.

What was written by such a clock would look as old as the clock was wrong: messages of a minute ago would have expired,
an SMS in the air would be given up and sent once more, a SIM would begin its day's limit anew. So the gateway's own
moments go along with the clock, all by as much as the last sign of life is behind. That the clock was wrong is certain,
not guessed: by it nobody had written this program yet (times.CREDIBLE). Events, consents and opt-outs stay as they were
written. One transaction, before anything is done by the new time; doing it twice changes nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.queue import db, progress, times

MOMENTS: Mapping[str, Sequence[str]] = {
    "outbox": (
        *("created_at", "updated_at", "sent_at", "delivered_at", "next_attempt_at"),
        *("expires", "wish_until", "taken_at", "released_at"),
    ),
    "segments": ("begun_at", "submitted_at", "reported_at"),
    "spent": ("at", "was_at"),
    "reports": ("received_at",),
    "parts": ("received_at",),
    "inbox": ("received_at",),
    "lines": ("first_seen_at", "last_seen_at", "blocked_at", "blocked_until"),
    "balances": ("at", "runs_out_at"),
    "campaigns": ("created_at", "changed_at"),
    "pauses": ("at",),
    "orders": ("at", "done_at"),
    "carriers": ("since", "updated_at", "runs_out_at"),
    "last_errors": ("at",),
    "alarms": ("raised_at", "cleared_at"),
    "notices": ("next_at",),
    "daemon": (
        *("started_at", "heartbeat_at", "stopped_at", "latest_at"),
        *("able_at", "backlog_at", "loaded_at", "hung_at"),
    ),
    "retention": ("seen_at", "trusted_at"),
}
LAST = """
    SELECT max(at) FROM (
        SELECT heartbeat_at AS at FROM daemon
        UNION ALL SELECT * FROM (SELECT at FROM events ORDER BY id DESC LIMIT 1))
    WHERE at < :credible"""
MOVE = """
    UPDATE OR IGNORE {table} SET {column} = COALESCE(strftime('%Y-%m-%dT%H:%M:%fZ', {column}, :by), {column})
    WHERE {column} < :credible AND {column} > ''"""


def put_right(connection: sqlite3.Connection, now: datetime) -> float:
    """Move them, if the clock was wrong and no longer is; by how many seconds, 0.0: nothing was to be moved."""
    if not times.is_credible(now):
        return 0.0
    with db.write(connection):
        values = {"credible": times.CREDIBLE}
        last = times.optional_time(connection.execute(LAST, values).fetchone()[0])
        if last is None:
            return 0.0
        by_s = (now - last).total_seconds()
        for table, columns in MOMENTS.items():
            for column in columns:
                connection.execute(MOVE.format(table=table, column=column), {**values, "by": f"{by_s:+.3f} seconds"})
        progress.note(connection, None, "clock_set", f"{by_s:+.0f} s", now)
    return by_s
