"""[pure] How long a carrier rests after failures that are its own or the network's, and when rest alone won't do.

A bad number rests nobody: its message waits, the carrier goes on (queue/retry.py decides about the message).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain
from gateway.errors import Cause
from gateway.plan.blocking import is_operators

# Seconds of rest after the 1st, 2nd, … failure in a row; the last one stands for all that follow.
NETWORK_RESTS_S = (2.0, 5.0, 15.0, 30.0, 60.0)  # congestion and lost coverage pass within minutes
DEVICE_RESTS_S = (0.0, 1.0, 3.0, 5.0, 15.0, 30.0, 60.0)  # a single hiccup (512, 515) costs nothing
UNCERTAIN_RESTS_S = (0.0, 5.0, 15.0, 30.0)  # the line was resynchronised

# What a failure weighs; a carrier whose run weighs so much needs a remedy. Silence burns a message, so it weighs more.
DEVICE_WEIGHT, UNCERTAIN_WEIGHT = 1, 2
TOO_MUCH = 4
TOO_MUCH_ON_TRIAL = 2  # after a remedy that has not proved itself
NETWORK_TOO_LONG = 8  # failures for want of a network, some 5 minutes of rests: the radio may be stuck


@dataclass(frozen=True, slots=True)
class Condition:
    """A carrier's run of failures since the last SMS that proved it well.

    Failures of its device and silences add up, whatever comes between: a carrier that fails now in this way and now in
    that one is no better than one that fails always alike.
    """

    network: int = 0
    device: int = 0
    uncertain: int = 0

    def after(self, outcome: Outcome) -> Condition:
        """The run with one more outcome; the operator's word on a number or a SIM proves network and device well."""
        if is_operators(outcome):
            return Condition()
        match outcome:
            case Deferred(scope=Scope.NETWORK, is_counted=False):
                return self  # a bind that is throttled: it takes less, and knows itself when it takes more
            case Deferred(scope=Scope.NETWORK):
                return replace(self, network=self.network + 1)
            case Deferred(scope=Scope.ACCOUNT | Scope.GATEWAY | Scope.DEVICE):
                return replace(self, network=0, device=self.device + 1)
            case Uncertain():
                return replace(self, network=0, uncertain=self.uncertain + 1)
            case Accepted() | Refused() | Deferred():
                return Condition()

    @property
    def rest_s(self) -> float:
        """How long to rest now, in seconds."""
        return max(
            step(NETWORK_RESTS_S, self.network),
            step(DEVICE_RESTS_S, self.device),
            step(UNCERTAIN_RESTS_S, self.uncertain),
        )

    def needs_remedy(self, is_on_trial: bool) -> bool:
        """Whether resting alone will not mend it."""
        weight = self.device * DEVICE_WEIGHT + self.uncertain * UNCERTAIN_WEIGHT
        return weight >= (TOO_MUCH_ON_TRIAL if is_on_trial else TOO_MUCH) or self.network >= NETWORK_TOO_LONG

    @property
    def cause(self) -> Cause:
        """What the run says of the device."""
        if self.network >= NETWORK_TOO_LONG:
            return Cause.NO_NETWORK
        return Cause.SILENT if self.uncertain else Cause.FAULTY


class Volley:
    """What is in the air together fails together: of all that were handed over before a failure was known only that one
    counts. Nor does one that fails once more, with no other in between: it may be the SMS itself that is not taken. For
    a carrier with a window."""

    def __init__(self) -> None:
        self._failures = 0
        self._last: int | None = None  # the segment that failed last, since all was well
        self._before: dict[int, int] = {}  # by segment: the failures that were known when it was handed over

    def begins(self, key: int) -> None:
        """It is handed over."""
        self._before[key] = self._failures

    def counts(self, key: int, outcome: Outcome) -> bool:
        """Whether this outcome says anything new of the carrier."""
        is_new = self._before.pop(key, self._failures) == self._failures
        if isinstance(outcome, Deferred) and outcome.scope is Scope.NETWORK and not outcome.is_counted:
            return False
        if Condition().after(outcome) == Condition():
            self._last = None
            return True
        is_new = is_new and key != self._last
        self._failures, self._last = self._failures + is_new, key
        return is_new


def step(rests_s: tuple[float, ...], failures: int) -> float:
    """The rest after so many failures in a row, in seconds; none after none."""
    return rests_s[min(failures, len(rests_s)) - 1] if failures else 0.0
