"""[pure] A carrier whose device comes and goes, by a loose plug or a weak supply: each time it takes a message with it.

No remedy mends that, so no ladder is climbed. Instead, after some short lives, it is watched for a while each time it
is back: it receives, and is given messages only when it has stayed. A life lasts from the opening to the next fall.
"""

from __future__ import annotations

from dataclasses import dataclass

SHORT_S = 30.0  # a life that ends sooner was a short one
SPAN_S = 3600.0  # older ones count no more
FREE = 3  # a person who looks which stick is which plugs as often
# So long it is watched after more short lives than that; longer the more of them have ended with an SMS that failed, so
# one that always falls with its SMS takes some twelve an hour. Falls of one that is watched cost nothing.
WATCHES_S = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
PROOF_SMS = 3  # so many accepted within one life, and the past is forgotten


@dataclass(frozen=True, slots=True)
class End:
    """Of a short life; the moment is of the monotonic clock, as all here."""

    at: float
    failed_sms: bool  # its last SMS came to nothing


@dataclass(frozen=True, slots=True)
class Flapping:
    """The short lives of late."""

    ends: tuple[End, ...] = ()
    sent: int = 0  # SMS accepted in this life

    def after_sms(self) -> Flapping:
        """The network has accepted one."""
        sent = self.sent + 1
        return Flapping((), sent) if sent >= PROOF_SMS else Flapping(self.ends, sent)

    def after_life(self, lived_s: float, moment: float, *, failed_sms: bool) -> Flapping:
        """Its device has gone."""
        is_short = (lived_s < SHORT_S or failed_sms) and self.sent < PROOF_SMS
        return Flapping((*self._late(moment), End(moment, failed_sms)) if is_short else self.ends)

    def count(self, moment: float) -> int:
        """How many short lives count."""
        return len(self._late(moment))

    def watch_s(self, moment: float) -> float:
        """How long it is watched from now on, where it is back."""
        if self.count(moment) <= FREE:
            return 0.0
        failed = sum(end.failed_sms for end in self._late(moment))
        return WATCHES_S[min(max(failed - FREE, 1), len(WATCHES_S)) - 1]

    def _late(self, moment: float) -> tuple[End, ...]:
        return tuple(end for end in self.ends if moment - end.at < SPAN_S)
