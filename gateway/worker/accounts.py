"""Who shares a line: two binds of one account. What one of them sends counts against the limits of the other, at once.

The database knows it too, but is asked only when a carrier opens: counting a day's SMS takes too long for each claim.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from weakref import WeakSet

if TYPE_CHECKING:
    from gateway.worker.leave import Leave


class Accounts:
    """All lines of a gateway; any thread may call it. Whoever is gone is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: dict[str, WeakSet[Leave]] = {}

    def join(self, line: str, leave: Leave) -> None:
        """It is for this line from now on, and for no other."""
        with self._lock:
            for those in self._lines.values():
                those.discard(leave)
            self._lines.setdefault(line, WeakSet()).add(leave)

    def others(self, line: str | None, leave: Leave) -> list[Leave]:
        """Who else is for it; nearly always nobody."""
        with self._lock:
            return [each for each in self._lines.get(line or "", ()) if each is not leave]
