"""A million finished messages in the outbox: the figures beside those of a new one; they should not change."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from time import perf_counter

from gateway.carrier import Accepted
from gateway.clock import utc_now
from gateway.queue.db import open_database
from gateway.queue.outbox import IntakeRules, NewMessage, Outbox, add
from scripts.benchmarks import archive, command_line, gap, wake
from scripts.benchmarks.rig import BODY, FIRST_NUMBER, Rig, running
from scripts.benchmarks.rows import Row, Values, median_and_p95

SIZE = 1_000_000  # finished messages
SAMPLES = 100  # of each figure
STATUS_RUNS = 10
LINE = "8970100000000000001"  # an invented ICCID

FIGURES: tuple[tuple[str, str, Callable[[Rig, int], Values], Values, Values], ...] = (
    ("idle gap, backlog, radio 0 s", "ms", gap.backlog_gap_ms, gap.AT_LEAST, gap.AIM),
    ("committed INSERT to AT+CMGS", "ms", wake.wake_ms, wake.AT_LEAST, wake.AIM),
    ("smsgw status", "s", lambda rig, samples: status_s(rig, samples), (), ()),
    ("claim and record", "ms", lambda rig, samples: claim_ms(rig, samples), (), ()),
)


def measure(size: int) -> list[Row]:
    """Each figure first with a new outbox, then with `size` messages in it; those of the first round are multiplied."""
    samples = min(SAMPLES, size // 4)
    with running() as rig:
        rows = _rows(rig, samples, "new outbox")
        assert rig.installation.terminate() == 0
        finished = archive.multiply(rig.installation.database, size)
        rig.start()
        return rows + _rows(rig, samples, f"{finished:,} finished")


def _rows(rig: Rig, samples: int, state: str) -> list[Row]:
    return [
        Row(f"{name}, {state}", figure(rig, samples), unit, at_least, aim)
        for name, unit, figure, at_least, aim in FIGURES
    ]


def status_s(rig: Rig, samples: int) -> Values:
    return command_line.seconds(rig.installation, min(samples, STATUS_RUNS), "status")


def claim_ms(rig: Rig, samples: int) -> Values:
    """The queue's part of a gap, alone: one commit for an outcome and the next claim. In this process, on a copy."""
    copy = rig.folder / "copy.db"
    with closing(sqlite3.connect(rig.installation.database)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
        target.execute("PRAGMA journal_mode = WAL")
    with closing(open_database(copy)) as connection:
        add(connection, [NewMessage(f"+{FIRST_NUMBER + n}", BODY) for n in range(samples + 1)], utc_now())
        outbox = Outbox(connection, IntakeRules(carriers=("sim-1",)))
        while outbox.intake(utc_now()):
            pass
        return median_and_p95(list(_steps(outbox, samples)), 1000)


def _steps(outbox: Outbox, samples: int) -> Iterator[float]:
    claimed = outbox.claim("sim-1", LINE, utc_now())
    for number in range(samples):
        assert claimed is not None
        began_at = perf_counter()
        with outbox.write():
            outbox.record(claimed.key, Accepted(str(number % 256)), utc_now())
            claimed = outbox.claim("sim-1", LINE, utc_now())
        yield perf_counter() - began_at
