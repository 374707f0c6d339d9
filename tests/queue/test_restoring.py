"""A copy that is put in the database's place: its queue waits for a person, whatever is cut short."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Accepted, Uncertain
from gateway.errors import GatewayError
from gateway.queue import backup, db, desk, restored, restoring, upgrade
from tests.queue.clinic import LONG, NOW, RULES, Clinic, later


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


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


def in_the_air(clinic: Clinic) -> None:
    clinic.add()
    clinic.begun()


def between_two_parts(clinic: Clinic) -> None:
    clinic.add(LONG)
    clinic.box.record(clinic.begun().key, Accepted("1"), NOW, go_on=False)


UNDER_WAY = {in_the_air: "uncertain", between_two_parts: "held"}


@pytest.mark.parametrize("begin", UNDER_WAY, ids=lambda begin: begin.__name__)
def test_what_was_under_way_when_the_copy_was_made_goes_out_no_second_time_by_itself(
    clinic: Clinic, tmp_path: Path, begin: Callable[[Clinic], None]
) -> None:
    begin(clinic)
    copied = backup.copy(clinic.path, tmp_path / "copy.db", later(seconds=1))
    clinic.connection.close()
    done = restoring.put_back(clinic.path, copied.path, later(hours=1))
    assert (done.restored.held, done.restored.uncertain) == (
        int(UNDER_WAY[begin] == "held"),
        int(UNDER_WAY[begin] != "held"),
    )
    again = Clinic(clinic.path)
    again.box.recover(later(hours=2))
    again.box.tick(later(hours=5))
    again.box.ripen(later(hours=5))
    assert again.value("state") == UNDER_WAY[begin]
    assert again.claim(now=later(hours=5)) is None


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
    told = again.connection.execute("SELECT to_state FROM events WHERE id > ?", (last,)).fetchall()
    assert told == [("held",), ("queued",)], "who follows the events hears of what was held"


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


def test_two_restores_within_one_second_keep_what_was_there_before_each(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    clinic.add()
    clinic.connection.close()
    done = [restoring.put_back(clinic.path, copied.path, later(hours=1)) for _ in range(3)]
    assert [each.aside.name.partition("Z")[2] for each in done if each.aside] == ["", ".2", ".3"]
    assert [upgrade.version(each.aside) for each in done if each.aside] == [db.schema_version()] * 3
    with closing(sqlite3.connect(tmp_path / "gateway.db.before-restore.20261122T100000Z")) as first:
        assert first.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN; SELECT * FROM outbox"])
def test_nothing_is_put_back_while_somebody_reads_or_writes(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begin: str
) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    clinic.add()
    before = names(tmp_path)
    monkeypatch.setattr(db, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(clinic.path, isolation_level=None)) as other:
        for statement in begin.split("; "):
            other.execute(statement).fetchone()
        clinic.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with pytest.raises(GatewayError, match="in use by another program"):
            restoring.put_back(clinic.path, copied.path, later(hours=1))
    assert names(tmp_path) == before
    clinic.connection.close()
    assert restoring.put_back(clinic.path, copied.path, later(hours=1)).aside is not None


def test_another_programs_database_is_left_in_its_place(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    before = names(tmp_path)
    with pytest.raises(GatewayError, match="belongs to another program"):
        restoring.put_back(tmp_path / "other.db", copied.path, later(hours=1))
    assert names(tmp_path) == before


def test_a_folder_is_no_database_to_be_replaced(clinic: Clinic, tmp_path: Path) -> None:
    copied = backup.copy(clinic.path, tmp_path / "copy.db", NOW)
    (tmp_path / "folder").mkdir()
    with pytest.raises(GatewayError, match="no file"):
        restoring.put_back(tmp_path / "folder", copied.path, later(hours=1))


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
