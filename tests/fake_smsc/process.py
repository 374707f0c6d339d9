"""The SMSC as its own process, so that its CPU is not counted with the gateway's: for benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

STOP_S = 20.0
ROOT = Path(__file__).parents[2]


class SmscProcess:
    """`with SmscProcess("--answer-s", "0.02") as smsc:` — its port; `stop()` gives what it counted."""

    def __init__(self, *options: str) -> None:
        self._command = [sys.executable, "-m", "tests.fake_smsc", *options]
        self._found: dict[str, Any] | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> SmscProcess:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        word, _, port = self._process.stdout.readline().partition(" ")
        if word != "ready":
            raise RuntimeError(f"the SMSC ended with {self._process.wait()}")
        self.port = int(port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> dict[str, Any]:
        """End it; what it counted: taken, texts, distinct, incomplete, submits, refused, … Safe to call twice."""
        if self._found is None:
            self._process.terminate()
            output, _ = self._process.communicate(timeout=STOP_S)
            self._found = json.loads(output.strip().splitlines()[-1])
        return self._found
