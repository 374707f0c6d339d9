"""Copies of the database: whole while others write, private, and laid beside it before an upgrade."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import GatewayError
from gateway.queue import backup, db, restored, upgrade
from gateway.queue.adding import NewMessage, add_one
from tests.queue.clinic import NOW, Clinic, later
from tests.queue.test_restoring import put_back


def integrity(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_copy_holds_every_message_in_one_private_file(clinic: Clinic, tmp_path: Path) -> None:
    for _ in range(3):
        clinic.add()
    (tmp_path / "copies").mkdir()
    made = backup.copy(clinic.path, tmp_path / "copies" / "monday.db", NOW)
    assert (made.messages, made.size) == (3, made.path.stat().st_size)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert names(tmp_path / "copies") == {"monday.db"}
    assert integrity(made.path) == "ok"


def test_what_stands_only_in_the_write_ahead_log_is_in_the_copy_too(clinic: Clinic, tmp_path: Path) -> None:
    clinic.connection.execute("PRAGMA wal_autocheckpoint = 0")
    clinic.add()
    assert backup.copy(clinic.path, tmp_path / "copy.db", NOW).messages == 1


def test_a_copy_is_of_one_moment_and_keeps_no_writer_waiting(clinic: Clinic, tmp_path: Path) -> None:
    for _ in range(40):
        clinic.add("x" * 4000)
    written = []

    def write_another() -> None:
        with closing(db.open_database(clinic.path, busy_timeout_s=0.0)) as connection:
            written.append(add_one(connection, NewMessage("+79000000001", "y" * 4000), NOW))

    made = backup.copy(clinic.path, tmp_path / "copy.db", NOW, on_step=write_another)
    assert len(written) >= 1
    assert made.messages == 40
    assert integrity(made.path) == "ok"


def test_a_copy_ends_although_others_write_all_the_time(clinic: Clinic, tmp_path: Path) -> None:
    is_over = threading.Event()

    def write() -> None:
        with closing(db.open_database(clinic.path)) as connection:
            while not is_over.is_set():
                add_one(connection, NewMessage("+79000000001", "y" * 1000), NOW)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert integrity(backup.copy(clinic.path, tmp_path / "copy.db", NOW).path) == "ok"
    finally:
        is_over.set()
        writer.join()


def missing_database(folder: Path) -> tuple[Path, Path]:
    return folder / "none.db", folder / "copy.db"


def missing_folder(folder: Path) -> tuple[Path, Path]:
    return folder / "gateway.db", folder / "none" / "copy.db"


def there_already(folder: Path) -> tuple[Path, Path]:
    (folder / "copy.db").write_text("precious")
    return folder / "gateway.db", folder / "copy.db"


def itself(folder: Path) -> tuple[Path, Path]:
    return folder / "gateway.db", folder / "gateway.db"


def by_a_link(folder: Path) -> tuple[Path, Path]:
    (folder / "link.db").symlink_to(folder / "gateway.db")
    return folder / "gateway.db", folder / "link.db"


def its_log(folder: Path) -> tuple[Path, Path]:
    return folder / "gateway.db", folder / "gateway.db-wal"


def anothers(folder: Path) -> tuple[Path, Path]:
    with closing(sqlite3.connect(folder / "other.db")) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    return folder / "other.db", folder / "copy.db"


REFUSALS: dict[str, tuple[Callable[[Path], tuple[Path, Path]], str]] = {
    "no database": (missing_database, "smsgw init"),
    "no folder": (missing_folder, "There is no folder"),
    "a file that is there": (there_already, "there already"),
    "the database itself": (itself, "gateway's own"),
    "the database by a link": (by_a_link, "gateway's own"),
    "its write-ahead log": (its_log, "gateway's own"),
    "another program's database": (anothers, "belongs to another"),
}


@pytest.mark.parametrize(("places", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_can_not_be_copied_is_refused_and_nothing_is_left(
    clinic: Clinic, tmp_path: Path, places: Callable[[Path], tuple[Path, Path]], words: str
) -> None:
    database, target = places(tmp_path)
    before = target.read_bytes() if target.exists() else None
    with pytest.raises(GatewayError, match=words):
        backup.copy(database, target, NOW)
    assert (target.read_bytes() if target.exists() else None) == before
    assert not list(tmp_path.glob(".*"))


def a_folder(folder: Path) -> Path:
    (folder / "copies").mkdir()
    return folder / "copies"


def a_device(folder: Path) -> Path:
    """As /dev/st0 or /dev/full; a pipe, since a test may make no device."""
    os.mkfifo(folder / "tape")
    return folder / "tape"


@pytest.mark.parametrize("place", [a_folder, a_device])
def test_force_puts_no_copy_in_the_place_of_what_is_no_file(
    clinic: Clinic, tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    target = place(tmp_path)
    kind = stat.S_IFMT(target.stat().st_mode)
    with pytest.raises(GatewayError, match="is no file"):
        backup.copy(clinic.path, target, NOW, force=True)
    assert stat.S_IFMT(target.stat().st_mode) == kind


def test_force_replaces_an_older_copy(clinic: Clinic, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup.copy(clinic.path, target, NOW)
    clinic.add()
    assert backup.copy(clinic.path, target, NOW, force=True).messages == 1


def test_broken_off_it_leaves_the_older_copy_and_nothing_else(clinic: Clinic, tmp_path: Path) -> None:
    target = tmp_path / "copy.db"
    backup.copy(clinic.path, target, NOW)
    before = target.read_bytes()

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.copy(clinic.path, target, NOW, force=True, on_step=stop)
    assert target.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_what_a_killed_backup_left_does_not_hinder_the_next(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / ".copy.db.part").write_bytes(b"half a copy")
    assert integrity(backup.copy(clinic.path, tmp_path / "copy.db", NOW).path) == "ok"


def test_two_backups_to_the_same_file_do_not_mix(clinic: Clinic, tmp_path: Path) -> None:
    refused = []

    def another() -> None:
        with pytest.raises(GatewayError, match="Another backup"):
            backup.copy(clinic.path, tmp_path / "copy.db", NOW)
        refused.append(1)

    made = backup.copy(clinic.path, tmp_path / "copy.db", NOW, on_step=another)
    assert refused
    assert integrity(made.path) == "ok"


def test_without_room_for_the_copy_it_says_how_much_is_needed(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(100, 99, 1024**2)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    with pytest.raises(GatewayError, match=r"needs \d+ MB.*name another place"):
        backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    assert not (tmp_path / "copy.db").exists()


def test_a_damaged_database_gives_no_copy_that_looks_whole(clinic: Clinic, tmp_path: Path) -> None:
    for _ in range(300):
        clinic.add("x" * 400)
    clinic.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    clinic.connection.close()
    content = bytearray(clinic.path.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = os.urandom(8192)
    clinic.path.write_bytes(content)
    with pytest.raises((GatewayError, sqlite3.DatabaseError)):
        backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    assert not (tmp_path / "copy.db").exists()


# Upgrades


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the schema before this one, with a message in it."""
    database = tmp_path / "gateway.db"
    steps = db._steps()
    with monkeypatch.context() as patch:
        patch.setattr(db, "_steps", lambda: steps[:-1])
        db.create_or_upgrade(database)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO outbox (recipient, body) VALUES ('+79000000001', 'Ждём вас')")
    return database


def test_before_an_upgrade_a_copy_is_laid_beside_the_database(older: Path) -> None:
    done = upgrade.create_or_upgrade(older, NOW)
    assert (done.from_version, done.to_version) == (db.schema_version() - 1, db.schema_version())
    assert done.copy is not None
    assert done.copy.path.name == f"gateway.db.schema-{db.schema_version() - 1}.20261122T090000Z"
    assert upgrade.version(done.copy.path) == db.schema_version() - 1
    assert upgrade.version(older) == db.schema_version()
    assert done.copy.messages == 1


def test_the_copy_of_an_older_schema_is_upgraded_and_known_when_it_is_put_back(older: Path, tmp_path: Path) -> None:
    done = upgrade.create_or_upgrade(older, later(days=365))
    assert done.copy is not None
    again = put_back(Clinic(older), done.copy.path)
    since = restored.copied_at(again.connection)
    assert since is not None
    assert restored.put_right(again.connection, since, later(days=366)).held == 1


def test_a_database_of_this_schema_or_a_new_one_needs_no_copy(tmp_path: Path) -> None:
    database = tmp_path / "gateway.db"
    made = upgrade.create_or_upgrade(database, NOW)
    assert (made.is_new, made.copy) == (True, None)
    again = upgrade.create_or_upgrade(database, NOW)
    assert (again.is_new, again.is_change, again.copy) == (False, False, None)
    assert {re.sub("-wal|-shm", "", name) for name in names(tmp_path)} == {"gateway.db"}


def test_without_room_for_the_copy_nothing_is_upgraded(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(100, 99, 1024**2)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    with pytest.raises(GatewayError, match="make room there") as refused:
        upgrade.create_or_upgrade(older, NOW)
    assert "another place" not in str(refused.value)
    assert upgrade.version(older) == db.schema_version() - 1


def test_what_another_copy_of_the_same_second_is_called_does_not_hinder_an_upgrade(older: Path) -> None:
    name = f"gateway.db.schema-{db.schema_version() - 1}.20261122T090000Z"
    (older.parent / name).write_text("that of an upgrade which was cut short")
    done = upgrade.create_or_upgrade(older, NOW)
    assert done.copy is not None
    assert done.copy.path.name == f"{name}.2"
    assert (older.parent / name).read_text() == "that of an upgrade which was cut short"
