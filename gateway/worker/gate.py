"""The gate before the sending: closed at the start and after an outage, until the backlog has been looked at."""

from __future__ import annotations

import threading


class Gate:
    """The dispatcher opens and closes it; a worker claims nothing while it is closed. Any thread may ask."""

    def __init__(self) -> None:
        self._open = threading.Event()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    def open(self) -> None:
        self._open.set()

    def close(self) -> None:
        """An SMS in the air and the rest of a long message go on."""
        self._open.clear()
