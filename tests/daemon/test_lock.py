"""One daemon per database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.daemon.lock import Seen, hold, is_held, lock_file
from gateway.errors import GatewayError

HOLDER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from gateway.daemon.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


def start_holder(database: Path) -> subprocess.Popen[str]:
    """Another process that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(database)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_nobody_holds_a_database_that_no_daemon_ever_served(database: Path) -> None:
    assert not is_held(database)
    assert not lock_file(database).exists()


def test_it_is_held_inside_and_free_afterwards(database: Path) -> None:
    with hold(database):
        assert is_held(database)
        assert lock_file(database).read_text() == f"{os.getpid()}\n"
    assert not is_held(database)


def test_a_folder_that_is_a_file_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GatewayError, match="no folder"), hold(tmp_path / "file" / "gateway.db"):
        raise AssertionError("held in a file")


def test_a_second_daemon_is_told_who_has_it(database: Path) -> None:
    process = start_holder(database)
    try:
        assert is_held(database)
        with pytest.raises(GatewayError, match=rf"process {process.pid}.*already serves"), hold(database):
            raise AssertionError("both hold it")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_link_to_the_database_is_the_same_database(database: Path, tmp_path: Path) -> None:
    database.touch()
    link = tmp_path / "elsewhere" / "queue.db"
    link.parent.mkdir()
    link.symlink_to(database)
    with hold(database):
        assert is_held(link)
        with pytest.raises(GatewayError, match="already serves"), hold(link):
            raise AssertionError("both hold it")


def test_a_daemon_that_was_killed_holds_nothing(database: Path) -> None:
    process = start_holder(database)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not is_held(database)
    with hold(database):
        assert is_held(database)


def test_looking_does_not_keep_a_daemon_from_starting(database: Path) -> None:
    with hold(database):
        pass
    for _turn in range(50):
        is_held(database)
        with hold(database):
            assert is_held(database)


def test_a_folder_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    remedy = "no folder .*none.*`database` in the configuration"
    with pytest.raises(GatewayError, match=remedy), hold(tmp_path / "none" / "gateway.db"):
        raise AssertionError("held")


NOW = datetime(2026, 11, 22, 9, 0, 5, tzinfo=UTC)


def test_the_next_holder_knows_how_far_the_database_had_come(database: Path) -> None:
    with hold(database) as first:
        assert first.before is None
        first.remember(1000, NOW)
        first.remember(17, NOW)
    with hold(database) as second:
        assert second.before == Seen(17, NOW)
    with hold(database) as third:
        assert third.before == Seen(17, NOW)


def test_who_holds_it_can_be_read_beside_what_it_remembers(database: Path) -> None:
    with hold(database) as first:
        first.remember(1000, NOW)
        with pytest.raises(GatewayError, match=rf"process {os.getpid()}\)"), hold(database):
            raise AssertionError("both hold it")


@pytest.mark.parametrize(
    "content", ["", "17\n", "17\n\x00\x00\n", "17\nx\n2026-11-22T09:00:00.000000Z\n", "1\n2\nyesterday\n"]
)
def test_a_file_of_an_older_version_or_a_damaged_one_says_nothing(database: Path, content: str) -> None:
    lock_file(database).write_text(content)
    with hold(database) as held:
        assert held.before is None


def test_a_lock_that_root_makes_belongs_to_the_owner_of_the_folder(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr("os.fchown", lambda descriptor, uid, gid: given.append((uid, gid)))
    with hold(database):
        folder = database.parent.stat()
    assert given == [(folder.st_uid, folder.st_gid)]
