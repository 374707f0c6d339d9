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
from gateway.alarms.outside import LASTS
from gateway.alarms.telling import WAITS_S
from gateway.alarms.values import Alarm
from gateway.alarms.watching import Watch
from gateway.queue import heartbeat, times
from gateway.queue.db import UnusableError
from gateway.settings import NotifySettings, Settings
from tests.alarms.watched import STAFF

EVERY = timedelta(seconds=15)
LOOKS = LASTS // EVERY + 1
Told = Callable[[], list[dict[str, Any]]]
Look = Callable[[int], None]


class Passing:
    """A clock that the test moves."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


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
def clock(now: datetime) -> Passing:
    return Passing(now)


@pytest.fixture
def watch(connection: Connection, settings: Settings, command: NotifySettings, clock: Passing) -> Watch:
    heartbeat.start(connection, 1, clock.now)
    return Watch(replace(settings, notify=(command, NotifySettings(sms=(STAFF,)))), clock)


@pytest.fixture
def look_in_vain(watch: Watch, settings: Settings, clock: Passing) -> Look:
    """The file is out of reach for so many looks."""

    def look(looks: int) -> None:
        file = settings.gateway.database
        away = file.rename(file.with_suffix(".away"))
        for _each in range(looks):
            with pytest.raises(UnusableError):
                watch.look()
            watch.tell()
            clock.now += EVERY
        away.rename(file)

    return look


def test_what_lasts_is_told_once_in_each_way_that_needs_no_database_and_so_is_its_end(
    connection: Connection, watch: Watch, look_in_vain: Look, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    look_in_vain(LOOKS + 2)
    assert capsys.readouterr().out.count("database_not_writable") == 1
    (notice,) = told()
    assert notice["code"] == "database_not_writable"
    assert "gateway.db" in notice["text"]
    assert notice["cleared_at"] is None
    watch.look()
    watch.tell()
    watch.tell()
    assert [each["cleared_at"] is None for each in told()] == [True, False]
    assert capsys.readouterr().out.count("alarm_cleared") == 1
    assert connection.execute("SELECT count(*) FROM outbox WHERE recipient = ?", (STAFF,)).fetchone() == (0,)


def test_a_moment_is_not_told(watch: Watch, look_in_vain: Look, told: Told) -> None:
    for _each in range(2):
        look_in_vain(LOOKS - 1)
        watch.look()
        watch.tell()
    assert told() == []


def test_nor_is_it_when_carriers_that_come_and_go_make_the_looks_follow_each_other_at_once(
    look_in_vain: Look, clock: Passing, told: Told
) -> None:
    for _each in range(3 * LOOKS):
        look_in_vain(1)
        clock.now -= EVERY - timedelta(seconds=1)
    assert told() == []


def test_a_clock_that_is_set_back_puts_off_no_longer_than_a_moment(
    look_in_vain: Look, clock: Passing, told: Told
) -> None:
    look_in_vain(1)
    clock.now -= timedelta(hours=6)
    look_in_vain(LOOKS)
    assert len(told()) == 1


def test_a_reload_forgets_neither_what_is_amiss_nor_who_was_told(
    watch: Watch, settings: Settings, command: NotifySettings, look_in_vain: Look, clock: Passing, told: Told
) -> None:
    look_in_vain(LOOKS)
    later = Watch(replace(settings, notify=(command,)), clock, watch.outside)
    later.tell()
    later.look()
    later.tell()
    assert [each["cleared_at"] is None for each in told()] == [True, False]


def test_nobody_is_told_of_another_alarm_while_it_could_not_be_noted_that_he_was(
    connection: Connection, watch: Watch, look_in_vain: Look, told: Told, now: datetime
) -> None:
    book.update(connection, [Alarm("disk_full", "5 MB are left.", "Make room.")], lambda _code: ["1.command"], now)
    look_in_vain(1)
    watch.tell()
    assert told() == []
    watch.look()
    watch.tell()
    assert "disk_full" in [each["code"] for each in told()]


@pytest.mark.parametrize(("passed", "times_told"), [(50, 0), (61, 1), (-86400, 1)])
def test_who_cannot_be_told_is_tried_again_a_minute_later_or_when_the_clock_was_set_back(
    watch: Watch, look_in_vain: Look, clock: Passing, tmp_path: Path, told: Told, passed: int, times_told: int
) -> None:
    (tmp_path / "told").mkdir()
    look_in_vain(LOOKS)
    (tmp_path / "told").rmdir()
    clock.now += timedelta(seconds=passed) - EVERY
    watch.tell()
    assert len(told()) == times_told


def test_a_program_that_tells_and_then_fails_does_not_tell_all_night(
    watch: Watch, settings: Settings, clock: Passing, tmp_path: Path, told: Told
) -> None:
    failing = NotifySettings(command=("sh", "-c", f"cat >> {tmp_path}/told; echo >> {tmp_path}/told; exit 1"))
    night = Watch(replace(settings, notify=(failing,)), clock, watch.outside)
    for _minute in range(600):
        night.outside.amiss("The disk is full.", clock.now)
        night.tell()
        clock.now += timedelta(minutes=1)
    assert len(told()) == len(WAITS_S) + 1


def test_of_the_end_too_a_way_is_told_again_until_it_works(
    watch: Watch, look_in_vain: Look, clock: Passing, tmp_path: Path, told: Told
) -> None:
    look_in_vain(LOOKS)
    over_at = clock.now
    (tmp_path / "told").rename(tmp_path / "first")
    (tmp_path / "told").mkdir()
    watch.look()
    watch.tell()
    (tmp_path / "told").rmdir()
    for _each in range(2):
        clock.now += timedelta(minutes=2)
        watch.tell()
    assert [each["cleared_at"] for each in told()] == [times.to_text(over_at)]


def test_a_look_writes_so_that_a_full_or_locked_database_is_found(connection: Connection, settings: Settings) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(settings.gateway.database, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            heartbeat.prove(connection)
        another.execute("ROLLBACK")
    heartbeat.prove(connection)
