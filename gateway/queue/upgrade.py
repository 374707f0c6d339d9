"""The database is created, or brought to this version's schema; before that a copy is laid beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.queue import backup, db
from gateway.queue.backup import Copy

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

    Raises GatewayError when there is no room for the copy, or the database can't be used; then nothing has changed.
    """
    before, known = version(database), db.schema_version()
    copy = None
    if NOTHING < before < known:
        copy = backup.copy(database, _beside(database, before, now), now, on_step=on_step)
    db.create_or_upgrade(database)
    return Upgrade(before, known, copy)


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
