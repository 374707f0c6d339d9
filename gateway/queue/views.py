"""Reading the queue, for people and programs: rows as plain dicts with the tables' own column names."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from gateway.plan.limits import day_start
from gateway.queue import statements, times
from gateway.queue.rules import DEFAULT_CATEGORY
from gateway.queue.states import State

Row = dict[str, Any]

MESSAGE_COLUMNS = (
    "id, recipient, body, category, priority, sender, not_before, expires_at, external_id, state, msisdn, segments, "
    "carrier, attempts, error_code, error_text, created_at, updated_at, sent_at, delivered_at, next_attempt_at, "
    "campaign, list_row"
)
SEGMENT_COLUMNS = (
    "id, outbox_id, number, total, reference, alphabet, carrier, line, state, message_reference, attempts, begun_at, "
    "submitted_at, reported_at, error_code"
)
EVENT_COLUMNS = "id, outbox_id, at, event, from_state, to_state, detail, carrier"
INBOX_COLUMNS = "id, sender, body, received_at, sent_at, carrier, complete, reply_to"

MESSAGE = f"SELECT {MESSAGE_COLUMNS} FROM outbox WHERE id = :id"
# As rules.category_name has it.
CATEGORY = f"COALESCE(NULLIF(lower(trim(category, char(9, 10, 11, 12, 13, 32))), ''), '{DEFAULT_CATEGORY}')"
CHOSEN = f"""(:code IS NULL OR error_code = :code) AND (:category IS NULL OR {CATEGORY} = :category)
    AND (:older_than IS NULL OR created_at <= :older_than) AND (:newer_than IS NULL OR created_at > :newer_than)
    AND (:campaign IS NULL OR campaign = :campaign)"""
_PAGE = "id < COALESCE(:before, 9223372036854775807) ORDER BY id DESC LIMIT :limit"
MESSAGES = f"SELECT {MESSAGE_COLUMNS} FROM outbox WHERE {CHOSEN} AND {_PAGE}"
MESSAGES_IN_STATE = f"SELECT {MESSAGE_COLUMNS} FROM outbox WHERE state = :state AND {CHOSEN} AND {_PAGE}"
_IDS_IN_CAMPAIGN = f"""
    SELECT id FROM outbox INDEXED BY outbox_campaign
    WHERE campaign = :campaign AND (:state IS NULL OR state = :state) AND {CHOSEN} AND {_PAGE}"""
MESSAGES_IN_CAMPAIGN = f"SELECT {MESSAGE_COLUMNS} FROM outbox WHERE id IN ({_IDS_IN_CAMPAIGN}) ORDER BY id DESC"
SEGMENTS = f"SELECT {SEGMENT_COLUMNS} FROM segments WHERE outbox_id = :id ORDER BY number"
EVENTS = f"SELECT {EVENT_COLUMNS} FROM events WHERE outbox_id = :id ORDER BY id"
EVENTS_AFTER = f"""
    SELECT {EVENT_COLUMNS} FROM events
    WHERE id > :event AND (:has_all OR to_state IS NOT NULL) ORDER BY id LIMIT :limit"""
# Of `backlog: It was to go while …` the first word: the sentence may name the message.
_CODE = "CASE instr(detail, ': ') WHEN 0 THEN detail ELSE substr(detail, 1, instr(detail, ': ') - 1) END"
KINDS_OF_EVENTS = f"""
    SELECT carrier, outbox_id IS NOT NULL AS is_message, event, to_state, {_CODE} AS code,
           count(*) AS count, min(outbox_id) AS first_id, max(outbox_id) AS last_id
    FROM events WHERE id > :after AND id <= :until AND (:has_all OR to_state IS NOT NULL)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY min(id)"""
EVENTS_OF_KIND = f"""
    SELECT {EVENT_COLUMNS} FROM events
    WHERE id > :after AND id <= :until AND carrier IS :carrier AND (outbox_id IS NOT NULL) = :is_message
      AND event = :event AND to_state IS :to_state AND {_CODE} IS :code
    ORDER BY id"""
LAST_EVENT = "SELECT COALESCE(max(id), 0) FROM events"
INBOX = f"SELECT {INBOX_COLUMNS} FROM inbox ORDER BY id DESC LIMIT :limit"
COUNT = "SELECT count(*) FROM outbox WHERE state = :state"
# Of those that wait for a carrier or their next try; not of those whose time is still to come, or whose campaign waits.
OLDEST_QUEUED = """
    SELECT min(CASE WHEN attempts = 0 THEN max(created_at, COALESCE(next_attempt_at, created_at)) ELSE created_at END)
    FROM outbox INDEXED BY outbox_state WHERE state = 'queued' AND due IS NOT 2 AND (due IS NOT 0 OR attempts > 0)"""
# Of messages: a carrier's changes of state are events too.
TODAY = """
    SELECT to_state, count(*) FROM events INDEXED BY events_at
    WHERE to_state IS NOT NULL AND outbox_id IS NOT NULL AND at >= :midnight GROUP BY to_state"""
RECEIVED = "SELECT count(*) FROM inbox WHERE received_at >= :midnight"

OF_TODAY = (
    State.SENT,
    State.DELIVERED,
    State.FAILED,
    State.UNDELIVERED,
    State.REJECTED,
    State.EXPIRED,
    State.CANCELLED,
)


def message(connection: sqlite3.Connection, message_id: int) -> Row | None:
    """One row of outbox; None when there is none."""
    return next(iter(dicts(connection, MESSAGE, {"id": message_id})), None)


def messages(
    connection: sqlite3.Connection,
    *,
    state: str | None = None,
    category: str | None = None,
    code: str | None = None,
    older_than: datetime | None = None,
    newer_than: datetime | None = None,
    campaign: int | None = None,
    limit: int = 50,
    before: int | None = None,
) -> list[Row]:
    """Newest first; `older_than`, `newer_than`: when written; `before`: only ids below this one, for the next page."""
    values: dict[str, object] = {"state": state, "category": category, "code": code, "campaign": campaign}
    values |= {"limit": limit, "before": before}
    ages = {"older_than": times.optional_text(older_than), "newer_than": times.optional_text(newer_than)}
    of_any = MESSAGES_IN_STATE if state else MESSAGES
    return dicts(connection, of_any if campaign is None else MESSAGES_IN_CAMPAIGN, values | ages)


def segments_of(connection: sqlite3.Connection, message_id: int) -> list[Row]:
    return dicts(connection, SEGMENTS, {"id": message_id})


def events_of(connection: sqlite3.Connection, message_id: int) -> list[Row]:
    return dicts(connection, EVENTS, {"id": message_id})


def last_event(connection: sqlite3.Connection) -> int:
    """The newest event's id; 0 when nothing has ever happened."""
    return int(connection.execute(LAST_EVENT).fetchone()[0])


def events_after(
    connection: sqlite3.Connection, event_id: int, limit: int = 1000, *, has_all: bool = True
) -> list[Row]:
    """What changed after that event, oldest first, some at a time; without `has_all` only changes of state."""
    return dicts(connection, EVENTS_AFTER, {"event": event_id, "limit": limit, "has_all": has_all})


def kinds_of_events(connection: sqlite3.Connection, after: int, until: int, *, has_all: bool = True) -> list[Row]:
    """What changed in between, alike together, the kind that came first first; `has_all` as above."""
    return dicts(connection, KINDS_OF_EVENTS, {"after": after, "until": until, "has_all": has_all})


def events_of_kind(connection: sqlite3.Connection, after: int, until: int, kind: Row) -> list[Row]:
    """Those of one of these kinds, oldest first."""
    return dicts(connection, EVENTS_OF_KIND, kind | {"after": after, "until": until})


def sent_by(connection: sqlite3.Connection, carrier: str, since: datetime) -> int:
    """How many SMS have gone out over the carrier, unanswered ones included."""
    values = {"carrier": carrier, "since": times.to_text(since)}
    return int(connection.execute(statements.SUBMITTED_SINCE, values).fetchone()[0])


def inbox(connection: sqlite3.Connection, limit: int = 50) -> list[Row]:
    """Newest first; `complete` is a truth value."""
    return [row | {"complete": bool(row["complete"])} for row in dicts(connection, INBOX, {"limit": limit})]


def queue_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Messages in each state, by an index; a million finished ones cost some 20 ms."""
    return {state.value: int(connection.execute(COUNT, {"state": state.value}).fetchone()[0]) for state in State}


def oldest_queued_s(connection: sqlite3.Connection, now: datetime) -> float | None:
    """For how long the oldest message that could go has waited; None when none waits."""
    row = connection.execute(OLDEST_QUEUED).fetchone()
    return None if row[0] is None else max(0.0, (now - times.from_text(row[0])).total_seconds())


def today(connection: sqlite3.Connection, timezone: str, now: datetime) -> dict[str, int]:
    """What has happened since midnight in `timezone`: messages by the state they came into; those received."""
    values = {"midnight": times.to_text(day_start(now, ZoneInfo(timezone)))}
    counts = dict(connection.execute(TODAY, values).fetchall())
    received = int(connection.execute(RECEIVED, values).fetchone()[0])
    return {state.value: int(counts.get(state, 0)) for state in OF_TODAY} | {"received": received}


def dicts(connection: sqlite3.Connection, query: str, values: Mapping[str, object]) -> list[Row]:
    """All rows of a query."""
    cursor = connection.execute(query, dict(values))
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(_readable, row), strict=True)) for row in cursor.fetchall()]


def _readable(value: object) -> object:
    """A writer may have stored a text as octets."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
