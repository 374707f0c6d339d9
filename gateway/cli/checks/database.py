"""Does the database open, is it whole, can it be written, is there room, and is it on a disk of this machine?"""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.errors import GatewayError
from gateway.i18n import _

CHECK = "database"
MEGABYTE = 1_000_000  # as in the configuration and the alarms
ROOM = 200 * MEGABYTE  # octets: about a million messages with their events
LARGEST_LOG = 200 * MEGABYTE
PAGES = ("page_count", "freelist_count", "page_size")
RESTORE = _("Stop the daemon, keep a copy of the file and restore a backup.")
MISSING = _("Mount its disk, or restore a backup. Only where there never was one: `smsgw init`.")
MOUNTS = Path("/proc/mounts")
NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afs", "ceph", "glusterfs", "9p"})


def check(database: Path, least_mb: int = 0) -> Iterator[Finding]:
    """All about the database file; `least_mb`: below so much free space there is an alarm, so that is no good disk."""
    yield from _opens(database)
    yield from _private(database)
    yield from _room(database.parent, max(ROOM, least_mb * MEGABYTE))
    yield from _disk(database.parent)


def _opens(database: Path) -> Iterator[Finding]:
    from gateway.queue.checking import is_damage
    from gateway.queue.db import open_database, plain_errors

    try:
        with closing(open_database(database)) as connection, plain_errors(database):
            yield from _whole(connection, database)
            _try_to_write(connection)
            yield from _triggers(connection)
            yield Finding(CHECK, True, _size(connection, database))
            yield from _log(database)
    except GatewayError as problem:
        yield Finding(CHECK, False, str(problem), _remedy(database, is_damaged=is_damage(problem.__cause__)))


def _remedy(database: Path, *, is_damaged: bool) -> str:
    if is_damaged:
        return RESTORE
    return _("Do what it says.") if database.exists() else MISSING


def _whole(connection: sqlite3.Connection, database: Path) -> Iterator[Finding]:
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != "ok":
        yield Finding(CHECK, False, _("{path} is damaged: {answer}").format(path=database, answer=answer), RESTORE)
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        remedy = _("Close every program that uses it, then run `smsgw init`.")
        yield Finding(CHECK, False, _("Its journal mode is {mode} instead of wal.").format(mode=mode), remedy)


def _size(connection: sqlite3.Connection, database: Path) -> str:
    from gateway.queue.db import version_of

    pages, unused, size = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in PAGES)
    sentence = _("{path} opens and can be written: schema {schema}, {used} MB and {free} MB of free pages.")
    used, free = (number * size // MEGABYTE for number in (pages - unused, unused))
    return sentence.format(path=database, schema=version_of(connection), used=used, free=free)


def _log(database: Path) -> Iterator[Finding]:
    """The write-ahead log is emptied every hour, unless somebody reads without end."""
    log = database.with_name(f"{database.name}-wal")
    size = log.stat().st_size if log.exists() else 0
    if size > LARGEST_LOG:
        sentence = _("{path} has grown to {size} MB: some program keeps a reading transaction open.")
        remedy = _("Let that program end its transactions, or its statements: it holds up nothing else, but the disk.")
        yield Finding(CHECK, False, sentence.format(path=log, size=size // MEGABYTE), remedy)


def _try_to_write(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")  # waits for other writers, but succeeds on a file that can only be read
    try:
        connection.execute("UPDATE daemon SET pid = pid")
    finally:
        connection.execute("ROLLBACK")


def _triggers(connection: sqlite3.Connection) -> Iterator[Finding]:
    """One of another program's that names what is not there stops every message, and every INSERT."""
    from gateway.queue.checking import WRITES, strangers, write_fault

    if words := write_fault(connection, (*WRITES, "DELETE FROM outbox")):
        finding = _("No message can be written or sent: SQLite says “{words}”.").format(words=words)
        remedy = _("Give the triggers of other programs what they need, or DROP TRIGGER: {names}.")
        yield Finding(CHECK, False, finding, remedy.format(names=", ".join(strangers(connection))))


def _private(database: Path) -> Iterator[Finding]:
    try:
        mode = database.stat().st_mode
    except OSError:  # said already
        return
    if mode & stat.S_IRWXO:
        finding = _("Every user of this machine can read {path}, which holds patients' numbers and texts.")
        yield Finding("permissions", False, finding.format(path=database), f"chmod o= {database}*")


def _room(folder: Path, least: int) -> Iterator[Finding]:
    try:
        free = shutil.disk_usage(folder).free
    except OSError as problem:
        yield Finding(
            "disk", False, f"{folder}: {problem.strerror}", _("Create the folder, or correct [gateway] database.")
        )
        return
    finding = _("{free} MB are free in {folder}.").format(free=free // MEGABYTE, folder=folder)
    yield Finding("disk", free >= least, finding, "" if free >= least else _("Make room on this disk."))


def _disk(folder: Path) -> Iterator[Finding]:
    lines = MOUNTS.read_text("utf-8", "replace").splitlines() if MOUNTS.exists() else []
    kind = kind_of_disk(folder.resolve(), lines)
    if kind in NETWORK_DISKS:
        remedy = _("Move it to a disk of this machine: SQLite's locks don't hold over a network.")
        yield Finding("disk", False, _("The database is on a network disk ({kind}).").format(kind=kind), remedy)


def kind_of_disk(folder: Path, mounts: Iterable[str]) -> str:
    """The file system type of the innermost mount that holds `folder`; /proc/mounts has device, place, type."""
    fields = [line.split() for line in mounts]
    holding = [(len(field[1]), field[2]) for field in fields if len(field) > 2 and folder.is_relative_to(field[1])]
    return max(holding, default=(0, ""))[1]
