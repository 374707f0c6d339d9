"""A copy is put in the database's place; what was there is laid aside, and the queue is held (restored.py).

At each line a power cut leaves either the old database or the new one: the new one is complete beside it before the
old one moves, also with what people have refused since (refusals.py), and its mark has it held at the next start
whatever was not done any more.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import backup, db, left_behind, recovery, refusals, restored, upgrade
from gateway.queue.restored import Restored
from gateway.queue.rules import IntakeRules

MODE = 0o660  # as db.PRIVATE: the group may be shared with the MIS


@dataclass(frozen=True, slots=True)
class Restoration:
    """What was put back, and where that lies which was there before."""

    restored: Restored
    aside: Path | None
    last_event: int
    refusals: int | None = None  # that people had told since, and that are kept; None: nobody knows
    left_behind: int | None = None  # messages written since that still waited; None: nobody knows


def put_back(database: Path, copied: Path, now: datetime, rules: IntakeRules | None = None) -> Restoration:
    """Only for who holds the daemon's lock. Raises GatewayError; then the database is what it was."""
    _refuse(database, copied)
    rules = rules or IntakeRules()
    fresh = database.with_name(f".{database.name}.fresh")
    _remove(fresh)  # a power cut may have left it
    backup.copy(copied, fresh, _made_at(copied, now))  # checked and marked
    try:
        missed = left_behind.count(database, fresh)  # before ids are left out in the fresh one
        kept = _keep_refusals(database, fresh, rules, now)
        aside = _exchange(fresh, database, now)
    except GatewayError:
        _remove(fresh)
        raise
    db.create_or_upgrade(database)
    with closing(db.open_database(database)) as connection:
        held = hold(connection, rules, now)
        return Restoration(held, aside, restored.last_event(connection), kept, missed)


def hold(connection: sqlite3.Connection, rules: IntakeRules, now: datetime) -> Restored:
    """In one commit: what was in the air when the copy was made would be queued again by the next daemon, or be sent
    once more as uncertain, when nothing told it any more that this is a copy."""
    with db.write(connection):
        restored.skip_ids(connection)
        recovery.recover(connection, rules, now)
        return restored.put_right(connection, restored.copied_at(connection) or now, now)


def _keep_refusals(database: Path, fresh: Path, rules: IntakeRules, now: datetime) -> int | None:
    with db.plain_errors(fresh):
        wishes = refusals.read(database)
        return None if wishes is None else refusals.keep(fresh, wishes, rules, now)


def _remove(fresh: Path) -> None:
    """With its log, which must not be taken for that of the next one."""
    for end in ("-wal", "-shm", "-journal", ""):
        _beside(fresh, end).unlink(missing_ok=True)


def _exchange(fresh: Path, database: Path, now: datetime) -> Path | None:
    """The fresh one takes the place of the old one; where that lies now."""
    with db.plain_errors(database):
        _take_owner(fresh, database)
        aside = _lay_aside(database, now)
        backup.sync(database.parent)  # the old log is gone before the new file comes
        os.replace(fresh, database)
        backup.sync(database.parent)
    return aside


def _refuse(database: Path, copied: Path) -> None:
    with db.plain_errors(copied):
        if not copied.exists():
            raise GatewayError(_("There is no file {path}.").format(path=copied))
    with db.plain_errors(database):
        _refuse_to_replace(database)
    if database.exists() and os.path.samefile(database, copied):
        raise GatewayError(_("{path} is the database itself.").format(path=copied))
    if upgrade.version(copied) > db.schema_version():
        sentence = _("The database {path} was made by a newer version of the gateway: upgrade this one.")
        raise GatewayError(sentence.format(path=copied))


def _refuse_to_replace(database: Path) -> None:
    """Another program's database, or one that somebody has in hand; a damaged one is there to be replaced."""
    if not database.exists():
        return
    if not database.is_file():
        raise GatewayError(_("{file}: is no file.").format(file=database))
    try:
        with closing(backup.source(database)) as connection:
            db.refuse_foreign(connection, database)
    except sqlite3.DatabaseError as problem:
        if _is_busy(problem):
            raise
    _empty_log(database)


def _made_at(copied: Path, now: datetime) -> datetime:
    """When the copy was made, as its mark says, else the file's own time."""
    with db.plain_errors(copied), closing(backup.source(copied)) as connection:
        marked = restored.copied_at(connection)
    return marked or datetime.fromtimestamp(copied.stat().st_mtime, now.tzinfo)


def _take_owner(fresh: Path, database: Path) -> None:
    """The daemon's user and the MIS's group must be able to use it, also when root puts it back."""
    model = (database if database.exists() else database.parent).stat()
    fresh.chmod(model.st_mode & 0o777 if database.exists() else MODE)
    if os.geteuid() == 0:
        os.chown(fresh, model.st_uid, model.st_gid, follow_symlinks=False)


def _lay_aside(database: Path, now: datetime) -> Path | None:
    """The old database gets a second name; its write-ahead log must not be taken for the new one's."""
    if not database.exists():
        return None
    aside = backup.free_name(database.with_name(f"{database.name}.before-restore.{now:%Y%m%dT%H%M%SZ}"))
    _empty_log(database)
    for end in ("", "-wal"):
        if _beside(database, end).exists():
            os.link(_beside(database, end), _beside(aside, end))
    for end in ("-wal", "-shm"):
        _beside(database, end).unlink(missing_ok=True)
    return aside


def _empty_log(database: Path) -> None:
    """Bring what was committed last into the file itself; a damaged one keeps its log beside it.

    Raises UnusableError as long as somebody reads or writes: what they do would go into the file that is laid aside.
    """
    try:
        with closing(backup.source(database)) as connection:
            is_busy = bool(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    except sqlite3.DatabaseError as problem:
        is_busy = _is_busy(problem)
    if is_busy:
        sentence = _(
            "The database {path} is in use by another program: end it, or its long transaction, and try again."
        )
        raise db.UnusableError(sentence.format(path=database))


def _is_busy(problem: sqlite3.DatabaseError) -> bool:
    return (getattr(problem, "sqlite_errorcode", 0) & 0xFF) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)
