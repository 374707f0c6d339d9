"""The report of a list of many rows: time and memory of the command, for the workbook as it was and for new files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from gateway.queue import db
from scripts.benchmarks.mail_merge import HEADERS, TEMPLATE, watched, write_list
from scripts.benchmarks.rows import Row
from tests.e2e.installation import Installation

SIZE = 100_000  # rows
NAME = "bench"
SECONDS_GOALS = ((15.0,), (8.0,))
MEMORY_GOAL = (250.0,)
REPLY_EVERY = 5  # messages
# What the carriers would have done, by the legal moves; nine of ten arrived, over three carriers, within ten hours.
SETTLE = (
    "UPDATE outbox SET state = 'sending', msisdn = recipient, segments = 1, carrier = 'sim-' || (id % 3)",
    """UPDATE outbox SET state = 'sent',
       sent_at = strftime('%Y-%m-%dT%H:%M:%fZ', created_at, (id % 36000) || ' seconds')""",
    "UPDATE outbox SET state = 'delivered', delivered_at = sent_at WHERE id % 10 > 0",
)
REPLY = """
    INSERT INTO inbox (sender, body, received_at, carrier, complete, reply_to)
    SELECT msisdn, 'Спасибо, приду', delivered_at, carrier, 1, id FROM outbox WHERE id % ? = 1"""


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        installation = Installation(Path(folder))
        installation.configure([])
        installation.create_database()
        write_list(Path(folder) / "list.xlsx", size)
        import_ = ("import", str(Path(folder) / "list.xlsx"), "--template", TEMPLATE, "--name", NAME, "--yes")
        watched(installation, *import_)
        _settle(installation.database)
        return list(_reports(installation, size))


def _reports(installation: Installation, size: int) -> Iterator[Row]:
    ways = {
        "the list as it was, with its columns": ("--to", "result.xlsx"),
        "a new workbook": ("--to", "stored.xlsx", "--stored"),
        "text": ("--to", "result.csv"),
        "page": ("--to", "result.html"),
        "document": ("--json",),
    }
    for name, (*options,) in ways.items():
        if options[0] == "--to":
            options[1] = str(installation.folder / options[1])
        took = watched(installation, "campaign", "report", NAME, *options)
        yield Row(f"report of {size:,} rows × {len(HEADERS)} columns, {name}", (took.seconds,), "s", *SECONDS_GOALS)
        yield Row(f"report, {name}, CPU", (took.cpu_s,), "s")
        yield Row(f"report, {name}, most memory", (took.memory_mb,), "MB", MEMORY_GOAL)


def _settle(database: Path) -> None:
    with closing(db.open_database(database)) as connection, db.write(connection):
        for statement in SETTLE:
            connection.execute(statement)
        connection.execute(REPLY, (REPLY_EVERY,))
