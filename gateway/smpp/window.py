"""[pure] The submissions that were sent and not answered yet, by sequence number, each with its deadline.

Told the time, in seconds of a clock that never jumps. One that is answered after it was given up is still known, so
that its late answer settles it; with the link the sequence numbers end, and so does that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.carrier import Submission

LATE_KEPT = 1000  # submissions whose late answer is waited for; an older one is settled by its receipt


@dataclass(frozen=True, slots=True)
class Flight:
    """One submission in the air."""

    submission: Submission
    sent_at: float
    starts_at: int  # octets of the link's stream in front of it


class Window:
    """Of one bind, over one link."""

    def __init__(self, size: int, answer_s: float) -> None:
        self.size = size
        self._answer_s = answer_s
        self._flights: dict[int, Flight] = {}  # in the order in which they were sent, so also of their deadlines
        self._late: dict[int, Submission] = {}

    def __len__(self) -> int:
        return len(self._flights)

    def __contains__(self, sequence: int) -> bool:
        return sequence in self._flights or sequence in self._late

    def recipient_of(self, sequence: int) -> str:
        """Of a submission that has no answer yet, also one that was given up; empty when there is none."""
        flight = self._flights.get(sequence)
        submission = flight.submission if flight else self._late.get(sequence)
        return submission.recipient if submission else ""

    def add(self, sequence: int, flight: Flight) -> None:
        self._flights[sequence] = flight

    def take(self, sequence: int) -> Flight | None:
        """The submission is answered, in time."""
        return self._flights.pop(sequence, None)

    def take_late(self, sequence: int) -> Submission | None:
        """The submission is answered after it was given up."""
        return self._late.pop(sequence, None)

    def next_deadline(self) -> float | None:
        """When the next one is given up."""
        oldest = next(iter(self._flights.values()), None)
        return None if oldest is None else oldest.sent_at + self._answer_s

    def give_up(self, now: float) -> Sequence[Flight]:
        """Those whose time is over; they are in the air no longer."""
        over = []
        for sequence, flight in self._flights.items():
            if now < flight.sent_at + self._answer_s:
                break
            over.append((sequence, flight))
        for sequence, flight in over:
            del self._flights[sequence]
            self._late[sequence] = flight.submission
        while len(self._late) > LATE_KEPT:
            del self._late[next(iter(self._late))]
        return [flight for _, flight in over]

    def fall(self) -> Sequence[Flight]:
        """The link is gone: all that was in the air."""
        flights = list(self._flights.values())
        self._flights.clear()
        self._late.clear()
        return flights
