"""[pure] How many messages a carrier with a window takes at a time: few while something urgent is being examined, for
what it has begun goes out before. Told the time, in seconds of a clock that never jumps.
"""

from __future__ import annotations

from dataclasses import dataclass

PORTION = 32  # in one commit: some milliseconds, then others may write
FEW = 4  # so many keep the link busy until the urgent one is due
EXAMINED_S = 0.25  # that takes some 20 ms; a row that cannot be examined slows down nothing for longer


@dataclass(slots=True)
class Precedence:
    """Of one carrier, for what is urgent."""

    since: float | None = None  # something urgent is on its way

    def most(self, moment: float, *, is_coming: bool) -> int:
        """How many it may take now."""
        if not is_coming:
            self.since = None
            return PORTION
        self.since = moment if self.since is None else self.since
        return FEW if moment - self.since < EXAMINED_S else PORTION
