"""A list of many rows, from the workbook's file to committed rows, and its preview: time, memory, who waits for it.

Ten times as many messages have gone to the same numbers before.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from scripts.benchmarks import first_text, past
from scripts.benchmarks.other_program import Other
from scripts.benchmarks.process import children, rss_mb
from scripts.benchmarks.rig import FIRST_NUMBER
from scripts.benchmarks.rows import Row
from tests.e2e.installation import ROOT, Installation

SIZE = 100_000  # rows
HISTORY = 10  # earlier messages to each number: a list of 100,000 is compared with 1,000,000
LOOK_S = 0.02  # between two looks at the memory
OTHER_EVERY_S = 0.02  # another program's commits: the longest wait is that for the list's own transaction
HEADERS = ("№", "Фамилия", "Имя", "Отчество", "Телефон", "Дата приёма", "Врач", "Каб.")
FIRST_DAY = date(2026, 12, 1)
TEMPLATE = "{Имя} {Отчество}, ждём вас {Дата приёма:%d.%m}, врач {Врач}, каб. {Каб.}"
SECONDS_GOALS = ((8.0,), (6.0,))
PREVIEW_GOALS = ((2.0,), (1.0,))
PREVIEWED = 5000  # rows: a long list of a clinic
MEMORY_GOAL = (250.0,)


@dataclass(frozen=True, slots=True)
class Watched:
    """What a command took, its children too."""

    seconds: float  # that passed
    cpu_s: float
    memory_mb: float  # the most that all of them had at one time


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        installation = Installation(Path(folder))
        installation.configure([])
        installation.create_database()
        lists = {rows: Path(folder) / f"{rows}.xlsx" for rows in sorted({min(size, PREVIEWED), size})}
        for rows, path in lists.items():
            write_list(path, rows)
        past.write(installation.database, size * HISTORY, FIRST_NUMBER, size)
        arguments = ("import", str(lists[size]), "--template", TEMPLATE, "--yes")
        previews = {rows: watched(installation, "import", str(path), *PREVIEW) for rows, path in lists.items()}
        first_s = first_text.seconds(installation, FIRST_TEXT, "import", str(lists[size]), *PREVIEW)
        with Other(installation.database, OTHER_EVERY_S) as other:
            took = watched(installation, *arguments)
        assert installation.states()["queued"] == size + len(other.waits_ms), installation.states()
    what = f"import of {size:,} rows × {len(HEADERS)} columns"
    return [
        Row(f"{what}, {size * HISTORY:,} earlier messages", (took.seconds,), "s", *SECONDS_GOALS),
        Row("import, CPU", (took.cpu_s,), "s"),
        Row("import, most memory, with the reading child", (took.memory_mb,), "MB", MEMORY_GOAL),
        Row("import, another program's longest wait", (max(other.waits_ms) / 1000,), "s", (5.0,)),
        *_of_previews(previews),
        Row(f"preview of {size:,} rows, its first texts", (first_s,), "s", *PREVIEW_GOALS),
    ]


PREVIEW = ("--template", TEMPLATE, "--dry-run")
FIRST_TEXT = "ждём вас 01.12"


def _of_previews(previews: Mapping[int, Watched]) -> Iterator[Row]:
    for rows, took in previews.items():
        yield Row(f"preview of {rows:,} rows", (took.seconds,), "s", *PREVIEW_GOALS)
        yield Row(f"preview of {rows:,} rows, CPU", (took.cpu_s,), "s")


def write_list(path: Path, rows: int) -> None:
    """A workbook as a clinic's system exports it: everybody another number."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        day = workbook.add_format({"num_format": "dd.mm.yyyy"})
        sheet = workbook.add_worksheet("Приём")
        sheet.write_row(0, 0, HEADERS)
        for number, row in enumerate(_people(rows), start=1):
            sheet.write_row(number, 0, row[:5])
            sheet.write_datetime(number, 5, row[5], day)
            sheet.write_row(number, 6, row[6:])


def _people(rows: int) -> Iterator[tuple[int, str, str, str, str, date, str, int]]:
    """Invented ones."""
    for n in range(rows):
        digits = str(FIRST_NUMBER + n)
        phone = f"8 {digits[1:4]} {digits[4:7]}-{digits[7:9]}-{digits[9:]}"
        day = FIRST_DAY + timedelta(n % 28)
        yield n + 1, f"Примеров-{n}", "Иван", "Образцович", phone, day, "Выдумкина", n % 40


def watched(installation: Installation, *arguments: str) -> Watched:
    """Run the command and look at it until it ends."""
    command = [sys.executable, "-m", "gateway", "--config", str(installation.config), *arguments]
    before_s, began_at = _children_cpu_s(), time.perf_counter()
    most_mb = 0.0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            most_mb = max(most_mb, _memory_mb(process.pid))
            time.sleep(LOOK_S)
    assert process.returncode == 0, f"{arguments[0]} ended with {process.returncode}"
    return Watched(time.perf_counter() - began_at, _children_cpu_s() - before_s, most_mb)


def _memory_mb(pid: int) -> float:
    try:
        return sum(rss_mb(one) for one in (pid, *children(pid)))
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # one of them ended just now


def _children_cpu_s() -> float:
    """Of all processes that ended: on a busy machine it tells more than the time that passed."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
