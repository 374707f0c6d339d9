"""What is done now and then beside the sending: it must hold nobody up."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from gateway import logs
from gateway.daemon.housekeeping import LOOK_SOON, Housekeeping, retain, tidy
from gateway.queue import db
from gateway.queue.adding import NewMessage, add, add_one
from gateway.settings import RetentionSettings, Settings
from gateway.settings.models import GatewaySettings

MESSAGE = NewMessage("+79000001234", "Ждём вас")


def wal_octets(path: Path) -> int:
    return path.with_name(f"{path.name}-wal").stat().st_size


def test_the_write_ahead_log_gives_its_space_back(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(db.open_database(path, create=True)) as connection:
        add_one(connection, MESSAGE, datetime.now(UTC))
        assert wal_octets(path) > 0
        tidy(path)
        assert wal_octets(path) == 0


def test_a_program_that_reads_for_long_keeps_no_writer_waiting_by_way_of_it(tmp_path: Path) -> None:
    """To empty the log, SQLite shuts out writers while it waits for readers."""
    path = tmp_path / "gateway.db"
    with closing(db.open_database(path, create=True)) as connection, closing(db.open_database(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM outbox").fetchone()
        add_one(connection, MESSAGE, datetime.now(UTC))
        began_at = time.monotonic()
        tidy(path)
        assert time.monotonic() - began_at < db.BUSY_TIMEOUT_S


def test_old_texts_go_batch_by_batch_until_none_is_left(tmp_path: Path) -> None:
    path, now = tmp_path / "gateway.db", datetime.now(UTC)
    settings = Settings(
        tmp_path / "gateway.toml", GatewaySettings(database=path), retention=RetentionSettings(texts=86400.0)
    )
    with closing(db.open_database(path, create=True)) as connection:
        add(connection, [MESSAGE] * 250, now - timedelta(days=2))
        connection.execute("UPDATE outbox SET state = 'cancelled', updated_at = created_at")
        connection.execute("UPDATE outbox SET updated_at = created_at")
        retain(settings, threading.Event(), lambda: now)
        assert connection.execute("SELECT count(*) FROM outbox WHERE body IS NOT NULL").fetchone() == (0,)


def settings_of(folder: Path) -> Settings:
    return Settings(folder / "gateway.toml", GatewaySettings(database=folder / "gateway.db"))


@pytest.fixture
def housekeeping(tmp_path: Path) -> Iterator[Housekeeping]:
    """At work; the first look for alarms has begun. At the end no job is left that could still say something."""
    made = Housekeeping(settings_of(tmp_path))
    made.start()
    await_look(made)
    threads = made._scheduler._lookup_executor("default")._pool
    yield made
    made.stop()
    threads.shutdown(wait=True)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log as the daemon writes it, as JSON."""
    root, target = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    logs.configure("info", "json", target)
    structlog.configure(cache_logger_on_first_use=False)
    yield target
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def await_look(housekeeping: Housekeeping) -> None:
    """Until the look for alarms that was due has begun."""
    until = time.monotonic() + 5.0
    while housekeeping.next_run_at("alarms") < datetime.now(UTC) + 2 * LOOK_SOON:
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def _database(tmp_path: Path) -> None:
    db.create_or_upgrade(tmp_path / "gateway.db")


@pytest.mark.usefixtures("_database")
def test_a_reload_puts_nothing_off(housekeeping: Housekeeping, tmp_path: Path) -> None:
    before = {name: housekeeping.next_run_at(name) for name in ("tidy", "retention")}
    housekeeping.apply(settings_of(tmp_path))
    assert {name: housekeeping.next_run_at(name) for name in before} == before


@pytest.mark.usefixtures("_database")
def test_a_carrier_in_another_state_is_judged_at_once_and_one_that_flickers_puts_it_not_off(
    housekeeping: Housekeeping,
) -> None:
    housekeeping.look_soon()
    due_at = housekeeping.next_run_at("alarms")
    assert due_at <= datetime.now(UTC) + LOOK_SOON
    housekeeping.look_soon()
    assert housekeeping.next_run_at("alarms") == due_at
    housekeeping.stop()
    housekeeping.look_soon()  # the last beat of a daemon that ends


@pytest.mark.usefixtures("_database")
def test_a_clock_that_was_set_back_puts_nothing_off(housekeeping: Housekeeping) -> None:
    """It was ahead by months; and where it goes on as it should, no job is called before its time."""
    usual = {name: housekeeping.next_run_at(name) for name in ("tidy", "retention")}
    housekeeping.keep_up(datetime.now(UTC))
    assert {name: housekeeping.next_run_at(name) for name in usual} == usual
    for name in (*usual, "alarms", "notices"):
        housekeeping._scheduler.modify_job(name, next_run_time=datetime.now(UTC) + timedelta(days=90))
    housekeeping.keep_up(datetime.now(UTC))
    due_at = [housekeeping.next_run_at(name) for name in (*usual, "alarms", "notices")]
    assert max(due_at) <= datetime.now(UTC) + timedelta(hours=1)


def test_a_job_that_fails_is_said_once_in_one_sentence(
    log: io.StringIO, housekeeping: Housekeeping, tmp_path: Path
) -> None:
    for _round in range(3):
        housekeeping.apply(settings_of(tmp_path))
        await_look(housekeeping)
    housekeeping.stop()
    said = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["event"], line["job"], "reason" in line) for line in said] == [("job_failed", "alarms", True)]
    assert "made by `smsgw init`" in said[0]["reason"]
    assert "exception" not in said[0]


def test_a_job_that_fails_unforeseen_says_where_once(log: io.StringIO, housekeeping: Housekeeping) -> None:
    housekeeping._watch = None  # type: ignore[assignment]
    for _round in range(3):
        housekeeping._scheduler.modify_job("alarms", next_run_time=datetime.now(UTC))
        await_look(housekeeping)
    housekeeping.stop()
    (said,) = [line for line in log.getvalue().splitlines() if "AttributeError" in line]
    assert "exception" in json.loads(said)
