"""The table of alarms: what is amiss is raised once, what is well again is cleared once; each makes its notices."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import structlog

from gateway.alarms.values import Alarm
from gateway.queue import db, times
from gateway.queue.views import dicts

OPEN = "SELECT id, code, subject, text FROM alarms WHERE cleared_at IS NULL ORDER BY id"
RAISE = """
    INSERT INTO alarms (code, subject, text, remedy, raised_at) VALUES (:code, :subject, :text, :remedy, :now)
    RETURNING id"""
REWORD = "UPDATE alarms SET text = :text, remedy = :remedy WHERE id = :id AND cleared_at IS NULL"
CLEAR = "UPDATE alarms SET cleared_at = :now WHERE id = :id AND cleared_at IS NULL"
NOTICE = """
    INSERT OR IGNORE INTO notices (alarm_id, is_clear, way, next_at) VALUES (:id, :is_clear, :way, :now)"""
# `subject` is a carrier, a code of held messages, or nothing.
EVENT = """
    INSERT INTO events (at, event, carrier, detail)
    VALUES (:now, :event, (SELECT name FROM carriers WHERE name = :subject), :detail)"""
LISTED = """
    SELECT id, code, subject, text, remedy, raised_at, cleared_at FROM alarms
    WHERE cleared_at IS NULL OR :is_all ORDER BY id DESC LIMIT :limit"""
COUNTED = "SELECT count(*) FROM alarms WHERE cleared_at IS NULL"

WaysFor = Callable[[str], Sequence[str]]  # by the alarm's code: the ways to tell of it, by their names in `notices`

log = structlog.get_logger("gateway.alarms")


def update(
    connection: sqlite3.Connection,
    found: Iterable[Alarm],
    ways: WaysFor,
    now: datetime,
    undecided: Collection[tuple[str, str]] = (),
) -> None:
    """Make the table say what is amiss now; what is undecided stays as it is."""
    wanted = {(alarm.code, alarm.subject): alarm for alarm in found}
    is_open = {(code, subject): (key, text) for key, code, subject, text in connection.execute(OPEN).fetchall()}
    if wanted.keys() == is_open.keys() and all(wanted[name].text == text for name, (_key, text) in is_open.items()):
        return
    with db.write(connection):
        for name, alarm in wanted.items():
            if name not in is_open:
                _raise(connection, alarm, ways, now)
            elif is_open[name][1] != alarm.text:
                connection.execute(REWORD, {"id": is_open[name][0], "text": alarm.text, "remedy": alarm.remedy})
        for name in is_open.keys() - wanted.keys() - set(undecided):
            _clear(connection, is_open[name][0], *name, ways, now)


def listed(connection: sqlite3.Connection, *, is_all: bool = False, limit: int = 50) -> list[dict[str, Any]]:
    """The newest first; without `is_all` only those that are still so."""
    return dicts(connection, LISTED, {"is_all": is_all, "limit": limit})


def count(connection: sqlite3.Connection) -> int:
    """How many are still so."""
    (open_ones,) = connection.execute(COUNTED).fetchone()
    return int(open_ones)


def _raise(connection: sqlite3.Connection, alarm: Alarm, ways: WaysFor, now: datetime) -> None:
    at = times.to_text(now)
    values = {"code": alarm.code, "subject": alarm.subject, "text": alarm.text, "remedy": alarm.remedy, "now": at}
    (key,) = connection.execute(RAISE, values).fetchone()
    _note(connection, "alarm_raised", key, alarm.code, alarm.subject, ways, at)
    log.warning("alarm", code=alarm.code, subject=alarm.subject, reason=alarm.text, remedy=alarm.remedy)


def _clear(connection: sqlite3.Connection, key: int, code: str, subject: str, ways: WaysFor, now: datetime) -> None:
    at = times.to_text(now)
    connection.execute(CLEAR, {"id": key, "now": at})
    _note(connection, "alarm_cleared", key, code, subject, ways, at)
    log.info("alarm_cleared", code=code, subject=subject)


def _note(
    connection: sqlite3.Connection, event: str, key: int, code: str, subject: str, ways: WaysFor, at: str
) -> None:
    """The event, and one notice per way that wants to hear of this code."""
    connection.execute(EVENT, {"now": at, "event": event, "subject": subject, "detail": f"{code} {subject}".strip()})
    is_clear = event == "alarm_cleared"
    for way in ways(code):
        connection.execute(NOTICE, {"id": key, "is_clear": is_clear, "way": way, "now": at})
