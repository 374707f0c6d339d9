"""Which PINs a SIM refused, and which were tried without anybody having seen the answer (gateway/modem/pin.py).

A row is written before its PIN is sent, and taken away when the SIM took it, or did not look at it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from gateway.queue import db

NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"
# The first try is open until its answer is known; one that follows an open try counts as refused from its beginning.
BEGIN = f"INSERT INTO refused_pins (key, at, is_open) VALUES (?, {NOW}, 1) ON CONFLICT (key) DO UPDATE SET is_open = 0"
REFUSED = (
    f"INSERT INTO refused_pins (key, at, is_open) VALUES (?, {NOW}, 0) ON CONFLICT (key) DO UPDATE SET is_open = 0"
)
# These two undo BEGIN: a second try leaves the first one open again, the row of a first one goes.
REOPEN = "UPDATE refused_pins SET is_open = is_open + 1 WHERE key = ?"
NEVER_BEGUN = "DELETE FROM refused_pins WHERE key = ? AND is_open > 1"
FORGET = "DELETE FROM refused_pins WHERE key = ?"
TRIED = "SELECT is_open FROM refused_pins WHERE key = ?"


def begin(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    """This PIN is about to be tried."""
    _write(connection, BEGIN, keys)


def refused(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    """The SIM refused it: it is never tried again."""
    _write(connection, REFUSED, keys)


def withdraw(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    """The SIM did not look at it: all is as before this try."""
    with db.write(connection):
        _write(connection, REOPEN, keys)
        _write(connection, NEVER_BEGUN, keys)


def forget(connection: sqlite3.Connection, keys: Iterable[str]) -> None:
    """The SIM took it."""
    _write(connection, FORGET, keys)


def is_refused(connection: sqlite3.Connection, keys: Sequence[str]) -> bool:
    """Whether it must not be tried: it was refused under one of these, or is open under two, which are two tries."""
    tries = [is_open for key in keys for (is_open,) in connection.execute(TRIED, (key,))]
    return len(tries) > 1 or not all(tries)


def _write(connection: sqlite3.Connection, statement: str, keys: Iterable[str]) -> None:
    with db.write(connection):
        connection.executemany(statement, [(key,) for key in keys])
