"""A fault that lasts is said once, and then now and then: a disk that is full must not be kept full by the log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from structlog import DropEvent
from structlog.typing import EventDict, WrappedLogger

SAY_AGAIN_S = 600.0  # a fault that lasts is said so often, with how many times it came in between
APART_S = 150.0  # more than a modem's search for a network (60 s): what comes later than this is a new fault
MOST_KEPT = 100  # faults; beyond that those that are over are forgotten
FAULTS = frozenset({"warning", "error", "critical"})
Key = tuple[object, Hashable]  # the carrier, if it is one's, and the line


@dataclass(slots=True)
class _Said:
    """One fault: when it was last said, when it last came, and how often it came unsaid."""

    said_at: float
    came_at: float
    unsaid: int = 0


class Repeats:
    """A structlog processor. Whatever a carrier says that is no fault, such as that it is ready, ends its faults."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._said: dict[Key, _Said] = {}

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        carrier = event.get("carrier")
        if event["level"] in FAULTS:
            with self._lock:
                return self._counted((carrier, _content(event)), event)
        if carrier is not None:
            with self._lock:
                self._keep(lambda key, said: key[0] != carrier)
        return event

    def _counted(self, key: Key, event: EventDict) -> EventDict:
        now = self._clock()
        said = self._said.get(key)
        if said is None or now - said.came_at > APART_S:
            return self._say(key, event, now)
        if now - said.said_at >= SAY_AGAIN_S:
            return self._say(key, {**event, "repeated": said.unsaid + 1}, now)
        said.came_at, said.unsaid = now, said.unsaid + 1
        raise DropEvent

    def _say(self, key: Key, event: EventDict, now: float) -> EventDict:
        if len(self._said) >= MOST_KEPT:
            self._keep(lambda key, said: now - said.came_at <= APART_S)
        self._said[key] = _Said(now, now)
        return event

    def _keep(self, is_kept: Callable[[Key, _Said], bool]) -> None:
        self._said = {key: said for key, said in self._said.items() if is_kept(key, said)}


def _content(event: EventDict) -> Hashable:
    """What makes two lines the same: all but their time; of an exception its kind and its sentence."""
    fault = sys.exc_info()[1] if event.get("exc_info") else None
    said = {name: repr(value) for name, value in event.items() if name != "timestamp"}
    return (repr(fault), *said.items())
