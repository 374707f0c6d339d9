"""What the daemon costs: CPU time per SMS, CPU time at rest, memory with 32 modems."""

from __future__ import annotations

import time

from scripts.benchmarks.process import cpu_s, peak_rss_mb, rss_mb
from scripts.benchmarks.rig import Rig, running
from scripts.benchmarks.rows import Row

SIZE = 1000  # messages
FLEET = 32
RADIO_S = 1.0
REST_S = 5.0  # over which the CPU time at rest is measured
CPU_GOALS = ((8.0,), (3.0,))
MEMORY_GOALS = ((120.0,), (80.0,))


def measure(size: int, modems: int = FLEET, rest_s: float = REST_S) -> list[Row]:
    return [*_one_modem(size), *_fleet(size, modems, rest_s)]


def _one_modem(size: int) -> list[Row]:
    with running() as rig:
        return [Row("CPU per SMS, one modem, instant radio", (_cpu_ms_per_sms(rig, size),), "ms", *CPU_GOALS)]


def _fleet(size: int, modems: int, rest_s: float) -> list[Row]:
    with running(modems, RADIO_S) as rig:
        rest = _cpu_at_rest(rig, rest_s)
        cpu_ms = _cpu_ms_per_sms(rig, size)
        return [
            Row(f"CPU per SMS, {modems} modems, radio 1 s", (cpu_ms,), "ms", *CPU_GOALS),
            Row(f"CPU at rest, {modems} modems", (rest * 100,), "% of a core"),
            Row(f"memory, {modems} modems, after the run", (rss_mb(rig.pid),), "MB", *MEMORY_GOALS),
            Row(f"memory, {modems} modems, peak", (peak_rss_mb(rig.pid),), "MB"),
        ]


def _cpu_ms_per_sms(rig: Rig, size: int) -> float:
    """From the INSERT to the last report, everything that the daemon does meanwhile included."""
    before_s = cpu_s(rig.pid)
    rig.send(size)
    return (cpu_s(rig.pid) - before_s) / size * 1000


def _cpu_at_rest(rig: Rig, rest_s: float) -> float:
    """As a share of one core."""
    before_s, began_at = cpu_s(rig.pid), time.monotonic()
    time.sleep(rest_s)
    return (cpu_s(rig.pid) - before_s) / (time.monotonic() - began_at)
