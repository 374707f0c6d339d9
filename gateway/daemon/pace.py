"""[pure] How often something may be done: now and then as often as it is wanted, in the long run at a steady pace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Pace:
    """So many at once, and another one every so often."""

    at_once: float
    every_s: float
    left: float | None = None
    seen_at: float = 0.0

    def may(self, moment: float) -> bool:
        """Whether it may be done now, by the monotonic clock; asking costs nothing."""
        if self.left is None:
            self.left = self.at_once
        else:
            self.left = min(self.at_once, self.left + (moment - self.seen_at) / self.every_s)
        self.seen_at = moment
        return self.left >= 1.0

    def spend(self) -> None:
        """It is done."""
        if self.left is not None:
            self.left = max(0.0, self.left - 1.0)
