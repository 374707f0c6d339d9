"""[pure] The submissions of a bind that wait for their turn: those that the SMSC was too busy for, and those that were
begun ahead of their place in the window.

What weighs more overtakes here too, else an urgent SMS would wait behind all that was begun before it; of equal weight,
whoever was refused goes before whoever is new, and then the first that came.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from gateway.carrier import Deferred, Submission

HELD_S = 60.0  # so long a message of an SMSC that is busy waits here before it is given back


@dataclass(frozen=True, slots=True)
class Times:
    """Of a submission that waits for the SMSC."""

    since: float  # it was refused for the first time, or found no place
    expires_at: float

    @property
    def until(self) -> float:
        """It waits no longer."""
        return min(self.since + HELD_S, self.expires_at)


@dataclass(frozen=True, slots=True)
class Held:
    """One that waits for another turn."""

    submission: Submission
    times: Times
    refusal: Deferred  # what is said when it is given back

    def again(self, now: float) -> Submission:
        """As it goes out now: the SMSC counts its validity from when it has it."""
        if self.submission.validity_s is None:
            return self.submission
        return replace(self.submission, validity_s=max(1, int(self.times.expires_at - now)))


class Waiting:
    """Of one bind, over one link."""

    def __init__(self) -> None:
        self.refused: list[Held] = []  # each keeps its place in the window
        self.new: list[Held] = []  # never sent

    def __bool__(self) -> bool:
        return bool(self.refused or self.new)

    def refuse(self, held: Held) -> None:
        """The SMSC was too busy for it."""
        insort(self.refused, held, key=_lightness)

    def add(self, held: Held) -> None:
        """It is new, and finds no place yet."""
        insort(self.new, held, key=_lightness)

    def take(self) -> Held:
        """Whoever is next; there is one."""
        return min((each for each in (self.refused, self.new) if each), key=lambda each: _lightness(each[0])).pop(0)

    def given_back(self, is_over: Callable[[Held], bool]) -> Iterator[Held]:
        """Those that wait no longer."""
        for those in (self.refused, self.new):
            over = [held for held in those if is_over(held)]
            those[:] = [held for held in those if not is_over(held)] if over else those
            yield from over

    def clear(self) -> list[Held]:
        """All of them, and nobody waits any more."""
        those = [*self.refused, *self.new]
        self.refused.clear()
        self.new.clear()
        return those


def expires_at(submission: Submission, handed_over_at: float) -> float:
    """Its validity was counted from just before it was handed over."""
    return math.inf if submission.validity_s is None else handed_over_at + submission.validity_s


def _lightness(held: Held) -> int:
    return -held.submission.rank
