"""A bank as its own process, so that its CPU is not counted with the gateway's: for benchmarks and end-to-end tests."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.fake_modem import control

STOP_S = 10.0
ROOT = Path(__file__).parents[2]


class BankProcess:
    """`with BankProcess(8, radio_s=1.0) as bank:` — its ports, orders to it, and its journal as events."""

    def __init__(
        self, modems: int = 4, *, radio_s: float = 0.0, report_s: float = 0.0, options: tuple[str, ...] = ()
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fake-modems-")
        self.folder = Path(self._folder.name)
        self.ports: list[str] = []
        command = [sys.executable, "-m", "tests.fake_modem", "--modems", str(modems), "--radio-s", str(radio_s)]
        command += ["--report-s", str(report_s), "--dir", str(self.folder / "ports")]
        command += ["--journal", str(self._journal), "--control", str(self._control), *options]
        self._command = command

    @property
    def _journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def _control(self) -> Path:
        return self.folder / "control"

    def __enter__(self) -> BankProcess:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line == "ready\n":
                return self
            self.ports.append(line.split()[1])
        raise RuntimeError(f"the bank ended with {self._process.wait()}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._folder.cleanup()

    def stop(self) -> int:
        """End it and give its exit code; safe to call twice. The journal stays readable until the `with` ends."""
        self._process.terminate()
        code = self._process.wait(STOP_S)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def order(self, do: str, **arguments: object) -> Any:
        """See control.py."""
        return control.order(self._control, do, **arguments)

    def events(self, *kinds: str) -> list[dict[str, Any]]:
        """The journal so far, of these kinds or all: whole lines only."""
        lines = self._journal.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        read = [json.loads(line) for line in lines]
        return [event for event in read if not kinds or event["event"] in kinds]
