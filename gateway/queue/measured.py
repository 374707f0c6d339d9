"""How fast the carriers are, by what they have sent; and what waits before something new."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from gateway.queue import times

LOOKED = 200  # SMS of a carrier, the last ones
LATELY = timedelta(days=30)
BREAK_S = 60.0  # a longer gap was no work, but the end of a queue
LEAST = 10  # gaps that tell a rate

LAST = """
    SELECT submitted_at FROM segments INDEXED BY segments_submitted
    WHERE carrier = :carrier AND submitted_at >= :since ORDER BY submitted_at DESC LIMIT :limit"""
# Those whose time is still to come, or whose campaign waits, are not in the way.
AHEAD = """
    SELECT CASE WHEN due IS NULL THEN NULL WHEN wish_until IS NULL THEN COALESCE(route, '') ELSE '' END AS way,
           sum(COALESCE(segments, 1))
    FROM outbox INDEXED BY outbox_state
    WHERE state = 'queued' AND (due = 1 OR due IS NULL AND NOT (
        COALESCE(not_before, '') > :now AND not_before GLOB '????-??-??T??:??:??.???Z'))
      AND NOT EXISTS (SELECT 1 FROM campaigns AS c WHERE c.id = campaign AND c.state <> 'running')
    GROUP BY way"""


def per_minute(connection: sqlite3.Connection, carrier: str, now: datetime) -> float | None:
    """SMS a minute while it worked; None: it has not sent enough to tell."""
    values = {"carrier": carrier, "since": times.to_text(now - LATELY), "limit": LOOKED}
    moments = [times.from_text(at) for (at,) in connection.execute(LAST, values)]
    gaps = [(later - earlier).total_seconds() for later, earlier in pairwise(moments)]
    worked = [gap for gap in gaps if gap <= BREAK_S]
    if len(worked) < LEAST or median(worked) <= 0:
        return None
    return 60.0 * len(worked) / sum(worked)


def sms_ahead(connection: sqlite3.Connection, now: datetime) -> dict[str | None, int]:
    """SMS in the queue that would go now, by their ways (gateway/routing.py); None: not examined yet."""
    return dict(connection.execute(AHEAD, {"now": times.to_text(now)}).fetchall())
