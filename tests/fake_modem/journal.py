"""One JSON line per event, with monotonic times, for whoever measures from another process."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO


class Journal:
    """Appends events to a file; without a file it does nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file: IO[str] | None = path.open("a", encoding="utf-8", buffering=1) if path else None

    def write(self, event: str, **fields: object) -> None:
        """`at` is the monotonic clock in seconds, the same in every process of the machine."""
        if self._file is not None:
            line = {"event": event, "at": time.monotonic(), **fields}
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
