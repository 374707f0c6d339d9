"""How long a person at a terminal waits for the first of a list's texts, and for the whole preview."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from tests.e2e.installation import ROOT, Installation

SCREEN = {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
AT_ONCE = 1 << 16  # octets


def seconds(installation: Installation, text: str, *arguments: str) -> float:
    """From the start of the command until `text` stands on its terminal; the command runs on to its end."""
    command = [sys.executable, "-m", "gateway", "--config", str(installation.config), *arguments]
    ours, its = pty.openpty()
    began_at, found_s, said = time.perf_counter(), None, b""
    with subprocess.Popen(
        command, cwd=ROOT, stdin=its, stdout=its, stderr=its, env={**os.environ, **SCREEN}
    ) as process:
        os.close(its)
        for octets in _read(ours):
            said += octets
            if found_s is None and text.encode() in said:
                found_s = time.perf_counter() - began_at
    os.close(ours)
    assert process.returncode == 0, said[-1000:]
    assert found_s is not None, f"“{text}” was never shown"
    return found_s


def _read(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # the last one at the other end has closed it
        while octets := os.read(terminal, AT_ONCE):
            yield octets
