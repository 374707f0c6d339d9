"""The database is created, or brought to this version's schema; before that a copy is laid beside it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import backup, db
from gateway.queue.backup import Copy
from gateway.queue.db import UnusableError

IN_THE_WAY = _(
    "The database {path} could not be brought to this version, and is as it was: SQLite says “{words}”. What another"
    " program has added to the gateway's tables, or called like one of them, is in the way: take it out, or rename it,"
    " and once more."
)
NOTHING = 0  # the schema of a database that is not there, or empty


@dataclass(frozen=True, slots=True)
class Upgrade:
    """From which schema to which; the copy of the old one."""

    from_version: int
    to_version: int
    copy: Copy | None = None

    @property
    def is_new(self) -> bool:
        return self.from_version == NOTHING

    @property
    def is_change(self) -> bool:
        return self.from_version != self.to_version


def create_or_upgrade(database: Path, now: datetime, *, on_step: Callable[[], None] = lambda: None) -> Upgrade:
    """Create the database or bring its schema to this version, safely; `on_step` may raise to break off the copying.

    Raises GatewayError when there is no room for the copy, the database can't be used, or something in it that is not
    ours is in the way; then nothing has changed, and no copy is left.
    """
    before, known = version(database), db.schema_version()
    copy = None
    if NOTHING < before < known:
        copy = backup.copy(database, _beside(database, before, now), now, is_beside=True, on_step=on_step)
    with _as_before(database, before, copy):
        db.create_or_upgrade(database)
    return Upgrade(before, known, copy)


@contextmanager
def _as_before(database: Path, before: int, copy: Copy | None) -> Iterator[None]:
    """A supervisor starts the daemon anew every few seconds: a copy of each try would fill the disk."""
    try:
        yield
    except (GatewayError, sqlite3.OperationalError) as error:
        with suppress(GatewayError, sqlite3.Error):
            if copy is not None and version(database) == before:
                copy.path.unlink(missing_ok=True)
        if isinstance(error, GatewayError):
            raise
        raise UnusableError(IN_THE_WAY.format(path=database, words=error)) from error


def is_older(database: Path) -> bool:
    """Whether there is a database of ours, of a schema before this version's."""
    return NOTHING < version(database) < db.schema_version()


def version(database: Path) -> int:
    """The schema of a database of ours; NOTHING for one that is not there, empty or another program's."""
    with db.plain_errors(database):
        if not database.exists():
            return NOTHING
        with closing(backup.source(database)) as connection:
            return db.version_of(connection) if db.is_ours(connection) else NOTHING


def _beside(database: Path, before: int, now: datetime) -> Path:
    """`gateway.db.schema-2.20261122T093000Z`: nobody's file yet."""
    return backup.free_name(database.with_name(f"{database.name}.schema-{before}.{now:%Y%m%dT%H%M%SZ}"))
