"""Which program has a port: by its lock, its open file, or its lock file; and ModemManager by its name."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.modem import holders
from gateway.modem.holders import Holder, modem_manager, others_with, who_holds, who_keeps

HOLD = """
import fcntl, os, sys
f = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
{lock}
print("has", flush=True)
input()
"""
LOCK = "fcntl.flock(f, fcntl.LOCK_EX)"


@contextmanager
def another_program(port: str, lock: str = "pass") -> Iterator[subprocess.Popen[bytes]]:
    """A process that has the port open."""
    command = [sys.executable, "-c", HOLD.format(lock=lock), port]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def port() -> Iterator[str]:
    master, slave = os.openpty()
    yield os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("lock", ["pass", LOCK])
def test_a_program_that_has_the_port_is_named_with_its_number(port: str, lock: str) -> None:
    with another_program(port, lock) as process:
        assert Holder(process.pid, holders.name_of(process.pid)) in who_holds(port)
        assert any("python" in holder.name for holder in who_holds(port))


def test_a_lock_tells_its_holder_even_where_open_files_are_closed_to_us(port: str, tmp_path: Path) -> None:
    with another_program(port, LOCK) as process:
        (tmp_path / "locks").write_text(Path("/proc/locks").read_text())
        assert [holder.pid for holder in who_holds(port, tmp_path)] == [process.pid]


def test_only_who_locks_a_pseudo_terminal_keeps_others_out_of_it(port: str) -> None:
    with another_program(port, "pass"):
        assert who_keeps(port) == []
    with another_program(port, LOCK) as process:
        assert [holder.pid for holder in who_keeps(port)] == [process.pid]


def test_whoever_has_a_serial_port_open_keeps_others_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "812" / "fd").mkdir(parents=True)
    (tmp_path / "812" / "comm").write_text("minicom\n")
    (tmp_path / "812" / "fd" / "3").symlink_to("/dev/ttyUSB3")
    assert who_keeps("/dev/ttyUSB3", tmp_path, ()) == [Holder(812, "minicom")]


def test_the_gateway_does_not_name_itself(port: str) -> None:
    assert who_holds(port) == []


def test_a_port_that_nobody_has_or_that_is_not_there_is_nobodys(tmp_path: Path) -> None:
    assert who_holds(str(tmp_path / "none")) == []


@pytest.mark.parametrize("octets", [b"      4711\n", (4711).to_bytes(4, "little")])
def test_a_lock_file_counts_as_long_as_its_program_lives(tmp_path: Path, octets: bytes) -> None:
    proc, locks = tmp_path / "proc", tmp_path / "lock"
    (proc / "4711").mkdir(parents=True)
    (proc / "4711" / "comm").write_text("wvdial\n")
    locks.mkdir()
    (locks / "LCK..ttyUSB0").write_bytes(octets)
    assert who_holds("/dev/ttyUSB0", proc, (locks,)) == [Holder(4711, "wvdial")]
    (proc / "4711" / "comm").unlink()
    (proc / "4711").rmdir()
    assert who_holds("/dev/ttyUSB0", proc, (locks,)) == []


def test_who_has_a_terminal_open_is_seen_before_it_is_opened(tmp_path: Path) -> None:
    files = tmp_path / "812" / "fd"
    files.mkdir(parents=True)
    (tmp_path / "812" / "comm").write_text("minicom\n")
    (files / "3").symlink_to("/dev/ttyUSB3")
    (files / "4").symlink_to("/dev/null")
    assert others_with("/dev/ttyUSB3", tmp_path) == [Holder(812, "minicom")]
    assert others_with("/dev/ttyUSB4", tmp_path) == []


def test_modem_manager_is_known_by_its_name(tmp_path: Path) -> None:
    assert modem_manager(tmp_path) is None
    (tmp_path / "77").mkdir()
    (tmp_path / "77" / "comm").write_text("ModemManager\n")
    assert modem_manager(tmp_path) == Holder(77, "ModemManager")
