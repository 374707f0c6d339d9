"""What is done now and then beside the sending: it must hold nobody up."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.daemon.housekeeping import Housekeeping, retain, tidy
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


def test_a_reload_puts_nothing_off(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db.create_or_upgrade(path)
    settings = Settings(tmp_path / "gateway.toml", GatewaySettings(database=path))
    housekeeping = Housekeeping(settings)
    housekeeping.start()
    try:
        before = {name: housekeeping.next_run_at(name) for name in ("tidy", "retention")}
        housekeeping.apply(settings)
        assert {name: housekeeping.next_run_at(name) for name in before} == before
    finally:
        housekeeping.stop()
