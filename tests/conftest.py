"""What holds for all tests: English, signals, bytecode, folders, order; set before the gateway is imported."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["LANGUAGE"] = "C"  # children inherit it

# What the suite itself was started to ignore (by nohup, or in a shell's background) its daemons would ignore too.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where bytecode is not to be kept, as containers often say, each of hundreds of processes would compile all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes by the clock says more about the machine than about us; what hangs meets its test's limit.
settings.register_profile("clinic", deadline=None)
settings.load_profile("clinic")

MEMORY = Path("/dev/shm")
ROOM = 1 << 30  # octets that must be free; a whole run takes a fifth of it


def _is_fit(folder: Path) -> bool:
    """Containers often have one that is tiny, or from which nothing can be run."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    return shutil.disk_usage(folder).free > ROOM and not os.statvfs(folder).f_flag & os.ST_NOEXEC


# Folders of tests lie in memory: each commit of each daemon would else wait for the disk, which proves nothing, for no
# test takes the power away from a real disk. TMPDIR=/var/tmp scripts/test runs them on one.
if "TMPDIR" not in os.environ and _is_fit(MEMORY):
    os.environ["TMPDIR"] = str(MEMORY)
    tempfile.tempdir = None  # look there, though another place was asked for before

LONGEST = ("tests/reliability/", "tests/test_bench.py", "tests/e2e/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files run side by side the longest begin first: begun last, they would be waited for at the end."""
    if hasattr(config, "workerinput"):  # a process of pytest-xdist
        items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new database's file, made once."""
    from gateway.queue import db

    file = tmp_path_factory.mktemp("empty") / "gateway.db"
    db.create_or_upgrade(file)
    return file.read_bytes()


TimeServer = Callable[[str], None]


@pytest.fixture
def time_server(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> TimeServer:
    """What `timedatectl` says of it, `no` to begin with; the machine's own is not asked."""
    program = tmp_path_factory.mktemp("bin") / "timedatectl"

    def says(answer: str) -> None:
        program.write_text(f"#!/bin/sh\necho {answer}\n")
        program.chmod(0o755)

    says("no")
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    return says
