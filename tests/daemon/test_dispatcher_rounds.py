"""The dispatcher has much to examine: whatever else it must do comes in between."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from gateway.carrier import Deferred, Scope
from gateway.daemon.dispatcher import WATCH_S, Dispatcher
from gateway.daemon.gatekeeper import Gatekeeper
from gateway.daemon.rounds import EXAMINED_AT_ONCE, LOOK_S, Carriers, Watch
from gateway.queue import db, heartbeat, lines, restored
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from gateway.routing import Route
from gateway.worker.gate import Gate
from gateway.worker.switchboard import Switchboard

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

    dispatcher = Dispatcher(path, IntakeRules(), Carriers(has_changed=lambda: True, beat=beat))
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

    dispatcher = Dispatcher(path, IntakeRules(), Carriers(beat=beat, beaten=beaten))
    dispatcher.start()
    try:
        assert seen.wait(1.0)
    finally:
        dispatcher.stop()
        outsider.close()


def test_what_waits_does_not_expire_in_the_turn_in_which_a_clock_that_was_behind_is_set_right(tmp_path: Path) -> None:
    path, booted, now = tmp_path / "gateway.db", datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC)
    with closing(db.open_database(path, create=True)) as connection:

        def beat(to: sqlite3.Connection, at: datetime) -> None:
            heartbeat.beat(to, 17, at)

        rules = IntakeRules()
        watch = Watch(connection, rules, Gatekeeper(Gate(), lambda: True), Carriers(beat=beat), Switchboard())
        watch.begin(booted, 0.0)
        add(connection, [NewMessage("+79000001234", "4711", category="otp")], booted)
        watch.turn(booted, 0.0)
        watch.turn(now, 3.0)
        watch.turn(now, 6.0)
        assert connection.execute("SELECT state, due FROM outbox").fetchall() == [("queued", 1)]
        assert connection.execute("SELECT count(*) FROM events WHERE event = 'clock_set'").fetchone() == (1,)


def test_what_was_put_off_for_a_minute_is_due_in_one_when_a_clock_that_was_ahead_is_set_back(tmp_path: Path) -> None:
    path, now = tmp_path / "gateway.db", datetime.now(UTC)
    ahead = now + timedelta(hours=7)
    with closing(db.open_database(path, create=True)) as connection:
        heartbeat.start(connection, 17, ahead)
        add(connection, [NewMessage("+79000001234", "4711")], ahead)
        watch = Watch(connection, IntakeRules(), Gatekeeper(Gate(), lambda: True), Carriers(), Switchboard())
        watch.begin(ahead, 0.0)
        watch.turn(ahead, 0.0)
        worker = Outbox(connection, IntakeRules())
        submission = worker.claim("sim-1", "line of sim-1", ahead)
        assert submission is not None
        worker.record(submission.key, Deferred("cms_27", "The phone is off.", Scope.NUMBER), ahead)
        found = []
        for second in range(1, 70):
            watch.turn(now + timedelta(seconds=second), float(second))
            found.append(connection.execute("SELECT due FROM outbox").fetchone()[0])
        assert 59 <= found.index(1) <= 62


def test_new_messages_do_not_wait_until_all_that_wait_have_their_new_ways(tmp_path: Path) -> None:
    """Nor does the gate open before."""
    path, gate, now = tmp_path / "gateway.db", Gate(), datetime.now(UTC)
    with closing(db.open_database(path, create=True)) as connection:
        heartbeat.start(connection, 17, now)
        before = IntakeRules(carriers=("sim-1", "sim-2"))
        add(connection, [NewMessage("+79000001234", f"Ждём вас, талон {n}") for n in range(1000)], now)
        while Outbox(connection, before).intake(now):
            pass
        after = replace(before, routes=(Route(carriers=("sim-2",)),))
        watch = Watch(connection, after, Gatekeeper(gate, lambda: True), Carriers(), Switchboard())
        watch.begin(now, 0.0)
        message = add(connection, [NewMessage("+79000005678", "4711")], now).last_id
        for turn in range(2):
            watch.turn(now, turn * LOOK_S)
        assert connection.execute("SELECT due, route FROM outbox WHERE id = ?", (message,)).fetchone() == (1, "sim-2")
        assert connection.execute("SELECT count(*) FROM outbox WHERE route = ''").fetchone()[0] > 500
        assert not gate.is_open
        for turn in range(2, 12):
            watch.turn(now, turn * LOOK_S)
        assert connection.execute("SELECT count(*) FROM outbox WHERE route <> 'sim-2'").fetchone()[0] == 0
        assert gate.is_open
