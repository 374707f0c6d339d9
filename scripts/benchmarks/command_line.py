"""How long a person waits for the command: the wall time of whole processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.benchmarks.rows import Row, Values, median, percentile
from tests.e2e.installation import ROOT, Installation

SIZE = 10  # runs of each
HELP_GOAL = (0.25,)
SEND_GOAL = (0.5,)


def measure(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="smsgw-bench-") as folder:
        installation = Installation(Path(folder))
        installation.configure([])
        run_s(installation, "init")
        send = ("send", "+79000001000", "Ждём вас завтра в 10:30")
        return [
            Row("smsgw --help", seconds(installation, size, "--help"), "s", HELP_GOAL),
            Row("smsgw send", seconds(installation, size, *send), "s", SEND_GOAL),
        ]


def seconds(installation: Installation, runs: int, *arguments: str) -> Values:
    """Median and 95th percentile."""
    samples = [run_s(installation, *arguments) for _ in range(runs)]
    return median(samples), percentile(samples, 95)


def run_s(installation: Installation, *arguments: str) -> float:
    """Once, from start to end."""
    command = [sys.executable, "-m", "gateway", "--config", str(installation.config), *arguments]
    began_at = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - began_at
