"""The database file: opening it, its schema, short write transactions, and SQLite's errors in words.

One connection belongs to one thread. Every write goes through `write`, which is reentrant:
the outermost one begins and commits.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from gateway import system_words
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue.turns import Turns

APPLICATION_ID = 0x534D5347  # "SMSG" in the file's header: this database is ours
BUSY_TIMEOUT_S = 5.0  # how long a write waits for another process's transaction
MIGRATION_TIMEOUT_S = 30.0  # a schema step may wait for a whole import
PRIVATE = 0o660  # less the umask; the group may be shared with the MIS
STATEMENT_CACHE = 128  # more than the statements there are
# In KiB; SQLite's own is 2 MiB, and a fleet of 32 would hold 32 of them. Whatever another connection commits empties
# it, so it serves one transaction, which touches some hundred pages.
CACHE = "PRAGMA cache_size = -1024"

NO_FILE = _("There is no database {path}: is its disk mounted? A new, empty one is made by `smsgw init`.")
NO_FOLDER = _(
    "There is no folder {folder} for the database: is its disk mounted? Else correct `database` in the configuration,"
    " or create the folder."
)
EMPTY = _("The database {path} has no tables yet: `smsgw init` makes them.")
OLDER = _("The database {path} is of an older version: `smsgw db upgrade` brings it to this one, after a copy of it.")
NEWER = _("The database {path} was made by a newer version of the gateway: upgrade this one.")
READ_ONLY = _("The disk of {path} can only be read: mount it for writing, or name another file as `database`.")
CLOSED = _("The database {path} is closed to this user: use sudo, or add the user to the group of its folder.")

OS_ERRORS = {errno.EACCES: CLOSED, errno.EPERM: CLOSED, errno.EROFS: READ_ONLY}

_gates: dict[str, Turns] = {}
_gates_lock = threading.Lock()


class UnusableError(GatewayError):
    """The database can't be used as it is: its file, its disk, its locks, its schema."""


class Connection(sqlite3.Connection):
    """A connection that knows its file's gate: this process's threads queue there, rather than in SQLite's sleeps."""

    gate: Turns


def open_database(path: Path, *, create: bool = False, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Connection:
    """A connection for the calling thread. GatewayError when the file is missing, not ours, or of another schema."""
    if create:
        create_or_upgrade(path)
    with plain_errors(path):
        refuse_missing(path)
        connection = _connect(path, busy_timeout_s)
        try:
            _check_schema(connection, path)
            return connection
        except BaseException:
            connection.close()
            raise


def refuse_missing(path: Path) -> None:
    """Raise UnusableError where there is no such file."""
    if not path.exists():
        sentence = NO_FILE if path.parent.is_dir() else NO_FOLDER
        raise UnusableError(sentence.format(path=path, folder=path.parent))


def create_or_upgrade(path: Path) -> None:
    """Create the database, or bring its schema to this version. Safe when several processes do it at once."""
    with plain_errors(path), _folder_lock(path.parent):
        _create_private(path)
        connection = _connect(path, MIGRATION_TIMEOUT_S)
        try:
            refuse_foreign(connection, path)
            _refuse_newer(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if version_of(connection) < schema_version():
                _apply_steps(connection)
            connection.execute("COMMIT")
        finally:
            connection.close()


@contextmanager
def write(connection: sqlite3.Connection) -> Iterator[None]:
    """One short write transaction; inside another one, a part of it. SQLite's own errors pass; the edge says them."""
    if connection.in_transaction:
        yield
        return
    with turns_of(connection):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def data_version(connection: sqlite3.Connection) -> int:
    """Changes whenever another connection has committed."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


@contextmanager
def plain_errors(path: Path | None = None) -> Iterator[None]:
    """What SQLite says about the file, its disk or its locks becomes one sentence for a person."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        if path is not None and _is_on_read_only_disk(path):
            raise UnusableError(READ_ONLY.format(path=path)) from error
        where = _("The database") if path is None else _("The database {path}").format(path=path)
        raise UnusableError(f"{where} {sentence}") from error
    except OSError as error:
        sentence = OS_ERRORS.get(error.errno or 0, _("The database {path}: {reason}."))
        raise UnusableError(sentence.format(path=path, reason=system_words.reason(error))) from error


def schema_version() -> int:
    """The number of schema steps that this version of the gateway knows."""
    return len(_steps())


def reference() -> sqlite3.Connection:
    """An empty database of this version's schema, in memory: how one has to look."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _name, script in _steps():
        for statement in _statements(script):
            connection.execute(statement)
    return connection


def _sentence(error: sqlite3.DatabaseError) -> str | None:
    """By SQLite's result code, else its primary one (the low octet); None for errors in a statement."""
    no_room = _("has no room left: free some space on its disk.")
    sentences = {
        sqlite3.SQLITE_BUSY: _("is locked by another program: end its long transaction and try again."),
        sqlite3.SQLITE_LOCKED: _("is locked by another program: end its long transaction and try again."),
        sqlite3.SQLITE_READONLY: _("can only be read: give this user the right to write to the file and its folder."),
        sqlite3.SQLITE_FULL: no_room,
        sqlite3.SQLITE_IOERR_SHMSIZE: no_room,  # not even for the -shm that a reader needs too
        sqlite3.SQLITE_IOERR: _("could not be read or written: check its disk."),
        sqlite3.SQLITE_CORRUPT: _("is damaged: restore it from a backup with `smsgw db restore`."),
        sqlite3.SQLITE_CANTOPEN: _("could not be opened: check that its folder exists and its permissions."),
        sqlite3.SQLITE_PERM: _("could not be opened: check its permissions."),
        sqlite3.SQLITE_NOTADB: _(
            "is not an SQLite database: name another file, or put a backup in its place with `smsgw db restore`."
        ),
    }
    code = getattr(error, "sqlite_errorcode", None) or 0
    return sentences.get(code) or sentences.get(code & 0xFF)


def _is_on_read_only_disk(path: Path) -> bool:
    """Also one that was mounted for writing: Linux turns it so when it finds the disk damaged."""
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _connect(path: Path, busy_timeout_s: float) -> Connection:
    connection = sqlite3.connect(
        path, timeout=busy_timeout_s, isolation_level=None, factory=Connection, cached_statements=STATEMENT_CACHE
    )
    connection.gate = _gate(path)
    connection.text_factory = _lenient
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(CACHE)
    connection.execute("PRAGMA temp_store = MEMORY")  # what undoes one statement: faster, and no texts in /tmp
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what retention takes away is overwritten, not just left behind
    return connection


def _lenient(octets: bytes) -> str:
    """A writer can store text that isn't UTF-8; reading a row of it must not fail. Intake looks at the octets."""
    return octets.decode("utf-8", "replace")


def _gate(path: Path) -> Turns:
    with _gates_lock:
        return _gates.setdefault(os.path.realpath(path), Turns())


def turns_of(connection: sqlite3.Connection) -> Turns:
    """Those of the connection's file in this process."""
    return connection.gate if isinstance(connection, Connection) else Turns()


def _create_private(path: Path) -> None:
    """It will hold patients' numbers and texts. SQLite gives its -wal and -shm files the same mode."""
    if not path.exists():  # opening and closing a database that is in use would drop this process's locks on it
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE))


@contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Serialises schema steps between processes, and leaves no file behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def version_of(connection: sqlite3.Connection) -> int:
    """The number of schema steps that this database has; 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file is a gateway's database, of any schema."""
    return int(connection.execute("PRAGMA application_id").fetchone()[0]) == APPLICATION_ID


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    refuse_foreign(connection, path)
    _refuse_newer(connection, path)
    if version_of(connection) < schema_version():
        raise UnusableError((OLDER if is_ours(connection) else EMPTY).format(path=path))


def refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """Leave another program's database alone; an empty one is nobody's."""
    if not is_ours(connection) and connection.execute("SELECT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]:
        raise UnusableError(_("The database {path} belongs to another program: name another file.").format(path=path))


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    if version_of(connection) > schema_version():
        raise UnusableError(NEWER.format(path=path))


def _apply_steps(connection: sqlite3.Connection) -> None:
    """Through sqlite-utils, which keeps the list of the steps applied; imported here because it is slow to load,
    and a daemon that finds its schema does without it."""
    from sqlite_utils import Database, Migrations

    steps = Migrations("gateway.queue")
    for name, script in _steps():
        steps(name=name)(lambda database, script=script: _run(database, script))
    steps.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA user_version = {len(_steps()):d}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")


def _run(database: object, script: str) -> None:
    """Statement by statement: executescript would commit."""
    for statement in _statements(script):
        database.execute(statement)  # type: ignore[attr-defined]


def _steps() -> list[tuple[str, str]]:
    """Name and text of each schema step, in order."""
    folder = files("gateway.queue") / "schema"
    found = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda entry: entry.name)
    return [(entry.name.removesuffix(".sql"), entry.read_text("utf-8")) for entry in found]


def _statements(script: str) -> Iterator[str]:
    """Cut a script at the semicolons that end a statement; those inside a trigger don't."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
