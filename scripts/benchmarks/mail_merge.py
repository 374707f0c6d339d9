"""A list of many rows, from the workbook's file to committed rows: time and memory of the command and its child."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

from scripts.benchmarks.process import children, peak_rss_mb
from scripts.benchmarks.rig import FIRST_NUMBER
from scripts.benchmarks.rows import Row
from tests.e2e.installation import ROOT, Installation

SIZE = 100_000  # rows
LOOK_S = 0.02  # between two looks at the memory, whose peak the kernel keeps
HEADERS = ("№", "Фамилия", "Имя", "Отчество", "Телефон", "Дата приёма", "Врач", "Каб.")
FIRST_DAY = date(2026, 12, 1)
TEMPLATE = "{Имя} {Отчество}, ждём вас {Дата приёма:%d.%m}, врач {Врач}, каб. {Каб.}"
SECONDS_GOALS = ((15.0,), (6.0,))
MEMORY_GOAL = (300.0,)


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        installation = Installation(Path(folder))
        installation.configure([])
        installation.smsgw("init").check_returncode()
        write_list(Path(folder) / "list.xlsx", size)
        arguments = ("import", str(Path(folder) / "list.xlsx"), "--template", TEMPLATE, "--yes")
        seconds, parent_mb, child_mb = watched(installation, *arguments)
        assert installation.states() == {"queued": size}, installation.states()
    return [
        Row(f"import of {size:,} rows × {len(HEADERS)} columns", (seconds,), "s", *SECONDS_GOALS),
        Row("import, peak memory, command", (parent_mb,), "MB"),
        Row("import, peak memory, reading child", (child_mb,), "MB"),
        Row("import, peak memory, both", (parent_mb + child_mb,), "MB", MEMORY_GOAL),
    ]


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


def watched(installation: Installation, *arguments: str) -> tuple[float, float, float]:
    """Seconds of the command, and the peaks of its memory and of its children's together."""
    command = [sys.executable, "-m", "gateway", "--config", str(installation.config), *arguments]
    began_at = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        peaks: dict[int, float] = {}
        while process.poll() is None:
            _note_peaks(process.pid, peaks)
            time.sleep(LOOK_S)
    assert process.returncode == 0, f"{arguments[0]} ended with {process.returncode}"
    return time.perf_counter() - began_at, peaks.pop(process.pid), sum(peaks.values())


def _note_peaks(pid: int, peaks: dict[int, float]) -> None:
    try:
        for one in (pid, *children(pid)):
            peaks[one] = max(peaks.get(one, 0.0), peak_rss_mb(one))
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended between two looks; its peak so far stands
