"""[pure] What is done now and then beside sending: when it is due, by a clock that the caller reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Chore:
    """Done every `every_s` seconds; when something asks for it sooner, yet not within `least_s` of the last time."""

    every_s: float
    least_s: float
    done_at: float = float("-inf")
    is_wanted: bool = False

    def want(self) -> None:
        self.is_wanted = True

    def due_at(self, factor: float = 1.0) -> float:
        """`factor`: how many times as long it may wait, as long as nothing asks for it."""
        return self.done_at + (self.least_s if self.is_wanted else self.every_s * factor)

    def is_due(self, now: float, factor: float = 1.0) -> bool:
        return now >= self.due_at(factor)

    def begin(self, now: float) -> None:
        """It is being done; what asks for it from now on means the next time."""
        self.done_at, self.is_wanted = now, False
