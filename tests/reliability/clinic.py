"""What may happen to the machine, the database and the clock: each with a daemon of its own, under load."""

from __future__ import annotations

import contextlib
import os
import resource
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.fleet import Fleet, assembled
from tests.reliability.load import Load
from tests.reliability.result import Result

MODEMS = ["sim-1", "sim-2"]
BEFORE_S, SETTLE_S = 1.5, 90.0
NOTHING_LOST = "no row lost that its writer was told is in; nothing twice silently; it goes on by itself"


@contextmanager
def under_load(
    folder: Path, program: Sequence[str] = ("gateway",), environment: Mapping[str, str] | None = None, **gateway: Any
) -> Iterator[Load]:
    """A clinic that has sent for a while; `environment` is the daemon's, `gateway` are keys of its configuration."""
    with assembled(folder, MODEMS, bank={"radio_s": 0.1, "report_s": 0.2}, uncertain_wait=2,
                   modem={"answer_wait": 2}, **gateway) as fleet:  # fmt: skip
        for modem in fleet.modems.values():
            modem.patience(0.5, 0.5)
        fleet.clinic.start(modems_ready=len(MODEMS), program=program, environment=environment or {})
        load = Load(fleet, every_s=0.2)
        with load.running():
            time.sleep(BEFORE_S)
            yield load


def first_after(fleet: Fleet, ended_at: float) -> float | None:
    """The first SMS whose AT+CMGS came after that moment."""
    return next((each.commanded_at for each in list(fleet.bank.submitted) if each.commanded_at > ended_at), None)


def recovered(load: Load, ended_at: float, patience_s: float = SETTLE_S) -> float | None:
    """Seconds from the end of the fault to the first SMS; None when there is none."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if found := first_after(load.fleet, ended_at):
            return found - ended_at
        time.sleep(0.05)
    return None


def judged(
    name: str, done: str, must: str, load: Load, ended_at: float, pains: tuple[int, ...], *, note: str = ""
) -> Result:
    """Called inside `under_load`, when the fault is over; one more row is written: something is to be sent."""
    load.write_one("Afterwards")
    back_s = recovered(load, ended_at)
    time.sleep(1.0)
    load.stop()
    wrong = [] if load.settle(SETTLE_S) else ["it did not settle"]
    wrong += load.complaints()
    if back_s is None:
        wrong.append("no SMS afterwards")
    counts = ", ".join(f"{value} {what}" for what, value in {**load.counted(), "refused rows": load.refused}.items())
    return Result(name, done, must, f"{note}{counts}", wrong, back_s, pains)


# -- locks


@contextmanager
def locked(database: Path) -> Iterator[None]:
    other = sqlite3.connect(database, isolation_level=None, timeout=30.0)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def lock(folder: Path, seconds: float) -> Result:
    with under_load(folder) as load:
        with locked(load.fleet.clinic.database):
            time.sleep(seconds)
        ended_at = time.monotonic()
        return judged(
            f"locked for {seconds:.0f} s", "another program holds a write transaction open", NOTHING_LOST, load,
            ended_at, (26,),
        )  # fmt: skip


def slow_writer(folder: Path, seconds: float) -> Result:
    """A MIS that opens a transaction, thinks, and commits, again and again."""
    stop = threading.Event()

    def hold(load: Load) -> None:
        while not stop.is_set():
            with contextlib.suppress(sqlite3.OperationalError), locked_insert(load):
                stop.wait(2.0)

    with under_load(folder) as load:
        thread = threading.Thread(target=hold, args=(load,))
        thread.start()
        time.sleep(seconds)
        stop.set()
        thread.join()
        return judged(
            "MIS holds transactions open", f"INSERT, 2 s of thinking, COMMIT, for {seconds:.0f} s", NOTHING_LOST, load,
            time.monotonic(), (26,),
        )  # fmt: skip


@contextmanager
def locked_insert(load: Load) -> Iterator[None]:
    number = load.next_number()
    connection = sqlite3.connect(load.fleet.clinic.database, isolation_level=None, timeout=5.0)
    try:
        connection.execute("BEGIN IMMEDIATE")
        row = connection.execute("INSERT INTO outbox (recipient, body) VALUES (?, ?)", (number, f"Slow {number[-4:]}"))
        yield
        connection.execute("COMMIT")
        load.accepted.append(int(row.lastrowid or 0))
    finally:
        connection.close()


# -- no room


def file_size_limit(folder: Path, seconds: float) -> Result:
    """The portable way: the daemon may not let its files grow (RLIMIT_FSIZE)."""
    with under_load(folder) as load:
        assert load.fleet.clinic.daemon
        pid = load.fleet.clinic.daemon.pid
        wal = load.fleet.clinic.database.with_name("gateway.db-wal")
        limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (max(4096, wal.stat().st_size // 2), limits[1]))
        time.sleep(seconds)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
        return judged(
            f"no file may grow for {seconds:.0f} s", "RLIMIT_FSIZE below the size of the journal", NOTHING_LOST, load,
            time.monotonic(), (26,),
        )  # fmt: skip


# -- the file itself


def _is_over(load: Load, patience_s: float) -> int | None:
    """How the daemon ended by itself, if it did."""
    assert load.fleet.clinic.daemon
    with contextlib.suppress(subprocess.TimeoutExpired):
        return load.fleet.clinic.daemon.wait(patience_s)
    return None


def _away(name: str, done: str, take_away: Callable[[Path], None]) -> Callable[[Path], Result]:
    """The database's file is no longer the one that the daemon has open."""

    def tried(folder: Path) -> Result:
        with under_load(folder) as load:
            load.stop()
            load.settle(SETTLE_S)
            sent = len(load.fleet.bank.submitted)
            take_away(load.fleet.clinic.database)
            began = time.monotonic()
            code = _is_over(load, 30.0)
            took_s = time.monotonic() - began
            log = load.fleet.clinic.log.read_text()
            wrong = [] if code is not None else ["the daemon works on with a file that nobody else sees"]
            wrong += [] if len(load.fleet.bank.submitted) == sent else ["something was sent again"]
            seen = f"ended by itself with {code} after {took_s:.1f} s" if code is not None else "it runs on"
            wrong += [] if code is None or "database_gone" in log else ["its log says nothing of it"]
            must = "noticed within seconds and said; nothing sent again; the service manager starts it anew"
            return Result(name, done, must, seen, wrong, None, (26,))

    return tried


def _replace(database: Path) -> None:
    """By a copy of itself, as who puts back a backup."""
    copy = database.with_name("copy.db")
    with sqlite3.connect(database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    os.replace(copy, database)


def _move(database: Path) -> None:
    database.rename(database.with_name("old.db"))


deleted = _away("database deleted", "its file is removed under the daemon", lambda database: database.unlink())
replaced = _away("database replaced", "another file takes its name under the daemon", _replace)
moved = _away("database moved", "its file is renamed under the daemon", _move)
