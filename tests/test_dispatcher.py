"""The dispatcher alone, over a real database: what it must go on with, whatever stands in a row."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from gateway.dispatcher import FAULT_WAIT_S, Dispatcher
from gateway.queue import db
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add_one

PHONE = "+79000001234"
SOON_S = 20 * FAULT_WAIT_S


def spoilt(connection: sqlite3.Connection, now: datetime) -> None:
    """A segment in the air whose time no time limit can be reckoned from."""
    add_one(connection, NewMessage(PHONE, "Ждём вас"), now)
    outbox = Outbox(connection, IntakeRules())
    outbox.intake(now)
    outbox.claim("sim-1", "line", now)
    connection.execute("UPDATE segments SET begun_at = '0'")


def test_new_rows_are_examined_and_called_out_even_while_a_time_limit_can_not_be_kept(tmp_path: Path) -> None:
    path, now, rung = tmp_path / "gateway.db", datetime.now(UTC), threading.Event()
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as connection:
        spoilt(connection, now)
        add_one(connection, NewMessage(PHONE, "Ждём вас завтра"), now)
    dispatcher = Dispatcher(
        path, IntakeRules(), ring=rung.set, has_changed=lambda: False, beat=lambda _connection, _now: None
    )
    dispatcher.start()
    try:
        assert rung.wait(SOON_S)
    finally:
        dispatcher.stop()
