"""What only some carriers may take: a message whose `route` names several of them, a line each (gateway/routing.py).

Which of these ways are open to a carrier changes from moment to moment, and the messages stay as they are: one look-up
by the index for each open way finds what goes first there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.plan.limits import URGENT_RANK
from gateway.queue import times
from gateway.routing import Opening, is_several

LOOKED = 500  # messages of a way among which one is sought that fits into what is left of a limit
# So long the better carrier has for what is urgent; then whoever of its way is free takes it.
URGENT_START = timedelta(seconds=0.5)

_COLUMNS = """
    SELECT id, expires, msisdn, segments, attempts, COALESCE(taken_at, released_at) IS NULL AS is_new, rank, campaign"""
_IN_WAY = """
    FROM outbox INDEXED BY outbox_due
    WHERE state = 'queued' AND due = 1 AND route = :way AND rank >= :floor AND shunned IS NOT :carrier"""
# In the columns of statements.FIRST_DUE; where that takes too many SMS, the first of so many that is short enough.
FIRST = f"{_COLUMNS}{_IN_WAY} AND updated_at <= :since ORDER BY rank DESC, id LIMIT 1"
FIRST_SHORT = f"""
    SELECT * FROM ({_COLUMNS}{_IN_WAY} AND updated_at <= :since ORDER BY rank DESC, id LIMIT :looked)
    WHERE segments <= :room ORDER BY rank DESC, id LIMIT 1"""
# What another carrier of the way, the better one, has failed with.
FIRST_LEFT = f"""
    {_COLUMNS} FROM outbox INDEXED BY outbox_shunned
    WHERE state = 'queued' AND shunned IS NOT NULL AND due = 1 AND route = :way AND rank >= :least_rank
      AND shunned <> :carrier AND (:room IS NULL OR segments <= :room)
    ORDER BY rank DESC, id LIMIT 1"""
# Each way that a due message has, one look-up each.
ROUTES = """
    WITH RECURSIVE routes (route) AS (
        SELECT min(route) FROM outbox INDEXED BY outbox_due WHERE state = 'queued' AND due = 1 AND route > ''
        UNION ALL
        SELECT (SELECT min(o.route) FROM outbox AS o INDEXED BY outbox_due
                WHERE o.state = 'queued' AND o.due = 1 AND o.route > routes.route)
        FROM routes WHERE routes.route IS NOT NULL)
    SELECT route FROM routes WHERE route IS NOT NULL"""
HAS_URGENT = """
    SELECT EXISTS (SELECT 1 FROM outbox INDEXED BY outbox_due
                   WHERE state = 'queued' AND due = 1 AND route = :way AND rank >= :urgent)"""

Row = tuple[object, ...]
SEGMENTS = 3  # the column


@dataclass(frozen=True, slots=True)
class Seeker:
    """A carrier that may send, and within which bounds; as in Outbox.claim."""

    carrier: str
    now: datetime
    room: int | None = None
    least_rank: int = 0
    least_shared: int = 0

    def rows(self, connection: sqlite3.Connection, openings: Iterable[Opening]) -> Iterable[Row]:
        """What goes first in each open way, in the columns of statements.FIRST_DUE."""
        for each in openings:
            values = self._values(each)
            rows = [self._first(connection, values)]
            if not each.is_first:
                rows.append(connection.execute(FIRST_LEFT, values).fetchone())
            yield from (row for row in rows if row is not None)

    def _first(self, connection: sqlite3.Connection, values: Mapping[str, object]) -> Row | None:
        row: Row | None = connection.execute(FIRST, values).fetchone()
        if row is None or self.room is None or int(row[SEGMENTS]) <= self.room:  # type: ignore[call-overload]
            return row
        row = connection.execute(FIRST_SHORT, values).fetchone()
        return row

    def _values(self, opening: Opening) -> Mapping[str, object]:
        """A way in which another one is better: only what is urgent, and was left by that one for a while."""
        least_rank = max(self.least_rank, self.least_shared if opening.is_shared else 0)
        since = times.LATEST if opening.is_first else self.now - URGENT_START
        return {
            "way": opening.way,
            "carrier": self.carrier,
            "room": self.room,
            "looked": LOOKED,
            "least_rank": least_rank,
            "floor": least_rank if opening.is_first else max(least_rank, URGENT_RANK),
            "since": times.to_text(since),
        }


def in_queue(connection: sqlite3.Connection) -> frozenset[str]:
    """The ways of several carriers that due messages have."""
    return frozenset(route for (route,) in connection.execute(ROUTES) if is_several(route))


def has_urgent(connection: sqlite3.Connection, ways: Iterable[str]) -> bool:
    """Whether something urgent waits in one of these ways."""
    asked = ({"way": way, "urgent": URGENT_RANK} for way in ways)
    return any(connection.execute(HAS_URGENT, values).fetchone()[0] for values in asked)
