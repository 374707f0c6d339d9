"""Putting messages into the outbox: what `smsgw send` and the mail merge do, and an MIS does with its own INSERT."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import db, times

# A known external_id is no error here: the message is, or was, in the outbox already.
# A key that comes twice among the rows of one statement is the conflict.
INSERT_MESSAGES = """
    INSERT INTO outbox (recipient, body, category, priority, sender, not_before, expires_at, external_id, created_at,
                        updated_at, list_row)
    SELECT column1, column2, column3, column4, column5, column6, column7, column8, column9, column9, column10
    FROM (VALUES {rows})
    WHERE NOT EXISTS (SELECT 1 FROM external_ids WHERE external_id = column8)
    ON CONFLICT (external_id) DO NOTHING"""
ONE_ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ROWS_AT_ONCE = 50  # SQLite notes for each statement how to undo it; one for many rows takes a third less time
LAST_ID = "SELECT last_insert_rowid()"
# In KiB; SQLite's own is 2 MiB. External ids are random: each goes to another page of its index, which must be at hand.
ROOMY_CACHE = "PRAGMA cache_size = -16384"
IS_KNOWN = "SELECT EXISTS (SELECT 1 FROM external_ids WHERE external_id = ?)"
ID_OF_KEY = "SELECT id FROM outbox WHERE external_id = ?"

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What is to be said to one number, as people wrote it: it is examined later, by the daemon."""

    recipient: str = field(repr=False)
    body: str = field(repr=False)
    category: str | None = None
    priority: int | None = None
    sender: str | None = None
    not_before: datetime | str | None = None  # a datetime is aware; text is any ISO 8601
    expires_at: datetime | str | None = None
    external_id: str | None = None
    list_row: int | None = None  # of the list that it was made from
    sms: int = 0  # that it takes, as the list's preview has counted


@dataclass(frozen=True, slots=True)
class AddResult:
    """What became of the messages added together."""

    queued: int
    known: int  # their external_id was in the outbox already
    last_id: int | None  # of the last one queued; None when none was
    sms: int = 0  # that those queued take, where it was told
    known_rows: tuple[int, ...] = ()  # of the list


def add(connection: sqlite3.Connection, messages: Iterable[NewMessage], now: datetime) -> AddResult:
    """Queue all of them in one transaction, or none."""
    rows = rows_of(messages, now)
    with db.write(connection):
        return insert(connection, rows)


def rows_of(messages: Iterable[NewMessage], now: datetime) -> list[Row]:
    """What `insert` takes: made before the transaction, in which nobody else can write."""
    at = times.to_text(now)
    return [row_of(message, at) for message in messages]


def insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> AddResult:
    """In the caller's transaction. Those of a campaign are put in by filling.py."""
    connection.execute(ROOMY_CACHE)
    queued = sum(_insert(connection, some) for some in _parted(rows))
    last_id = connection.execute(LAST_ID).fetchone()[0] if queued else None
    return AddResult(queued, len(rows) - queued, last_id)


def is_known(connection: sqlite3.Connection, message: NewMessage) -> bool:
    """Whether nothing new would be queued, since a message of the same external_id is or was there."""
    return bool(connection.execute(IS_KNOWN, (message.external_id,)).fetchone()[0])


def add_one(connection: sqlite3.Connection, message: NewMessage, now: datetime) -> int:
    """Queue one message and give its id; for a known external_id that of the message that is there."""
    with db.write(connection):
        result = add(connection, [message], now)
        if result.last_id is not None:
            return result.last_id
        known = connection.execute(ID_OF_KEY, (message.external_id,)).fetchone()
    if known is None:  # the row of this key was deleted after it had been sent
        raise GatewayError(_("A message with this external id was sent before."))
    return int(known[0])


def _parted(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    return (rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE))


def _insert(connection: sqlite3.Connection, rows: Sequence[Row]) -> int:
    """One statement; how many of the rows were new."""
    statement = INSERT_MESSAGES.format(rows=", ".join([ONE_ROW] * len(rows)))
    return connection.execute(statement, list(chain.from_iterable(rows))).rowcount


def row_of(message: NewMessage, at: str) -> Row:
    return (
        message.recipient,
        message.body,
        message.category,
        message.priority,
        message.sender,
        _time(message.not_before),
        _time(message.expires_at),
        message.external_id,
        at,
        message.list_row,
    )


def _time(value: datetime | str | None) -> str | None:
    return times.to_text(value) if isinstance(value, datetime) else value
