"""How many of a day's messages arrived over each carrier: read on from where the last look ended.

So a look costs what has happened since, in time and in memory, and not the day. Counted by whole hours.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.queue import times

A_DAY = timedelta(hours=24)
AT_ONCE = 5000  # events that are gone through by one statement, some milliseconds
HOUR = len("2026-11-22T09")  # of a written time

# The first event of the day; where there is none, nothing is read before the next one.
BEFORE = """
    SELECT COALESCE(
        (SELECT id - 1 FROM events INDEXED BY events_at
         WHERE to_state IS NOT NULL AND outbox_id IS NOT NULL AND at >= :since ORDER BY at LIMIT 1),
        (SELECT max(id) FROM events), 0)"""
LAST = "SELECT COALESCE(max(id), 0) FROM events"
ENDS = """
    SELECT substr(e.at, 1, :hour), o.carrier, e.to_state, count(*)
    FROM events AS e JOIN outbox AS o ON o.id = e.outbox_id
    WHERE e.id > :after AND e.id <= :until AND e.to_state IN ('delivered', 'undelivered') AND o.carrier IS NOT NULL
    GROUP BY 1, 2, 3"""

Ends = Mapping[str, tuple[int, int]]  # by carrier: delivered, undelivered


class Arrived:
    """What one reader has counted so far."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._after: int | None = None  # the event up to which it is counted
        self._counts: Counter[tuple[str, str, str]] = Counter()  # by hour, carrier and state

    def read(self, connection: sqlite3.Connection, now: datetime) -> Ends:
        """Of the last 24 hours, but for a part of the first."""
        since = times.to_text(now - A_DAY)
        self._go_on(connection, since)
        self._counts = Counter({key: count for key, count in self._counts.items() if key[0] > since[:HOUR]})
        carriers = sorted({carrier for _hour, carrier, _state in self._counts})
        return {name: (self._sum(name, "delivered"), self._sum(name, "undelivered")) for name in carriers}

    def _go_on(self, connection: sqlite3.Connection, since: str) -> None:
        after = self._after
        if after is None:
            after = int(connection.execute(BEFORE, {"since": since}).fetchone()[0])
        last = int(connection.execute(LAST).fetchone()[0])
        while after < last:
            until = min(last, after + self._at_once)
            for *key, count in connection.execute(ENDS, {"hour": HOUR, "after": after, "until": until}).fetchall():
                self._counts[key[0], key[1], key[2]] += count
            after = until
        self._after = after

    def _sum(self, carrier: str, state: str) -> int:
        return sum(count for (_hour, name, to), count in self._counts.items() if (name, to) == (carrier, state))
