"""The database file: made once, refused in one sentence when it can't be used, shared in short transactions."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.queue import (
    db,
    views,
)
from gateway.queue.adding import NewMessage, add, add_one
from tests.queue.clinic import NOW, PHONE, Clinic

MESSAGE = NewMessage(PHONE, "Ждём вас")


def nothing(path: Path) -> None:
    """Leave the path without a file."""


def text_file(path: Path) -> None:
    path.write_text("not a database, but long enough to have a header of a hundred octets " * 3)


def another_programs(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE patients (name TEXT)")
    connection.close()


def empty_file(path: Path) -> None:
    path.touch()


def newer(path: Path) -> None:
    db.create_or_upgrade(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {db.schema_version() + 1}")
    connection.close()


def a_folder(path: Path) -> None:
    path.mkdir()


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "missing": (nothing, "smsgw init"),
    "not a database": (text_file, "not an SQLite database"),
    "another program's": (another_programs, "belongs to another program"),
    "empty": (empty_file, "smsgw init"),
    "newer": (newer, "newer version"),
    "a folder": (a_folder, "could not be opened"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_a_database_that_can_not_be_used_is_refused_in_one_sentence(tmp_path: Path, case: str) -> None:
    make, sentence = UNUSABLE[case]
    file = tmp_path / "gateway.db"
    make(file)
    with pytest.raises(GatewayError, match=sentence) as refusal:
        db.open_database(file)
    assert str(file) in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("case", ["not a database", "another program's", "newer", "a folder"])
def test_what_is_not_ours_is_left_as_it_is(tmp_path: Path, case: str) -> None:
    make, _ = UNUSABLE[case]
    file = tmp_path / "gateway.db"
    make(file)
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(GatewayError):
        db.create_or_upgrade(file)
    assert (file.read_bytes() if file.is_file() else None) == before


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="No such file"):
        db.create_or_upgrade(tmp_path / "nowhere" / "gateway.db")


def test_a_disk_without_room_for_what_readers_need_is_called_full() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    with pytest.raises(GatewayError, match="free some space on its disk"), db.plain_errors():
        raise error


def test_strangers_can_read_neither_the_database_nor_its_journal(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        with closing(db.open_database(tmp_path / "gateway.db", create=True)) as connection:
            connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', 'x')")
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(["gateway.db", "gateway.db-wal", "gateway.db-shm"], 0o660)


def test_creating_twice_keeps_what_is_there(path: Path) -> None:
    connection = db.open_database(path)
    add_one(connection, MESSAGE, NOW)
    db.create_or_upgrade(path)
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (1,)
    connection.close()


def test_several_processes_may_create_it_at_once(tmp_path: Path) -> None:
    file = tmp_path / "gateway.db"
    code = "import sys; from pathlib import Path; from gateway.queue.db import *; create_or_upgrade(Path(sys.argv[1]))"
    processes = [subprocess.Popen([sys.executable, "-c", code, str(file)]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    connection = db.open_database(file)
    assert connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone() == (db.schema_version(),)
    connection.close()


def test_the_file_is_safe_against_power_cuts(connection: db.Connection) -> None:
    pragmas = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}


def test_a_write_through_a_reading_connection_is_said_to_be_one(path: Path) -> None:
    connection = db.open_database(path)
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(GatewayError, match="only be read"), db.plain_errors(path):
        add_one(connection, MESSAGE, NOW)
    connection.close()


@pytest.fixture
def _read_only_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a folder's disk looks that was mounted to be read: SQLite itself says no more than that it can't write."""
    real = os.statvfs
    shown = real("/").f_flag | os.ST_RDONLY
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((*real(path)[:8], shown, 255)))


@pytest.mark.usefixtures("_read_only_disk")
def test_of_a_disk_that_can_only_be_read_it_is_said_whatever_sqlite_makes_of_it(path: Path) -> None:
    connection = db.open_database(path)
    connection.execute("PRAGMA query_only = ON")
    with pytest.raises(GatewayError, match="mount it for writing"), db.plain_errors(path):
        add_one(connection, MESSAGE, NOW)
    connection.close()
    with pytest.raises(GatewayError, match="mount it for writing"), db.plain_errors(path):
        sqlite3.connect(path / "no.db").execute("PRAGMA user_version")


def test_a_file_that_a_disk_does_not_let_be_made_is_the_disks_matter(path: Path) -> None:
    with pytest.raises(GatewayError, match="mount it for writing"), db.plain_errors(path):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_full_disk_is_said_to_be_one_and_nothing_is_half_done(path: Path) -> None:
    connection = db.open_database(path)
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(GatewayError, match="no room left"), db.plain_errors(path):
        add(connection, (MESSAGE for _ in range(10_000)), NOW)
    assert not connection.in_transaction
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    connection.execute("PRAGMA max_page_count = 1000000")
    assert add_one(connection, MESSAGE, NOW) == 1
    connection.close()


def test_a_database_that_another_program_keeps_locked_is_said_to_be_so(path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    connection = db.open_database(path, busy_timeout_s=0.05)
    with pytest.raises(GatewayError, match="locked"), db.plain_errors(path):
        add_one(connection, MESSAGE, NOW)
    other.execute("ROLLBACK")
    assert add_one(connection, MESSAGE, NOW) == 1
    connection.close()
    other.close()


def test_an_error_in_a_statement_is_not_the_files_fault(connection: db.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError), db.plain_errors():
        connection.execute("SELECT nonsense")


def test_an_inner_transaction_is_part_of_the_outer_one(connection: db.Connection) -> None:
    def both() -> None:
        with db.write(connection):
            add_one(connection, MESSAGE, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        both()
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_many_threads_write_without_a_locked_database(path: Path, connection: db.Connection) -> None:
    faults: list[BaseException] = []

    def write(number: int) -> None:
        own = db.open_database(path, busy_timeout_s=0.0)
        try:
            for each in range(25):
                add_one(own, NewMessage(PHONE, "Ждём", external_id=f"{number}-{each}"), NOW)
        except BaseException as fault:  # noqa: BLE001 - it is looked at below, in the test's own thread
            faults.append(fault)
        finally:
            own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (200,)


def test_text_that_is_not_utf_8_does_not_stop_a_reader(clinic: Clinic) -> None:
    clinic.connection.execute("INSERT INTO outbox (recipient, body) VALUES ('x', CAST(x'616263ff' AS TEXT))")
    clinic.box.intake(NOW)
    message = views.message(clinic.connection, 1)
    assert message is not None
    assert (message["state"], message["body"]) == ("rejected", "abc\ufffd")


def test_a_text_stored_as_octets_is_shown_as_text(clinic: Clinic) -> None:
    clinic.connection.execute("INSERT INTO outbox (recipient, body) VALUES ('x', ?)", ("Ждём".encode(),))
    assert views.messages(clinic.connection)[0]["body"] == "Ждём"
