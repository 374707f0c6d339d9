"""What the daemon sees to before anything is sent: that no queue is lost, and nobody misses what is done with one."""

from __future__ import annotations

import gc
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.daemon import starting
from gateway.daemon.lock import hold, lock_file
from gateway.daemon.starting import refuse_missing, settle_down
from gateway.errors import GatewayError
from gateway.queue import db, restored, times
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add_one

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("is_service", [True, False])
@pytest.mark.parametrize("is_there", [True, False], ids=["an empty file", "no file"])
def test_where_a_daemon_has_run_an_empty_file_is_no_queue_either(
    tmp_path: Path, is_there: bool, is_service: bool
) -> None:
    database = tmp_path / "gateway.db"
    if is_there:
        database.touch()
    lock_file(database).touch()
    with pytest.raises(GatewayError, match="Is its disk mounted"):
        refuse_missing(database, is_service=is_service)


def test_a_queue_that_is_there_is_taken_and_at_the_first_start_by_hand_none_is_needed(tmp_path: Path) -> None:
    database = tmp_path / "gateway.db"
    refuse_missing(database, is_service=False)
    assert not database.exists()  # whoever starts creates it
    db.create_or_upgrade(database)
    lock_file(database).touch()
    before = database.read_bytes()
    refuse_missing(database, is_service=True)
    assert database.read_bytes() == before


def test_whoever_follows_the_events_hears_what_a_recovery_in_a_copy_has_found(tmp_path: Path) -> None:
    """Their ids would else be such as the replaced database had given: already read."""
    database, copy = tmp_path / "gateway.db", tmp_path / "copy.db"
    with closing(db.open_database(database, create=True)) as connection, hold(database) as held:
        outbox = Outbox(connection, IntakeRules())
        add_one(connection, NewMessage("+79000001234", "Hello"), NOW)
        outbox.intake(NOW)
        assert outbox.claim("sim-1", "line", NOW)
        with closing(sqlite3.connect(copy)) as to:
            connection.backup(to)
        connection.executemany("INSERT INTO events (at, event) VALUES (?, 'state')", [(times.to_text(NOW),)] * 50)
        last = restored.last_event(connection)
        held.remember(last, NOW)
    with closing(db.open_database(copy)) as connection, hold(database) as held:
        starting.settle(connection, IntakeRules(), held, NOW)
        heard = connection.execute("SELECT to_state FROM events WHERE id > ? AND outbox_id = 1", (last,)).fetchall()
    assert ("uncertain",) in heard


def test_what_is_there_when_the_work_begins_is_no_longer_searched_for_what_is_garbage() -> None:
    try:
        settle_down()
        assert len(gc.get_objects()) < gc.get_freeze_count()
    finally:
        gc.unfreeze()
