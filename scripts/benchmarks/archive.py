"""An outbox with a long past: finished messages that the gateway really sent, copied until there are very many.

The copies have the originals' shape in every table, with later ids and times.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TIME = "strftime('%Y-%m-%dT%H:%M:%fZ', {column}, '{minutes:+d} minutes')"


@dataclass(frozen=True, slots=True)
class Copied:
    """A table that grows with the messages: which columns hold ids of which table, and which texts must differ."""

    of_message: str  # which rows belong to the messages with an id up to :last
    ids: Mapping[str, str]  # column -> the table whose ids it holds
    times: frozenset[str]
    unique: frozenset[str] = field(default_factory=frozenset)


TABLES = {
    "outbox": Copied(
        "id <= :last",
        {"id": "outbox"},
        frozenset({"created_at", "updated_at", "taken_at", "sent_at", "delivered_at"}),
    ),
    "segments": Copied(
        "outbox_id <= :last",
        {"id": "segments", "outbox_id": "outbox"},
        frozenset({"begun_at", "submitted_at", "reported_at"}),
    ),
    "reports": Copied(
        "segment_id IN (SELECT id FROM segments WHERE outbox_id <= :last)",
        {"id": "reports", "segment_id": "segments"},
        frozenset({"submitted_at", "discharged_at", "received_at"}),
        frozenset({"fingerprint"}),
    ),
    "events": Copied("outbox_id <= :last", {"id": "events", "outbox_id": "outbox"}, frozenset({"at"})),
}


def multiply(database: Path, size: int) -> int:
    """Copy the messages until there are `size` of them; gives their number. They lie a minute apart and end now."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        with dropping_triggers(connection):
            _age(connection, size - _count(connection))
            while (present := _count(connection)) < size:
                _copy(connection, present, min(present, size - present))
        return _count(connection)


@contextmanager
def dropping_triggers(connection: sqlite3.Connection) -> Iterator[None]:
    """A transaction in which a row is written as it stands: the triggers would make each copy a new message."""
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    triggers = _drop_triggers(connection)
    yield
    for statement in triggers:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _drop_triggers(connection: sqlite3.Connection) -> list[str]:
    """Gives the statements that bring them back."""
    found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _sql in found:
        connection.execute(f'DROP TRIGGER "{name}"')
    return [sql for _name, sql in found]


def _age(connection: sqlite3.Connection, minutes: int) -> None:
    for table, copied in TABLES.items():
        changes = [f"{column} = {TIME.format(column=column, minutes=-minutes)}" for column in sorted(copied.times)]
        connection.execute(f"UPDATE {table} SET {', '.join(changes)}")


def _copy(connection: sqlite3.Connection, present: int, count: int) -> None:
    """The first `count` messages, behind those that are present. Ids are the numbers from 1 on."""
    highest = {table: connection.execute(f"SELECT max(id) FROM {table}").fetchone()[0] for table in TABLES}
    for table, copied in reversed(TABLES.items()):  # what belongs to a message is found by the messages before the copy
        columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        values = ", ".join(_value(column, copied, highest, present) for column in columns)
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {copied.of_message}"
        connection.execute(statement, {"last": count})


def _value(column: str, copied: Copied, highest: Mapping[str, int], minutes: int) -> str:
    if column in copied.ids:
        return f"{column} + {highest[copied.ids[column]]}"
    if column in copied.unique:
        return f"{column} || ':{minutes}'"
    return TIME.format(column=column, minutes=minutes) if column in copied.times else column


def _count(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM outbox").fetchone()[0])
