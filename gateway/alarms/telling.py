"""Works off the notices: each is told in its way, and when that fails again and again a while later, then given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from gateway.alarms.ways import Notice, Unsent, Way, tell
from gateway.i18n import _
from gateway.queue import db, times

WAITS_S = (60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0)  # after the 1st, 2nd, … failure; then it is given up
AT_ONCE = 20

DUE = """
    SELECT n.id, n.way, n.tries, a.id, a.code, a.subject, a.text, a.remedy, a.raised_at,
           CASE WHEN n.is_clear THEN a.cleared_at END
    FROM notices AS n INDEXED BY notices_open JOIN alarms AS a ON a.id = n.alarm_id
    WHERE n.next_at IS NOT NULL AND (n.next_at <= :now OR n.next_at > :beyond) ORDER BY n.id LIMIT :limit"""
TOLD = "UPDATE notices SET next_at = NULL, tries = tries + 1, fault = '' WHERE id = :id"
FAILED = "UPDATE notices SET next_at = :next_at, tries = tries + 1, fault = :fault WHERE id = :id"

log = structlog.get_logger("gateway.alarms")


def tell_due(connection: sqlite3.Connection, ways: Mapping[str, Way], now: datetime) -> int:
    """Tell what is due, some at a time; how many worked. Told first, then noted: twice is better than never.

    What waits for longer than anything does was put off by a clock that has been set back since.
    """
    beyond = now + timedelta(seconds=max(WAITS_S))
    values = {"now": times.to_text(now), "beyond": times.to_text(beyond), "limit": AT_ONCE}
    rows = connection.execute(DUE, values).fetchall()
    return sum(_told(connection, ways, now, *row) for row in rows)


def _told(
    connection: sqlite3.Connection,
    ways: Mapping[str, Way],
    now: datetime,
    key: int,
    way: str,
    tries: int,
    *alarm: object,
) -> bool:
    try:
        if way not in ways:
            raise Unsent(_("This way is no longer configured."))
        tell(ways[way], Notice(*alarm), connection, now)  # type: ignore[arg-type]
    except Unsent as fault:
        log.warning("alarm_not_told", way=way, reason=str(fault))
        wait = None if way not in ways or tries >= len(WAITS_S) else timedelta(seconds=WAITS_S[tries])
        next_at = None if wait is None else times.to_text(now + wait)
        _write(connection, FAILED, {"id": key, "next_at": next_at, "fault": str(fault)})
        return False
    _write(connection, TOLD, {"id": key})
    return True


def _write(connection: sqlite3.Connection, statement: str, values: dict[str, object]) -> None:
    with db.write(connection):
        connection.execute(statement, values)
