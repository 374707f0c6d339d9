"""Copies of the database: whole while others write, private, recognised when they are put back."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
import threading
from collections import namedtuple
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Uncertain
from gateway.errors import GatewayError
from gateway.queue import backup, db, desk, restored, restoring, upgrade
from gateway.queue.adding import NewMessage, add_one
from tests.queue.clinic import LONG, NOW, RULES, Clinic, later


@pytest.fixture
def clinic(tmp_path: Path) -> Clinic:
    database = tmp_path / "gateway.db"
    db.create_or_upgrade(database)
    return Clinic(database)


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
    with pytest.raises(GatewayError, match=r"needs \d+ MB"):
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


# Put back


def put_back(clinic: Clinic, copied: Path) -> Clinic:
    """As an administrator does it: the side files are removed, the copy is put in the database's place."""
    clinic.connection.close()
    for end in ("-wal", "-shm"):
        clinic.path.with_name(clinic.path.name + end).unlink(missing_ok=True)
    clinic.path.write_bytes(copied.read_bytes())
    db.create_or_upgrade(clinic.path)
    return Clinic(clinic.path, RULES)


def test_what_was_queued_is_held_when_a_copy_is_put_back_and_sent_only_after_a_word(
    clinic: Clinic, tmp_path: Path
) -> None:
    message = clinic.add()
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    clinic.send()
    again = put_back(clinic, copied.path)
    since = restored.copied_at(again.connection)
    assert since == later(seconds=1)
    told = restored.put_right(again.connection, since, later(hours=1))
    assert (told.held, told.uncertain) == (1, 0)
    assert (again.state(message), again.value("error_code")) == ("held", "restored")
    assert again.claim(now=later(hours=2)) is None
    desk.release(again.connection, message, later(hours=2))
    again.box.ripen(later(hours=2))
    assert again.claim(now=later(hours=2)) is not None


def test_a_long_message_of_which_a_part_was_out_is_held_too_and_goes_on_where_it_was(
    clinic: Clinic, tmp_path: Path
) -> None:
    message = clinic.add(LONG)
    first = clinic.begun()
    clinic.box.record(first.key, Accepted("1"), NOW, go_on=False)
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    again = put_back(clinic, copied.path)
    restored.put_right(again.connection, later(seconds=1), later(hours=1))
    desk.release(again.connection, message, later(hours=1))
    again.box.ripen(later(hours=1))
    submission = again.claim(now=later(hours=1))
    assert submission is not None
    assert again.segment_states(message)[:2] == ["sent", "begun"]


def test_an_uncertain_message_of_a_copy_is_not_sent_again_by_itself(clinic: Clinic, tmp_path: Path) -> None:
    message = clinic.add()
    clinic.record(clinic.begun(), Uncertain("silence", "No answer came."))
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    again = put_back(clinic, copied.path)
    assert restored.put_right(again.connection, later(seconds=1), later(minutes=1)).uncertain == 1
    again.box.tick(later(hours=5))
    assert again.state(message) == "uncertain"
    desk.settle(again.connection, message, "sent", later(hours=6))
    assert again.state(message) == "sent"


def test_what_is_written_after_the_copy_was_made_is_sent_as_ever(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW - timedelta(hours=1))
    again = put_back(clinic, copied.path)
    message = again.add()
    restored.put_right(again.connection, NOW - timedelta(hours=1), NOW)
    assert again.state(message) == "queued"


def test_ids_that_were_given_since_are_not_given_again(clinic: Clinic, tmp_path: Path) -> None:
    clinic.add()
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    lost = [clinic.add() for _ in range(5)]
    last = restored.last_event(clinic.connection)
    again = put_back(clinic, copied.path)
    restored.put_right(again.connection, later(seconds=1), later(hours=1))
    assert again.add() > max(lost)
    assert restored.last_event(again.connection) > last


def test_an_empty_copy_skips_ids_too(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    again = put_back(clinic, copied.path)
    restored.put_right(again.connection, NOW, later(hours=1))
    assert again.add(now=later(hours=2)) > restored.ID_GAP


def test_put_right_once_it_is_an_ordinary_database_again(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    again = put_back(clinic, copied.path)
    restored.put_right(again.connection, NOW, later(hours=1))
    assert restored.copied_at(again.connection) is None
    clinic = again.reopened()
    assert restored.copied_at(clinic.connection) is None


def test_a_copy_of_a_copy_bears_the_later_time(clinic: Clinic, tmp_path: Path) -> None:
    first = backup.copy(clinic.path, tmp_path / "first.db", NOW)
    second = backup.copy(first.path, tmp_path / "second.db", later(days=1))
    with closing(sqlite3.connect(second.path)) as connection:
        assert restored.copied_at(connection) == later(days=1)


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
    with pytest.raises(GatewayError, match="make room"):
        upgrade.create_or_upgrade(older, NOW)
    assert upgrade.version(older) == db.schema_version() - 1


def test_what_another_copy_of_the_same_second_is_called_does_not_hinder_an_upgrade(older: Path) -> None:
    name = f"gateway.db.schema-{db.schema_version() - 1}.20261122T090000Z"
    (older.parent / name).write_text("that of an upgrade which was cut short")
    done = upgrade.create_or_upgrade(older, NOW)
    assert done.copy is not None
    assert done.copy.path.name == f"{name}.2"
    assert (older.parent / name).read_text() == "that of an upgrade which was cut short"


def test_two_restores_within_one_second_keep_what_was_there_before_each(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    clinic.add()
    clinic.connection.close()
    done = [restoring.put_back(clinic.path, copied.path, later(hours=1)) for _ in range(3)]
    assert [each.aside.name.partition("Z")[2] for each in done if each.aside] == ["", ".2", ".3"]
    assert [upgrade.version(each.aside) for each in done if each.aside] == [db.schema_version()] * 3
    with closing(sqlite3.connect(tmp_path / "gateway.db.before-restore.20261122T100000Z")) as first:
        assert first.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


# A restore that is cut short

STEPS = ("os.link", "os.replace", "os.chown", "gateway.queue.db.create_or_upgrade", "gateway.queue.restored.put_right")


class PowerCut(BaseException):
    """The power fails before this step."""


@pytest.mark.parametrize("step", STEPS)
def test_a_restore_cut_short_leaves_the_old_database_or_a_new_one_that_is_known(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    clinic.add()
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    clinic.add("Ждём вас послезавтра")
    clinic.connection.close()

    def cut(*_arguments: object, **_options: object) -> None:
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("os.geteuid", lambda: 0)
        patch.setattr("os.chown", lambda *_arguments, **_options: None)
        patch.setattr(step, cut)
        with pytest.raises(PowerCut):
            restoring.put_back(clinic.path, copied.path, later(hours=1))
    db.create_or_upgrade(clinic.path)
    again = Clinic(clinic.path)
    messages = again.connection.execute("SELECT count(*) FROM outbox").fetchone()[0]
    is_marked = restored.copied_at(again.connection) is not None
    assert (messages, is_marked) in [(2, False), (1, True)]
    again.connection.close()
    done = restoring.put_back(clinic.path, copied.path, later(hours=2))
    assert done.restored.held == 1
