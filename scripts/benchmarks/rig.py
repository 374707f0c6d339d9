"""The whole gateway for a benchmark: bank and daemon as processes of their own, a database on disk, plain SQL."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from scripts.benchmarks.journal import Journal
from tests.e2e.installation import NO_LIMITS, ROOT, Installation

START_S = 60.0  # 32 modems on a busy machine
STOP_S = 15.0
LOOK_S = 0.2  # seldom enough to take nothing from what is measured
REPORT_S = 0.2  # from a submit to its status report, so that reports come between the submits as they do in life
BODY = "Ждём вас завтра в 10:30, врач Примерова, каб. 12"  # one SMS in UCS-2
FIRST_NUMBER = 79_000_001_000  # invented, and none of them looks like a placeholder


class Rig:
    """A bank, and an installation that uses it."""

    def __init__(self, folder: Path, modems: int, radio_s: float) -> None:
        self.folder, self.modems, self.radio_s = folder, modems, radio_s
        self.installation = Installation(folder)
        self.journal = Journal(folder / "journal.jsonl")
        self._inserted = 0

    @property
    def control(self) -> Path:
        """The bank's socket for orders."""
        return self.folder / "control"

    @property
    def pid(self) -> int:
        """The daemon's."""
        assert self.installation.daemon is not None
        return self.installation.daemon.pid

    def configure(self, answer_wait: str | None = None, safety: Mapping[str, int] = NO_LIMITS, **gateway: str) -> None:
        ports = self.folder / "ports"
        more = {"answer_wait": answer_wait} if answer_wait else {}
        modems = [{"name": f"sim-{n}", "port": f"{ports}/modem-{n}", **more} for n in range(1, self.modems + 1)]
        self.installation.configure(modems, safety=safety, **gateway)

    def start(self) -> None:
        """Start the daemon, with a database as `smsgw init` leaves it; returns when every modem is ready."""
        self.installation.create_database()
        self.installation.start()
        self.installation.wait_for(self._is_ready, f"{self.modems} modems ready", START_S)

    def insert(self, count: int) -> float:
        """A backlog, in one transaction, by this process; the monotonic time at which it was committed."""
        numbers = range(FIRST_NUMBER + self._inserted, FIRST_NUMBER + self._inserted + count)
        self._inserted += count
        with closing(sqlite3.connect(self.installation.database, timeout=30.0)) as connection, connection:
            rows = ((f"+{number}", BODY) for number in numbers)
            connection.executemany("INSERT INTO outbox (recipient, body) VALUES (?, ?)", rows)
        return time.monotonic()

    def wait_delivered(self) -> None:
        """Until every message has its report."""
        deadline = time.monotonic() + self._patience_s()
        while self._open():
            assert time.monotonic() < deadline, f"never: every message delivered; {self.installation.states()}"
            time.sleep(LOOK_S)

    def last_delivery_at(self) -> float:
        """When the database says that the last message was delivered, by the monotonic clock."""
        statement = "SELECT (max(julianday(delivered_at)) - 2440587.5) * 86400 AS at FROM outbox"
        return float(self.installation.rows(statement)[0]["at"]) - (time.time() - time.monotonic())

    def send(self, count: int) -> None:
        """A backlog, and all of it to its reports."""
        self.insert(count)
        self.wait_delivered()

    def _is_ready(self) -> bool:
        return self.installation.ready_modems() >= self.modems

    def _open(self) -> int:
        statement = "SELECT count(*) AS n FROM outbox WHERE state IN ('queued', 'sending', 'sent', 'uncertain')"
        return int(self.installation.rows(statement)[0]["n"])

    def _patience_s(self) -> float:
        return START_S + self._inserted * (self.radio_s + 0.1) / self.modems


@contextmanager
def running(
    modems: int = 1,
    radio_s: float = 0.0,
    *,
    report_s: float = REPORT_S,
    control: bool = False,
    safety: Mapping[str, int] = NO_LIMITS,
    more: Callable[[Installation], None] = lambda _installation: None,
    **settings: str,
) -> Iterator[Rig]:
    """A rig in a temporary folder, with the bank and the daemon up and every modem ready.

    `control`: the bank takes orders. `more` adds to the configuration.
    `settings`: `answer_wait` of the modems, and keys of [gateway].
    """
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        rig = Rig(Path(folder), modems, radio_s)
        rig.configure(safety=safety, **settings)
        more(rig.installation)
        with _bank(rig, report_s, control):
            try:
                rig.start()
                yield rig
            finally:
                rig.installation.stop()


@contextmanager
def _bank(rig: Rig, report_s: float, has_control: bool) -> Iterator[None]:
    options: dict[str, object] = {"control": rig.control} if has_control else {}
    options |= {"modems": rig.modems, "dir": rig.folder / "ports", "radio-s": rig.radio_s, "report-s": report_s}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "tests.fake_modem", *words, "--journal", str(rig.folder / "journal.jsonl")]
    log_path = rig.folder / "bank.log"
    with log_path.open("wb") as log:
        bank = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
        try:
            rig.installation.wait_for(lambda: b"ready" in log_path.read_bytes(), "the bank ready", START_S)
            yield
        finally:
            bank.terminate()
            bank.wait(STOP_S)
