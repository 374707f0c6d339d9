"""The dispatcher alone, over a real database: what it must go on with, whatever stands in a row."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from gateway.daemon.dispatcher import FAULT_WAIT_S, Dispatcher
from gateway.daemon.rounds import Carriers
from gateway.queue import backlog, db, heartbeat
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add, add_one
from gateway.worker.gate import Gate

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
    dispatcher = Dispatcher(path, IntakeRules(), Carriers(ring=rung.set))
    dispatcher.start()
    try:
        assert rung.wait(SOON_S)
    finally:
        dispatcher.stop()


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + SOON_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_database_that_is_taken_away_is_told_in_a_sentence_and_the_watch_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    path, rung = tmp_path / "gateway.db", threading.Event()
    db.create_or_upgrade(path)
    dispatcher = Dispatcher(path, IntakeRules(), Carriers(ring=rung.set))
    path.rename(tmp_path / "away.db")
    with structlog.testing.capture_logs() as lines:
        dispatcher.start()
        try:
            until(lambda: any(line["event"] == "database_not_usable" for line in lines))
            (tmp_path / "away.db").rename(path)
            with closing(db.open_database(path)) as connection:
                add_one(connection, NewMessage(PHONE, "Ждём вас"), datetime.now(UTC))
            assert rung.wait(SOON_S)
        finally:
            dispatcher.stop()


def test_a_database_that_another_program_locks_is_told_in_a_sentence_without_a_traceback(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as connection:
        add_one(connection, NewMessage(PHONE, "Ждём вас"), datetime.now(UTC))

    def beat(_connection: sqlite3.Connection, _now: datetime) -> None:
        fault = sqlite3.OperationalError("database is locked")
        fault.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise fault

    dispatcher = Dispatcher(path, IntakeRules(), Carriers(has_changed=lambda: True, beat=beat))
    with structlog.testing.capture_logs() as lines:
        dispatcher.start()
        try:
            until(lambda: lines)
        finally:
            dispatcher.stop()
    said = lines[0]
    assert said["event"] == "database_not_usable"
    assert "locked by another program" in str(said["reason"])
    assert not said.get("exc_info")


def test_it_says_when_it_last_moved(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db.create_or_upgrade(path)
    dispatcher = Dispatcher(path, IntakeRules(), Carriers())
    before = dispatcher.moved_at
    dispatcher.start()
    try:
        until(lambda: dispatcher.moved_at > before)
    finally:
        dispatcher.stop()
    still = dispatcher.moved_at
    assert time.monotonic() - still < dispatcher.longest_turn_s


def test_the_gate_opens_at_once_when_there_was_no_outage_and_the_time_of_the_last_sending_is_kept(
    tmp_path: Path,
) -> None:
    path, gate = tmp_path / "gateway.db", Gate()
    with closing(db.open_database(path, create=True)) as connection:
        heartbeat.start(connection, 1, datetime.now(UTC))
        carriers = Carriers(has_changed=lambda: True, in_service=lambda: True)
        dispatcher = Dispatcher(path, IntakeRules(), carriers, gate=gate)
        dispatcher.start()
        try:
            until(lambda: gate.is_open and backlog.able_at(connection))
        finally:
            dispatcher.stop()


def test_after_an_outage_the_backlog_is_held_before_the_gate_opens(tmp_path: Path) -> None:
    path, gate, now = tmp_path / "gateway.db", Gate(), datetime.now(UTC)
    long_ago = now - timedelta(hours=10)
    with closing(db.open_database(path, create=True)) as connection:
        heartbeat.start(connection, 1, long_ago)
        backlog.note_able(connection, long_ago)
        messages = [NewMessage(f"+7900000{number:04}", "Ждём вас") for number in range(300)]
        add(connection, messages, long_ago + timedelta(hours=1))
        fresh = add_one(connection, NewMessage(PHONE, "Ждём вас"), now)
        carriers = Carriers(in_service=lambda: True)
        dispatcher = Dispatcher(path, IntakeRules(), carriers, gate=gate)
        dispatcher.start()
        try:
            until(lambda: gate.is_open)
        finally:
            dispatcher.stop()
        held = connection.execute("SELECT count(*) FROM outbox WHERE state = 'held'").fetchone()
        assert held == (300,)
        assert connection.execute("SELECT state FROM outbox WHERE id = ?", (fresh,)).fetchone() == ("queued",)
