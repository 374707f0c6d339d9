"""A list of many persons becomes contacts, and is imported once more with nothing new in it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from scripts.benchmarks.mail_merge import HEADERS, watched, write_list
from scripts.benchmarks.other_program import Other
from scripts.benchmarks.rows import Row
from tests.e2e.installation import Installation

SIZE = 100_000  # persons
SECONDS_GOALS = ((8.0,), (6.0,))
MEMORY_GOAL = (250.0,)
OTHER_EVERY_S = 0.02  # another program's commits: the longest wait is that for the list's own transaction
OPTIONS = ("--key", "№", "--group", "Все", "--consent", "marketing", "--consent-source", "анкета", "--yes")


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        installation = Installation(Path(folder))
        installation.configure([])
        installation.create_database()
        path = Path(folder) / "list.xlsx"
        write_list(path, size)
        rows = []
        for what in ("all of them new", "none of them new"):
            with Other(installation.database, OTHER_EVERY_S) as other:
                took = watched(installation, "contacts", "import", str(path), *OPTIONS)
            rows += [
                Row(f"{size:,} contacts × {len(HEADERS)} columns, {what}", (took.seconds,), "s", *SECONDS_GOALS),
                Row(f"contacts, {what}, CPU", (took.cpu_s,), "s"),
                Row(f"contacts, {what}, most memory", (took.memory_mb,), "MB", MEMORY_GOAL),
                Row(f"contacts, {what}, another program's longest wait", (max(other.waits_ms) / 1000,), "s", (5.0,)),
            ]
        kept = installation.rows("SELECT count(*) AS n FROM persons")[0]["n"]
        assert kept == size, kept
        return rows
