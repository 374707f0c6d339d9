"""[pure] How much of what came over a link with a window is written down in one commit.

Much at once costs least. But what is answered all at once goes out all at once again, and the window stands empty
between: where the SMSC takes its time and the disk doesn't, small portions spread the window over that time. Told the
time, in seconds of a clock that never jumps.
"""

from __future__ import annotations

SMALL, LARGE = 12, 50  # SMS or receipts; some milliseconds, then others may write
PATIENT_S = 0.01  # an SMSC that answers sooner never leaves the window empty
# A commit of a small portion that takes longer, or of a large one that takes no longer, calls for the other.
SLOW_S, QUICK_S = 0.006, 0.012


class Portions:
    """Of one link."""

    def __init__(self) -> None:
        self.size = LARGE
        self._probe: tuple[int, float] | None = None  # an SMS in the air, and since when
        self._round_trip_s = 0.0

    def handed_over(self, key: int, now: float) -> None:
        """This SMS left, among others."""
        if self._probe is None:
            self._probe = key, now

    def answered(self, key: int, now: float) -> None:
        """Its answer is there."""
        if self._probe is not None and self._probe[0] == key:
            self._round_trip_s, self._probe = now - self._probe[1], None

    def written(self, took_s: float) -> None:
        """A commit with as much as `size` took so long."""
        is_quick = took_s <= (SLOW_S if self.size == SMALL else QUICK_S)
        self.size = SMALL if is_quick and self._round_trip_s > PATIENT_S else LARGE

    def fell(self) -> None:
        """Nothing is in the air any more."""
        self._probe = None
