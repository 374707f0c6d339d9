"""From an INSERT that another process has committed to AT+CMGS on a modem that has nothing to do."""

from __future__ import annotations

import random
import time

from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row, Values, median_and_p95

SIZE = 60  # samples
PAUSE_S = (0.2, 0.5)  # a random time between two, longer than the report of the last one takes
PATIENCE_S = 30.0
AT_LEAST = (60.0, 150.0)
AIM = (20.0, 50.0)


def measure(size: int) -> list[Row]:
    with running(report_s=0.05) as rig:
        return [Row("committed INSERT to AT+CMGS, idle modem", wake_ms(rig, size), "ms", AT_LEAST, AIM)]


def wake_ms(rig: Rig, size: int) -> Values:
    """Median and 95th percentile on a rig that runs and is idle."""
    chance = random.Random(size)
    return median_and_p95([_sample_s(rig, chance.uniform(*PAUSE_S)) for _ in range(size)], 1000)


def _sample_s(rig: Rig, pause_s: float) -> float:
    time.sleep(pause_s)
    before = len(rig.journal.read())
    committed_at = rig.insert(1)
    return rig.journal.wait_for(before + 1, PATIENCE_S)[-1].command_at - committed_at
