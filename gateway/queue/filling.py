"""The messages of one campaign, laid ready first and then put into the outbox by a few statements.

While they are put there nobody else can write, and an MIS gives up after some seconds. So all that takes Python's time
comes before: the rows lie in a table of this connection's memory. And what triggers see to in a message that comes
alone (its key is new, its first event) is done for all of them at once, the keys in their order, so that each page of
their index is written once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import adding, times
from gateway.queue.adding import AddResult, NewMessage

# In KiB. The messages' keys are random: each goes to another page of its index, which must be at hand.
ROOMY_CACHE = "PRAGMA cache_size = -65536"
ROWS_AT_ONCE = 500  # SQLite notes, in memory, how to undo each statement

# A blank key is none, as in the outbox. Of two messages with one key the first is the message.
CREATE = """
    CREATE TEMP TABLE ready (
        number INTEGER PRIMARY KEY, recipient, body, category, priority, sender, not_before, expires_at,
        external_id TEXT UNIQUE, at, list_row, sms)"""
LAY = """
    INSERT INTO temp.ready (recipient, body, category, priority, sender, not_before, expires_at, external_id, at,
                            list_row, sms)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN trim(?8) <> '' THEN ?8 END, ?9, ?10, ?11)
    ON CONFLICT (external_id) DO NOTHING"""
REMOVE = "DROP TABLE temp.ready"

# A disk that has to look for each page would be waited for here, and not while the file is locked.
WARM = """
    SELECT count(o.id), count(e.external_id) FROM temp.ready AS r
    LEFT JOIN external_ids AS e ON e.external_id = r.external_id
    LEFT JOIN outbox AS o ON o.external_id = r.external_id"""
DROP_KNOWN = """
    DELETE FROM temp.ready WHERE number IN (
        SELECT r.number FROM temp.ready AS r CROSS JOIN external_ids AS e ON e.external_id = r.external_id)
    RETURNING list_row"""
# Nothing is ignored; but of a statement that might fail SQLite would note, in memory, how to undo all of it.
KEYS = """
    INSERT OR IGNORE INTO external_ids (external_id)
    SELECT external_id FROM temp.ready WHERE external_id IS NOT NULL ORDER BY external_id"""
MESSAGES = """
    INSERT INTO outbox (recipient, body, category, priority, sender, not_before, expires_at, external_id, created_at,
                        updated_at, list_row, campaign)
    SELECT recipient, body, category, priority, sender, not_before, expires_at, external_id, at, at, list_row, :campaign
    FROM temp.ready WHERE number > :after AND number <= :after + :limit ORDER BY number
    ON CONFLICT (external_id) DO NOTHING"""
LAST = "SELECT max(number) FROM temp.ready"
SMS = "SELECT COALESCE(sum(sms), 0) FROM temp.ready"
BEGUN = "UPDATE campaigns SET is_filling = 1 WHERE id = ?"
OVER = "UPDATE campaigns SET is_filling = 0 WHERE id = ?"
OLDEST = "SELECT min(id) FROM outbox INDEXED BY outbox_campaign WHERE campaign = ?"
IS_USED = "SELECT EXISTS (SELECT 1 FROM events WHERE outbox_id >= ?)"
EVENTS = """
    INSERT INTO events (outbox_id, at, event, to_state)
    SELECT id, updated_at, 'queued', 'queued' FROM outbox WHERE id >= :first AND campaign = :campaign ORDER BY id"""


@contextmanager
def laid_ready(connection: sqlite3.Connection, messages: Iterable[NewMessage], now: datetime) -> Iterator[int]:
    """Outside any transaction; how many there are. `put` puts them into the outbox."""
    connection.execute(CREATE)
    try:
        number = _lay(connection, messages, now)
        connection.execute(ROOMY_CACHE)
        connection.execute(WARM).fetchone()
        yield number
    finally:
        if connection.in_transaction:  # Ctrl-C while they were laid
            connection.execute("ROLLBACK")
        connection.execute(REMOVE)


def put(connection: sqlite3.Connection, campaign: int, count: int) -> AddResult:
    """All those that are new, of the `count` that were laid ready; in the transaction that made the campaign."""
    known = sorted(row for (row,) in connection.execute(DROP_KNOWN).fetchall() if row is not None)
    connection.execute(KEYS)
    connection.execute(BEGUN, (campaign,))
    queued = sum(connection.execute(MESSAGES, portion).rowcount for portion in _portions(connection, campaign))
    last_id = connection.execute(adding.LAST_ID).fetchone()[0] if queued else None
    if queued:
        _note(connection, campaign)
    connection.execute(OVER, (campaign,))
    return AddResult(queued, count - queued, last_id, connection.execute(SMS).fetchone()[0], tuple(known))


def _portions(connection: sqlite3.Connection, campaign: int) -> Iterator[dict[str, int]]:
    last = connection.execute(LAST).fetchone()[0] or 0
    for after in range(0, last, ROWS_AT_ONCE):
        yield {"campaign": campaign, "after": after, "limit": ROWS_AT_ONCE}


def _lay(connection: sqlite3.Connection, messages: Iterable[NewMessage], now: datetime) -> int:
    at, number = times.to_text(now), count()
    connection.execute("BEGIN")  # of what is in memory alone: it locks nothing
    rows = ((*adding.row_of(message, at), message.sms) for message, _number in zip(messages, number, strict=False))
    connection.executemany(LAY, rows)
    connection.execute("COMMIT")
    return next(number)


def _note(connection: sqlite3.Connection, campaign: int) -> None:
    """The first event of each. An id that was used before is refused here as a trigger refuses it elsewhere."""
    first = connection.execute(OLDEST, (campaign,)).fetchone()[0]
    if connection.execute(IS_USED, (first,)).fetchone()[0]:
        raise GatewayError(_("The database counts its messages wrongly: look at it with `smsgw db check`."))
    connection.execute(EVENTS, {"first": first, "campaign": campaign})
