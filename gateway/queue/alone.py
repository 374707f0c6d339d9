"""One row that can't be written costs itself only, not all that was to be written together with it.

A row refuses when another program has changed it between two looks, or when a trigger that somebody added says no.
Nobody pays for that before it happens: the whole is undone, and written once more with each row in a savepoint.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from gateway.errors import GatewayError

FAULTS = (GatewayError, sqlite3.IntegrityError)  # a guard that finds another state; a constraint or a trigger


def attempt(connection: sqlite3.Connection, row: str, step: Callable[[], object]) -> bool:
    """Whether it could be written; else it is said of which row, by its id. In the caller's transaction."""
    try:
        with _alone(connection):
            step()
    except FAULTS as fault:
        if not connection.in_transaction:  # a trigger that undoes everything
            raise
        _say(row, fault)
        return False
    return True


@contextmanager
def _alone(connection: sqlite3.Connection) -> Iterator[None]:
    """A part of the transaction that is undone by itself."""
    connection.execute("SAVEPOINT alone")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO alone")
            connection.execute("RELEASE alone")
        raise
    connection.execute("RELEASE alone")


def _say(row: str, fault: Exception) -> None:
    """Never what stands in it. structlog is imported here because the command, too, uses the queue."""
    import structlog

    structlog.get_logger("gateway.queue").error("row_not_writable", row=row, fault=type(fault).__name__)
