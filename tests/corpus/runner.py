"""Reads each file of a corpus in a process of its own and says what became of it, how long it took and what memory.

The reading half runs in that process itself, under the limits of the child that reads lists: so a fault shows its
trace, which the gateway's own way would hide behind a sentence.
"""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import UsageProblem
from gateway.merge import child, reading
from gateway.merge.head import Problem, Row
from gateway.merge.layout import SAMPLE_ROWS, find_layout
from gateway.merge.plan import Rules, build
from gateway.merge.template import compile_template
from gateway.merge.workbook import PATIENCE_S

COUNTRY = "RU"
TEMPLATE = "Ждём вас"
MOST_S = 30.0  # of one file, however many sheets it has
MOST_MIB = 1024
MOST_SHEETS = 12  # of one file
READ, NO_LIST = "read", "read, no list"
CRASHED, SILENT = "crashed", "silent"  # what ended without a word of its own, by its limits or by the clock
TRACEBACK, TOO_SLOW, TOO_BIG = "traceback", "over 30 s", "over 1 GiB"
FAULTS = frozenset({TRACEBACK, TOO_SLOW, TOO_BIG})


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file."""

    path: Path
    outcome: str  # READ, NO_LIST, a code of workbook.REASONS, or one of FAULTS
    told: str  # the trace of a fault
    rows: int
    elapsed_s: float
    peak_mib: float

    @property
    def is_fault(self) -> bool:
        return self.outcome in FAULTS


def run(paths: Iterable[Path], most_s: float = PATIENCE_S) -> Iterator[Result]:
    """One file after the other: each in a fork, so that its memory can be measured and nothing it does stays."""
    for path in paths:
        yield _tried(path, most_s)


def _tried(path: Path, most_s: float) -> Result:
    start = time.monotonic()
    there, here = os.pipe()
    process = os.fork()
    if not process:
        os.close(there)
        _look_and_exit(path, here, most_s)
    os.close(here)
    with open(there, "rb") as pipe:
        said = pipe.read()
    _pid, status, usage = os.wait4(process, 0)
    outcome, told, rows = json.loads(said) if said else (_end(status), "", 0)
    elapsed_s, peak_mib = time.monotonic() - start, usage.ru_maxrss / 1024
    return Result(path, _measured(outcome, elapsed_s, peak_mib), told, rows, elapsed_s, peak_mib)


def _end(status: int) -> str:
    """What ended a reader without a word; its parent says it in a sentence."""
    return SILENT if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGALRM else CRASHED


def _measured(outcome: str, elapsed_s: float, peak_mib: float) -> str:
    if outcome not in FAULTS and elapsed_s > MOST_S:
        return TOO_SLOW
    return TOO_BIG if outcome not in FAULTS and peak_mib > MOST_MIB else outcome


def _look_and_exit(path: Path, pipe: int, most_s: float) -> None:
    """In the fork: an alarm ends it when its parent would, and the limits of the child that reads lists hold."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, most_s)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the library of values prints what it stumbles over
    child.limit_itself()
    try:
        os.write(pipe, json.dumps(look_at(path)).encode())
    finally:
        os._exit(0)


def look_at(path: Path) -> tuple[str, str, int]:
    """Outcome, the trace of a fault, and how many rows the visible sheets have."""
    try:
        head, rows = reading.read(path, None, is_chinese=lambda: False)
        list_of_rows = list(rows)
        others = (_count(path, sheet) for sheet in head.other_sheets[: MOST_SHEETS - 1])
        return _as_list(list_of_rows), "", len(list_of_rows) + sum(others)
    except Problem as problem:
        return problem.code, "", 0
    except MemoryError:
        return "too_big", "", 0
    except BaseException:  # noqa: BLE001 - whatever it is, it is what we look for
        return TRACEBACK, traceback.format_exc(), 0


def _as_list(rows: Sequence[Row]) -> str:
    """Whether there is anything to send; every row is looked at."""
    try:
        layout = find_layout(rows[:SAMPLE_ROWS], (), COUNTRY)
    except UsageProblem:
        return NO_LIST
    build(rows, Rules(layout, compile_template(TEMPLATE, layout.columns), COUNTRY))
    return READ


def _count(path: Path, sheet: str) -> int:
    try:
        return sum(1 for _row in reading.read(path, sheet, is_chinese=lambda: False)[1])
    except Problem:
        return 0
