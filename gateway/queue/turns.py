"""Who of this process writes to a database file: one thread at a time, and after much of it nobody for a moment.

A program that finds the file locked does not queue: SQLite lets it look again after 1, 3, 8, 18, … ms. So whoever came
during a long turn gets in for certain only if the file stays free until its next look, however much of the time it is
free on the whole. Told the time, in seconds of a clock that never jumps.
"""

from __future__ import annotations

import math
import threading
from itertools import pairwise
from types import TracebackType

# sqliteDefaultBusyCallback in SQLite's main.c: the sums of its first delays.
LOOKS_S = (0.0, 0.001, 0.003, 0.008, 0.018)
LONGEST_REST_S = 0.01  # a slow disk makes turns longer than that; they are not to cost half of what it lets through


def rest_s(held_s: float) -> float:
    """After a turn of this length, up to 18 ms, each program that came during it has looked again when so much time has
    passed.
    """
    if held_s <= 0.0:
        return 0.0
    return next((later - earlier for earlier, later in pairwise(LOOKS_S) if held_s <= later), LONGEST_REST_S)


class Turns:
    """Of one file. As a context manager it is the lock that every write holds; the rest is only asked for by those who
    write much at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began_at = self._ended_at = self._free_at = -math.inf

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()

    def wait_s(self, now: float) -> float:
        """How long others have the file to themselves."""
        return max(0.0, self._free_at - now)

    def took(self, began_at: float, ended_at: float) -> None:
        """A long turn; one that follows another one at once is a part of it."""
        if began_at - self._ended_at > rest_s(self._ended_at - self._began_at) / 2:
            self._began_at = began_at
        self._ended_at = ended_at
        self._free_at = ended_at + rest_s(ended_at - self._began_at)
