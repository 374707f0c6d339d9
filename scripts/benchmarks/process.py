"""What Linux says of a process: the CPU time that it used and the memory that it takes."""

from __future__ import annotations

import os
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
KIB = 1024
MB = 1_000_000


def cpu_s(pid: int) -> float:
    """User and system time of all its threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S  # utime and stime, fields 14 and 15 of proc(5)


def rss_mb(pid: int) -> float:
    """Resident memory now."""
    return _status_mb(pid, "VmRSS")


def peak_rss_mb(pid: int) -> float:
    """The most resident memory that it ever took."""
    return _status_mb(pid, "VmHWM")


def children(pid: int) -> list[int]:
    """The children that its main thread or any other started."""
    found = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(word) for text in found for word in text.split()]


def _status_mb(pid: int, field: str) -> float:
    """0.0 for a process that has just ended."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = [line.split()[1] for line in lines if line.startswith(f"{field}:")]
    return int(values[0]) * KIB / MB if values else 0.0
