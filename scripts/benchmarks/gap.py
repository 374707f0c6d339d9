"""The idle gap: how long a modem waits between its +CMGS answer and the next AT+CMGS while there is a backlog."""

from __future__ import annotations

from scripts.benchmarks.journal import gaps
from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row, Values, median_and_p95

SIZE = 150  # messages in the backlog
RADIOS_S = (0.2, 0.0)  # a fast modem, and one that answers at once
AT_LEAST = (10.0, 30.0)
AIM = (3.0, 10.0)


def measure(size: int) -> list[Row]:
    """One row for each radio."""
    return [_row(radio_s, size) for radio_s in RADIOS_S]


def backlog_gap_ms(rig: Rig, size: int) -> Values:
    """Median and 95th percentile over one backlog on a rig that runs."""
    before = len(rig.journal.read())
    rig.send(size)
    return median_and_p95(gaps(rig.journal.read()[before:]), 1000)


def _row(radio_s: float, size: int) -> Row:
    with running(radio_s=radio_s) as rig:
        return Row(f"idle gap, backlog, radio {radio_s:g} s", backlog_gap_ms(rig, size), "ms", AT_LEAST, AIM)
