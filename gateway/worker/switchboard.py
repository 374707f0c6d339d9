"""Who serves which way just now: of several carriers that a message may go over, the best one that can send.

The dispatcher says who can send, ten times a second, and which ways messages wait in; each worker asks before it takes
one. So when a carrier fails the next one goes on with the very next message, however many wait, and none is moved.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from math import inf

from gateway import routing
from gateway.routing import Opening

STEADY_S = 5.0  # one that comes back gets its messages back when it has stayed for so long: no flapping
BRIEF_S = 3.0  # an absence that is no longer is none: a link that is built up again at once


class Switchboard:
    """One for all workers; any thread may call it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ways: frozenset[str] = frozenset()
        self._able: frozenset[str] = frozenset()
        self._steady: frozenset[str] = frozenset()
        self._since: dict[str, float] = {}  # since when it can send, brief absences aside; for the first time: always
        self._left_at: dict[str, float] = {}  # when those that can't send could for the last time
        self._openings: Mapping[str, tuple[Opening, ...]] = {}  # replaced whole

    @property
    def ways(self) -> Collection[str]:
        """Those that messages wait in."""
        return self._ways

    def openings(self, name: str) -> Sequence[Opening]:
        """The ways that this carrier may take from."""
        return self._openings.get(name, ())

    def know(self, ways: Collection[str]) -> None:
        """Messages wait in these."""
        with self._lock:
            if ways != self._ways:
                self._ways = frozenset(ways)
                self._connect()

    def look(self, able: Collection[str], moment: float) -> bool:
        """These can send, at this moment of the monotonic clock; whether somebody serves other ways than before."""
        with self._lock:
            self._note(frozenset(able), moment)
            steady = frozenset(name for name in able if moment - self._since[name] >= STEADY_S)
            if (self._able, self._steady) == (able, steady):
                return False
            self._able, self._steady = frozenset(able), steady
            return self._connect()

    def _note(self, able: frozenset[str], moment: float) -> None:
        for name in self._able - able:
            self._left_at[name] = moment
        for name in able - self._able:
            left_at = self._left_at.pop(name, None)
            if left_at is None:
                self._since[name] = -inf
            elif moment - left_at > BRIEF_S:
                self._since[name] = moment

    def _connect(self) -> bool:
        before, self._openings = self._openings, routing.openings(self._ways, self._able, self._steady)
        return before != self._openings
