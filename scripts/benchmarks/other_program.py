"""Another program that writes to the database, as the MIS does: a process of its own, plain SQLite, an INSERT a commit.

    python -m scripts.benchmarks.other_program DATABASE EVERY_S     until its standard input ends; then the waits, in ms

`Other` runs it.
"""

from __future__ import annotations

import json
import random
import select
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

FIRST_NUMBER = 79_001_000_000  # invented
STOP_S = 90.0
INSERT = "INSERT INTO outbox (recipient, body) VALUES (?, 'Your results are ready.')"


class Other:
    """`with Other(database) as other:` — then `other.waits_ms`, one for each commit."""

    def __init__(self, database: Path, every_s: float) -> None:
        self._command = [sys.executable, "-m", __name__, str(database), str(every_s)]
        self.waits_ms: list[float] = []

    def __enter__(self) -> Other:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        output, _ = self._process.communicate(timeout=STOP_S)
        self.waits_ms = json.loads(output)


def write(database: str, every_s: float) -> list[float]:
    """How long each commit took; between two of them it waits now less, now more than `every_s`."""
    waits_ms = []
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA busy_timeout = 60000")  # an MIS gives up after 5 s; here the wait is to be known
    is_over = False
    while not is_over:
        began_at = time.monotonic()
        connection.execute(INSERT, (f"+{FIRST_NUMBER + len(waits_ms)}",))
        waits_ms.append((time.monotonic() - began_at) * 1000)
        is_over = bool(select.select([sys.stdin], [], [], every_s * random.uniform(0.5, 1.5))[0])
    connection.close()
    return waits_ms


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], float(sys.argv[2]))))
