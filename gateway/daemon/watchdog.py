"""[pure] Whether every loop of the daemon moves: only then the service manager's watchdog is fed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

# A look that comes this late was itself kept from running (the machine slept, the process was stopped): all the loops
# were too, and get another turn before they are judged.
LATE_S = 5.0


class Moving(Protocol):
    """A loop that says when its last turn began and how long one may take; seconds of the monotonic clock."""

    @property
    def moved_at(self) -> float: ...

    @property
    def longest_turn_s(self) -> float: ...


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop of the daemon, at one moment."""

    name: str
    moved_at: float
    longest_turn_s: float

    @classmethod
    def of(cls, name: str, moving: Moving) -> Loop:
        return cls(name, moving.moved_at, moving.longest_turn_s)


@dataclass(frozen=True, slots=True)
class Hung:
    """A loop that has not moved for longer than any of its turns may take."""

    name: str
    for_s: float


def hung(loops: Iterable[Loop], now: float, not_before: float = 0.0) -> Sequence[Hung]:
    """Those that hang; `not_before`: since then they are looked at, and nothing before it is held against them."""
    still = ((loop, now - max(loop.moved_at, not_before)) for loop in loops)
    return [Hung(loop.name, round(for_s, 1)) for loop, for_s in still if for_s > loop.longest_turn_s]


def since(last_look: float, now: float, every_s: float, not_before: float) -> float:
    """From when on the loops are judged: anew from now when this look comes late."""
    return now if now - last_look > every_s + LATE_S else not_before
