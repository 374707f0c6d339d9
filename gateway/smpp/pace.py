"""[pure] How fast a bind may send: what was agreed on with the operator, and what the SMSC takes just now.

Told the time, in seconds of a clock that never jumps. SMS are spread over the second, since an SMSC that counts in
shorter spans refuses a second's worth at once. After ESME_RTHROTTLED or ESME_RMSGQFUL the rate falls below what was
taken lately and climbs again as long as all is taken.
"""

from __future__ import annotations

import math

BURST_S = 0.02  # what is late by so much, since a thread wakes late, may be made up at once
SLOWER = 0.9  # the new rate, of that at which the SMSC took them
LEAST_OF_RATE = 0.25  # and of the one before, at least: a moment in which nothing was taken says little
CLIMB = 0.05  # growth in a second about the rate that was refused,
FREE_CLIMB = 2.0  # and once it is beyond that, or far below it after the SMSC took nothing at all for a while
BEYOND, FAR_BELOW = 1.1, 0.8
STOPPED = 3  # refusals with nothing taken in between: they say nothing of the rate
SLOWEST = 0.5  # SMS a second
PAUSES_S = (0.1, 0.2, 0.5, 1.0)  # after the 1st, 2nd, … refusal with nothing taken in between
REFUSALS_S = 0.25  # refusals within it are one: they were in the air together
MEASURED_S = 1.0  # the span over which it is counted what was taken,
MEASURED = 5  # or longer, until there are so many


class Pace:
    """Of one bind. In any span of one second at most `most_per_second` are let go."""

    def __init__(self, most_per_second: float) -> None:
        self.most = float(most_per_second)
        self.rate = self.most  # SMS a second, as things stand
        self._next_at = -math.inf  # when the next one is due
        self._paused_until = 0.0
        self._climbed_at = 0.0
        self._refused_rate = 0.0  # at which the last run of refusals began
        self._refused_at: float | None = None
        self._refusals = 0  # in a row
        self._was_stopped = False  # in the last run of refusals the SMSC took nothing for a while
        self._counted_from = 0.0
        self._counted = 0
        self._taken_rate = 0.0  # SMS a second that the SMSC took in the last span that was counted

    @property
    def is_slowed(self) -> bool:
        """Whether the SMSC takes less than was agreed on."""
        return self.rate < self.most

    def room(self, now: float) -> int:
        """How many may go now."""
        if self.wait_s(now):
            return 0
        return 1 + int((min(now - self._next_at, BURST_S) + 1e-9) / self._interval_s)

    def wait_s(self, now: float) -> float:
        """Until the next one may go; 0.0: now."""
        return max(0.0, self._next_at - now, self._paused_until - now)

    def sent(self, now: float) -> None:
        """One is let go."""
        self._next_at = max(self._next_at, now - BURST_S) + self._interval_s

    def taken(self, now: float) -> None:
        """The SMSC has taken one."""
        self._refusals = 0
        self._count(now)
        if self.is_slowed:
            growth = FREE_CLIMB if self._is_free else CLIMB
            self.rate = min(self.most, self.rate * (1 + growth * max(0.0, now - self._climbed_at)))
        self._climbed_at = now

    def refused(self, now: float) -> None:
        """It was too fast, or the SMSC's queue is full."""
        if self._refused_at is not None and now - self._refused_at < REFUSALS_S:
            return
        pause_s = PAUSES_S[min(self._refusals, len(PAUSES_S) - 1)]
        self._refused_at, self._paused_until, self._climbed_at = now, now + pause_s, now + pause_s
        measured = 0.0
        if not self._refusals:
            self._refused_rate, measured = self.rate, self._measured(now) * SLOWER
        self._refusals += 1
        self._was_stopped = self._refusals >= STOPPED
        slower = min(max(measured, self.rate * LEAST_OF_RATE), self.rate * SLOWER)
        self.rate = max(min(SLOWEST, self.most), slower)

    @property
    def _is_free(self) -> bool:
        """Whether nothing is known against much more than this."""
        is_far_below = self._was_stopped and self.rate < FAR_BELOW * self._refused_rate
        return is_far_below or self.rate > BEYOND * self._refused_rate

    @property
    def _interval_s(self) -> float:
        """Between two; so much longer than 1 / rate that no second sees more than `rate`, bursts included."""
        return (1.0 + BURST_S) / self.rate

    @property
    def _longest_s(self) -> float:
        """A span in which fewer were taken than went says nothing: there was nothing to send."""
        return 2 * max(MEASURED_S, MEASURED / self.rate)

    def _measured(self, now: float) -> float:
        """SMS a second that the SMSC has taken lately, as far as that is known; else what it was given."""
        span_s = now - self._counted_from
        is_enough = self._counted >= MEASURED or self.rate * span_s >= 2 * MEASURED  # were they taken
        if is_enough and REFUSALS_S <= span_s < self._longest_s:
            return self._counted / span_s
        return self._taken_rate or self.rate

    def _count(self, now: float) -> None:
        self._counted += 1
        span_s, longest_s = now - self._counted_from, self._longest_s
        if span_s >= longest_s or (span_s >= MEASURED_S and self._counted >= MEASURED):
            self._taken_rate = self._counted / span_s if span_s < longest_s else 0.0
            self._counted_from, self._counted = now, 0
