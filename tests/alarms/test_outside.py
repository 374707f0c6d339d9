"""A database that takes nothing is told of directly: the table of alarms is in it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any

import pytest

from gateway.alarms import book
from gateway.alarms.outside import LOOKS
from gateway.alarms.telling import WAITS_S
from gateway.alarms.values import Alarm
from gateway.alarms.watching import Watch
from gateway.queue import heartbeat, times
from gateway.queue.db import UnusableError
from gateway.settings import NotifySettings, Settings
from tests.alarms.watched import STAFF

Told = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    def read() -> list[dict[str, Any]]:
        file = tmp_path / "told"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    return read


@pytest.fixture
def command(tmp_path: Path) -> NotifySettings:
    return NotifySettings(command=("sh", "-c", f"cat >> {tmp_path}/told && echo >> {tmp_path}/told"))


@pytest.fixture
def watch(connection: Connection, settings: Settings, command: NotifySettings, now: datetime) -> Watch:
    heartbeat.start(connection, 1, now)
    return Watch(replace(settings, notify=(command, NotifySettings(sms=(STAFF,)))), clock=lambda: now)


def look_in_vain(watch: Watch, settings: Settings, looks: int) -> None:
    """The file is out of reach meanwhile."""
    file = settings.gateway.database
    away = file.rename(file.with_suffix(".away"))
    for _each in range(looks):
        with pytest.raises(UnusableError):
            watch.look()
        watch.tell()
    away.rename(file)


def test_what_lasts_is_told_once_in_each_way_that_needs_no_database_and_so_is_its_end(
    connection: Connection, watch: Watch, settings: Settings, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    look_in_vain(watch, settings, LOOKS + 2)
    assert capsys.readouterr().out.count("database_not_writable") == 1
    (notice,) = told()
    assert notice["code"] == "database_not_writable"
    assert str(settings.gateway.database) in notice["text"]
    assert notice["cleared_at"] is None
    watch.look()
    watch.tell()
    watch.tell()
    assert [each["cleared_at"] is None for each in told()] == [True, False]
    assert capsys.readouterr().out.count("alarm_cleared") == 1
    assert connection.execute("SELECT count(*) FROM outbox WHERE recipient = ?", (STAFF,)).fetchone() == (0,)


def test_a_moment_is_not_told(watch: Watch, settings: Settings, told: Told) -> None:
    for _each in range(2):
        look_in_vain(watch, settings, LOOKS - 1)
        watch.look()
        watch.tell()
    assert told() == []


def test_a_reload_forgets_neither_what_is_amiss_nor_who_was_told(
    watch: Watch, settings: Settings, command: NotifySettings, told: Told, now: datetime
) -> None:
    look_in_vain(watch, settings, LOOKS)
    later = Watch(replace(settings, notify=(command,)), lambda: now + timedelta(minutes=1), watch.outside)
    look_in_vain(later, settings, LOOKS)
    later.look()
    later.tell()
    assert [each["cleared_at"] is None for each in told()] == [True, False]


def test_nobody_is_told_of_another_alarm_while_it_could_not_be_noted_that_he_was(
    connection: Connection, watch: Watch, settings: Settings, told: Told, now: datetime
) -> None:
    book.update(connection, [Alarm("disk_full", "5 MB are left.", "Make room.")], lambda _code: ["1.command"], now)
    look_in_vain(watch, settings, 1)
    watch.tell()
    assert told() == []
    watch.look()
    watch.tell()
    assert "disk_full" in [each["code"] for each in told()]


def moved(watch: Watch, settings: Settings, way: NotifySettings, now: datetime) -> Watch:
    """The same a while later."""
    return Watch(replace(settings, notify=(way,)), lambda: now, watch.outside)


def test_who_cannot_be_told_is_tried_again_a_minute_later(
    watch: Watch, settings: Settings, command: NotifySettings, tmp_path: Path, told: Told, now: datetime
) -> None:
    (tmp_path / "told").mkdir()
    look_in_vain(watch, settings, LOOKS)
    (tmp_path / "told").rmdir()
    look_in_vain(watch, settings, 3)
    assert told() == []
    look_in_vain(moved(watch, settings, command, now + timedelta(seconds=61)), settings, 1)
    assert len(told()) == 1


def test_a_clock_that_is_set_back_keeps_nobody_waiting(
    watch: Watch, settings: Settings, command: NotifySettings, tmp_path: Path, told: Told, now: datetime
) -> None:
    (tmp_path / "told").mkdir()
    look_in_vain(watch, settings, LOOKS)
    (tmp_path / "told").rmdir()
    look_in_vain(moved(watch, settings, command, now - timedelta(days=1)), settings, 1)
    assert len(told()) == 1


def test_a_program_that_tells_and_then_fails_does_not_tell_all_night(
    watch: Watch, settings: Settings, tmp_path: Path, told: Told, now: datetime
) -> None:
    failing = NotifySettings(command=("sh", "-c", f"cat >> {tmp_path}/told; echo >> {tmp_path}/told; exit 1"))
    for minute in range(600):
        later = moved(watch, settings, failing, now + timedelta(minutes=minute))
        later.outside.amiss("The disk is full.", now)
        later.tell()
    assert len(told()) == len(WAITS_S) + 1


def test_of_the_end_too_a_way_is_told_again_until_it_works(
    watch: Watch, settings: Settings, command: NotifySettings, tmp_path: Path, told: Told, now: datetime
) -> None:
    look_in_vain(watch, settings, LOOKS)
    (tmp_path / "told").rename(tmp_path / "first")
    (tmp_path / "told").mkdir()
    watch.look()
    watch.tell()
    (tmp_path / "told").rmdir()
    for minutes in (2, 3):
        moved(watch, settings, command, now + timedelta(minutes=minutes)).tell()
    assert [each["cleared_at"] for each in told()] == [times.to_text(now)]


def test_a_look_writes_so_that_a_full_or_locked_database_is_found(connection: Connection, settings: Settings) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(settings.gateway.database, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            heartbeat.prove(connection)
        another.execute("ROLLBACK")
    heartbeat.prove(connection)
