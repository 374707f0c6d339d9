"""A copy of the database that is whole at one moment, made while the daemon works.

SQLite's online backup reads from one snapshot: with the write-ahead log readers keep no writer waiting. The copy is one
private file without side files, checked, marked as a copy (restored.py), and put in its place by one rename.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import db, restored

PRIVATE = 0o600  # patients' numbers and texts
STEP_PAGES = 256  # 1 MB: then others have the disk for a moment
STEP_PAUSE_S = 0.002
MEGABYTE = 1_000_000
SPARE = 16 * 1024 * 1024  # octets that stay free beside the copy
FULL = _("The copy needs {needed} MB in {folder}, and {free} MB are free: make room or name another place.")
FULL_BESIDE = _("The copy needs {needed} MB in {folder}, and {free} MB are free: make room there, then try again.")
SIDE_FILES = ("", "-wal", "-shm", ".lock")


@dataclass(frozen=True, slots=True)
class Copy:
    """What was made."""

    path: Path
    size: int  # octets
    messages: int


def copy(
    database: Path,
    target: Path,
    now: datetime,
    *,
    force: bool = False,
    is_beside: bool = False,
    on_step: Callable[[], None] = lambda: None,
) -> Copy:
    """Copy the database to a new file; `force` replaces one that is there, `is_beside`: no other place can
    be named for it. `on_step` may raise to break it off.

    Raises GatewayError; then nothing is left behind, and a file that was there before stays as it was.
    """
    with db.plain_errors(database):
        db.refuse_missing(database)
    _refuse(database, target, force)
    part = target.with_name(f".{target.name}.part")
    with db.plain_errors(database), _taken(part), _removed_at_the_end(part), closing(source(database)) as opened:
        _refuse_foreign(opened, database)
        _refuse_full(opened, target.parent, FULL_BESIDE if is_beside else FULL)
        messages = _fill(opened, part, now, on_step)
        os.replace(part, target)
    sync(target.parent)
    return Copy(target, target.stat().st_size, messages)


def _refuse(database: Path, target: Path, force: bool) -> None:
    if not target.parent.is_dir():
        raise GatewayError(_("There is no folder {path}.").format(path=target.parent))
    real = database.resolve()
    if target.resolve() in [real.with_name(real.name + end) for end in SIDE_FILES]:
        raise GatewayError(_("{path} is the gateway's own file: name another one.").format(path=target))
    if target.exists() and not force:
        raise GatewayError(_("{path} is there already: name another file, or add --force.").format(path=target))
    if target.exists() and not target.is_file():  # the rename at the end would put a file in a device's place
        raise GatewayError(_("{file}: is no file.").format(file=target))


@contextmanager
def _taken(part: Path) -> Iterator[None]:
    """The unfinished copy, new and private. Its lock ends with its process: what a killed one left is taken over."""
    descriptor = _opened(part)
    try:
        if not _is_locked(descriptor) or not _is_still(descriptor, part):
            raise GatewayError(_("Another backup to the same file is being made: {path}.").format(path=part))
        os.ftruncate(descriptor, 0)
        os.fchmod(descriptor, PRIVATE)
        yield
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(descriptor: int, part: Path) -> bool:
    """Not when another process has finished it meanwhile: the file that we hold then bears its final name."""
    return part.exists() and os.path.samestat(os.fstat(descriptor), part.stat())


def _opened(part: Path) -> int:
    try:
        return os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    except OSError as problem:
        sentence = _("No copy can be written to {path}: {reason}. Name another place, or use sudo.")
        raise GatewayError(sentence.format(path=part.parent, reason=problem.strerror)) from problem


@contextmanager
def _removed_at_the_end(part: Path) -> Iterator[None]:
    """Once it has its final name there is nothing to remove."""
    try:
        yield
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + end).unlink(missing_ok=True)


def source(database: Path) -> sqlite3.Connection:
    """A connection to a database of any schema, so that a copy can be made before an upgrade."""
    uri = f"{database.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=db.BUSY_TIMEOUT_S, isolation_level=None)


def _refuse_foreign(connection: sqlite3.Connection, database: Path) -> None:
    db.refuse_foreign(connection, database)
    if not db.is_ours(connection):
        raise db.UnusableError(db.EMPTY.format(path=database))


def _refuse_full(opened: sqlite3.Connection, folder: Path, sentence: str) -> None:
    pages, size = (int(opened.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    needed, free = pages * size + SPARE, shutil.disk_usage(folder).free
    if free < needed:
        raise GatewayError(sentence.format(needed=needed // MEGABYTE + 1, folder=folder, free=free // MEGABYTE))


def _fill(opened: sqlite3.Connection, part: Path, now: datetime, on_step: Callable[[], None]) -> int:
    """The copy with its mark, whole and on disk; how many messages it holds."""
    with closing(sqlite3.connect(part, isolation_level=None)) as target:
        target.execute("PRAGMA synchronous = OFF")  # unfinished it is worth nothing; it is synchronised at the end
        with _snapshot(opened):
            opened.backup(target, pages=STEP_PAGES, progress=lambda *_left: _pause(on_step))
        target.execute("PRAGMA journal_mode = DELETE").fetchone()  # one file, without -wal
        restored.mark(target, now)
        messages = int(target.execute("SELECT count(*) FROM outbox").fetchone()[0])
        _check(target)
    sync(part)
    return messages


@contextmanager
def _snapshot(opened: sqlite3.Connection) -> Iterator[None]:
    """One reading transaction over all steps: without it each commit of the daemon would begin the copy anew."""
    opened.execute("BEGIN")
    try:
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield
    finally:
        opened.execute("ROLLBACK")


def _pause(on_step: Callable[[], None]) -> None:
    on_step()
    time.sleep(STEP_PAUSE_S)


def _check(copied: sqlite3.Connection) -> None:
    answer = copied.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        sentence = _("The database is damaged, so its copy is too and was not kept: `smsgw db check` says more.")
        raise GatewayError(sentence)


def free_name(path: Path) -> Path:
    """This one, or the first of `path.2`, `path.3`, … that nothing bears, neither as a file nor as its log."""
    names = chain([path], (path.with_name(f"{path.name}.{number}") for number in count(2)))
    return next(name for name in names if not any(os.path.lexists(f"{name}{end}") for end in SIDE_FILES))


def sync(path: Path) -> None:
    """A file's content, or a folder's names, are on the disk from here on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
