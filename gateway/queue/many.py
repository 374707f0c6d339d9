"""One statement for many rows. SQLite is called once for them all, instead of once for each.

It costs less, and more than that it is soon over: at each call another thread may take the interpreter's turn, and
until that is over the database stays locked.

`{rows}` stands where VALUES takes the rows, whose columns a statement calls column1, column2, …; what they share are
its first parameters, ?1, ?2, ….
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain

from gateway.errors import GatewayError
from gateway.i18n import _

PORTIONS = (64, 16, 4, 1)  # rows: each its own text of a statement, of which a connection keeps a hundred
BY_ID, BY_IDS = "WHERE id = :id", "WHERE id IN (SELECT value FROM json_each(:ids))"

Row = Sequence[object]


def run(connection: sqlite3.Connection, statement: str, shared: Row, rows: Sequence[Row]) -> int:
    """How many rows it wrote."""
    changed = 0
    for portion in _portions(rows):
        text = _text(statement, len(shared), len(portion), len(portion[0]))
        changed += connection.execute(text, (*shared, *chain.from_iterable(portion))).rowcount
    return changed


def guarded(connection: sqlite3.Connection, statement: str, shared: Row, rows: Sequence[Row]) -> None:
    """As `run`, and each row must be found in the state that the statement names."""
    _expect(run(connection, statement, shared, rows), len(rows))


def guarded_by_id(
    connection: sqlite3.Connection, statement: str, shared: dict[str, object], ids: Iterable[int]
) -> None:
    """An UPDATE of one `WHERE id = :id`, for all of these."""
    wanted = list(ids)
    if not wanted:
        return
    values = shared | {"ids": json.dumps(wanted)}
    _expect(connection.execute(_by_ids(statement), values).rowcount, len(wanted))


def _expect(changed: int, wanted: int) -> None:
    if changed != wanted:
        raise GatewayError(_("The queue has another state of this message or segment than the one expected."))


def _portions(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    start = 0
    for size in PORTIONS:
        while len(rows) - start >= size:
            yield rows[start : start + size]
            start += size


@lru_cache(maxsize=256)
def _text(statement: str, shared: int, rows: int, columns: int) -> str:
    first = range(shared + 1, shared + 1 + rows * columns, columns)
    marks = (", ".join(f"?{number}" for number in range(start, start + columns)) for start in first)
    return statement.replace("{rows}", ", ".join(f"({each})" for each in marks))


@lru_cache(maxsize=64)
def _by_ids(statement: str) -> str:
    """By the row ids alone: an index on the state would be asked once more for each."""
    return statement.replace(" SET ", " NOT INDEXED SET ", 1).replace(BY_ID, BY_IDS)
