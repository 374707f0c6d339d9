"""A gateway with one bind for a benchmark: SMSC and daemon as processes of their own, a database on disk, plain SQL."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.benchmarks.process import cpu_s
from tests.e2e.installation import Installation
from tests.fake_smsc.process import SmscProcess

WINDOW = 50
MOST_PER_SECOND = 10_000
FIRST_NUMBER = 79_000_000_000  # invented
START_S = 60.0
LOOK_S = 0.2  # seldom enough to take nothing from what is measured
PATIENCE_S = 900.0
INSERT = "INSERT INTO outbox (recipient, body) VALUES (?, ?)"
BODY = "Anna, see you on Tuesday at {hour}:00, doctor Petrova, room {room}."
OPEN = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ({states}) AND id <= COALESCE(?, id))"
LAST = "SELECT max(id) FROM outbox"
ENDED_AT = "SELECT (julianday(max({column})) - 2440587.5) * 86400 FROM outbox"
NOT_SENT = ("queued", "sending", "uncertain")
NOT_DELIVERED = (*NOT_SENT, "sent")


@dataclass(frozen=True, slots=True)
class Drain:
    """A backlog's way: seconds from its commit to its end in the database, and CPU of daemon and SMSC."""

    count: int
    took_s: float
    cpu_s: float
    smsc_cpu_s: float

    @property
    def per_second(self) -> float:
        return self.count / self.took_s

    @property
    def cpu_per_1000_s(self) -> float:
        return self.cpu_s / self.count * 1000


@dataclass
class Bind:
    """The installation, its SMSC, and what was inserted so far."""

    installation: Installation
    smsc: SmscProcess
    has_receipts: bool
    inserted: int = 0
    last: int = 0  # the id of the last message of the backlog

    @property
    def pid(self) -> int:
        """The daemon's."""
        assert self.installation.daemon is not None
        return self.installation.daemon.pid

    def insert(self, count: int) -> float:
        """A backlog, in one transaction; the time of day at its commit."""
        numbers = range(self.inserted, self.inserted + count)
        self.inserted += count
        rows = [(f"+{FIRST_NUMBER + n}", BODY.format(hour=n % 24, room=n % 300)) for n in numbers]
        with closing(sqlite3.connect(self.installation.database, timeout=30.0)) as connection, connection:
            connection.executemany(INSERT, rows)
            (self.last,) = connection.execute(LAST).fetchone()
        return time.time()

    def wait_for_backlog(self) -> None:
        """Until all that `insert` has written has its end."""
        self.wait(self.last)

    def wait(self, last: int | None = None) -> None:
        """Until all has its end, as far as this message."""
        deadline = time.monotonic() + PATIENCE_S
        query = OPEN.format(states=", ".join(f"'{state}'" for state in self._open_states))
        while self.installation.rows(query, last)[0].popitem()[1]:
            assert time.monotonic() < deadline, f"never: the end of the backlog; {self.installation.states()}"
            time.sleep(LOOK_S)

    def drain(self, count: int) -> Drain:
        cpu_before_s, smsc_before_s = cpu_s(self.pid), cpu_s(self.smsc.pid)
        committed_at = self.insert(count)
        self.wait()
        column = "delivered_at" if self.has_receipts else "sent_at"
        (row,) = self.installation.rows(ENDED_AT.format(column=column))
        took_s = float(row.popitem()[1]) - committed_at
        return Drain(count, took_s, cpu_s(self.pid) - cpu_before_s, cpu_s(self.smsc.pid) - smsc_before_s)

    @property
    def _open_states(self) -> Sequence[str]:
        return NOT_DELIVERED if self.has_receipts else NOT_SENT


@contextmanager
def bound(answer_s: float, *, has_receipts: bool, window: int = WINDOW, watch: str = "") -> Iterator[Bind]:
    """The daemon is up and bound to an SMSC that answers after so many seconds. `watch`: the first digits of numbers
    of which the SMSC is to say when they came."""
    options: tuple[str, ...] = ("--receipt-s", "0") if has_receipts else ()
    options += ("--watch", watch) if watch else ()
    with (
        tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder,
        SmscProcess("--answer-s", f"{answer_s}", *options) as smsc,
    ):
        installation = Installation(Path(folder))
        installation.create_database()
        installation.configure([])
        add_bind(installation, smsc.port, window)
        try:
            installation.start()
            installation.wait_for(lambda: installation.ready_modems() >= 1, "the bind", START_S)
            yield Bind(installation, smsc, has_receipts)
        finally:
            installation.stop()


def add_bind(installation: Installation, port: int, window: int = WINDOW) -> None:
    """A [[smpp]] table behind what the configuration has."""
    (installation.folder / "smpp.secret").write_text("secret\n")
    keys: dict[str, Any] = {
        "name": "operator", "host": "127.0.0.1", "port": port, "system_id": "clinic", "password_file": "smpp.secret",
        "source": "Clinic", "window": window, "max_per_second": MOST_PER_SECOND,
    }  # fmt: skip
    lines = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
    with installation.config.open("a", encoding="utf-8") as file:
        file.write("\n".join(["", "[[smpp]]", *lines, ""]))
