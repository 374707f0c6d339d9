"""Who takes the next message that any carrier may take: of those that wait for one, who has most of its allowance left.

Each worker says how it stands before it waits, and asks before it takes. The better placed one gets a moment's start;
in a backlog nobody waits for work, so nobody gives way. What is urgent goes to whoever asks first.
"""

from __future__ import annotations

import threading

START_S = 0.25  # to be called and to claim takes a worker some milliseconds, many more on a busy machine


class Sharing:
    """One for all workers; any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offers: dict[str, float] = {}  # of those that wait for a message: the share that is left
        self._since: dict[str, float] = {}  # when they began to give way for what is due now

    def offer(self, name: str, share_left: float) -> None:
        """It waits, and could send."""
        with self._lock:
            self._offers[name] = share_left

    def withdraw(self, name: str) -> None:
        """It sends, or cannot."""
        with self._lock:
            self._offers.pop(name, None)
            self._since.pop(name, None)

    def rest(self, name: str) -> None:
        """There was nothing for it; for what comes next it may give way anew."""
        with self._lock:
            self._since.pop(name, None)

    def way_s(self, name: str, share_left: float, moment: float) -> float:
        """How long it gives way to one that has more left, in seconds; `moment`: by the monotonic clock."""
        with self._lock:
            if not any(left > share_left for other, left in self._offers.items() if other != name):
                self._since.pop(name, None)
                return 0.0
            return max(0.0, self._since.setdefault(name, moment) + START_S - moment)
