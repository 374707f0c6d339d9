"""The dispatcher has much to examine: whatever else it must do comes in between."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from gateway.daemon.dispatcher import EXAMINED_AT_ONCE, LOOK_S, WATCH_S, Dispatcher
from gateway.queue import db, lines, restored
from gateway.queue.outbox import IntakeRules, NewMessage, add

MOST_ROUNDS = LOOK_S / WATCH_S + 1  # between two looks at the carriers, each of which brings a heartbeat here
MESSAGES = int(2 * MOST_ROUNDS * EXAMINED_AT_ONCE)
PATIENCE_S = 30.0
UNEXAMINED = "SELECT count(*) FROM outbox WHERE due IS NULL"


def test_heartbeats_come_between_the_rounds_in_which_a_long_import_is_examined(tmp_path: Path) -> None:
    path, left, is_done = tmp_path / "gateway.db", [MESSAGES], threading.Event()
    connection = db.open_database(path, create=True)
    add(connection, [NewMessage("+79000001234", f"Ждём вас, талон {n}") for n in range(MESSAGES)], datetime.now(UTC))

    def beat(connection: sqlite3.Connection, _now: datetime) -> None:
        left.append(connection.execute(UNEXAMINED).fetchone()[0])
        if not left[-1]:
            is_done.set()

    dispatcher = Dispatcher(path, IntakeRules(), ring=lambda: None, has_changed=lambda: True, beat=beat)
    dispatcher.start()
    try:
        assert is_done.wait(PATIENCE_S)
    finally:
        dispatcher.stop()
        connection.close()
    assert max(before - after for before, after in pairwise(left)) <= MOST_ROUNDS * EXAMINED_AT_ONCE


def test_what_follows_a_beat_comes_when_its_commit_is_on_disk(tmp_path: Path) -> None:
    """How far the database has come is noted beside it then: a note that is ahead says that a backup was put back."""
    path, seen = tmp_path / "gateway.db", threading.Event()
    outsider = db.open_database(path, create=True)

    def beat(connection: sqlite3.Connection, now: datetime) -> None:
        lines.note(connection, "sim-1", "beat", "", now)

    def beaten(connection: sqlite3.Connection, _now: datetime) -> None:
        with closing(db.open_database(path)) as another:
            if restored.last_event(another) == restored.last_event(connection) > 0:
                seen.set()

    dispatcher = Dispatcher(path, IntakeRules(), ring=lambda: None, has_changed=lambda: False, beat=beat, beaten=beaten)
    dispatcher.start()
    try:
        assert seen.wait(1.0)
    finally:
        dispatcher.stop()
        outsider.close()
