"""[pure] How long a carrier rests after failures that are its own or the network's.

A bad number rests nobody: its message waits, the carrier goes on (queue/retry.py decides about the message).
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.carrier import Accepted, Deferred, Outcome, Refused, Scope, Uncertain

# Seconds of rest after the 1st, 2nd, … failure in a row; the last one stands for all that follow.
NETWORK_RESTS_S = (2.0, 5.0, 15.0, 30.0, 60.0)  # congestion and lost coverage pass within minutes
DEVICE_RESTS_S = (0.0, 1.0, 3.0, 5.0, 15.0, 30.0, 60.0)  # a single hiccup (512, 515) costs nothing
UNCERTAIN_RESTS_S = (0.0, 5.0, 15.0, 30.0)  # the line was resynchronised

REOPEN_WAITS_S = (0.5, 1.0, 2.0, 3.0)  # a stick that is plugged in again is back within seconds
STEADY_S = 60.0  # a carrier that served so long begins its waits anew

# After so many failures in a row, and as many again, the carrier is closed and opened anew.
DEVICE_FAILURES_TO_REOPEN = 4
UNCERTAIN_TO_REOPEN = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """A carrier's run of failures."""

    network: int = 0
    device: int = 0
    uncertain: int = 0

    def after(self, outcome: Outcome) -> Condition:
        """The run with one more outcome; an answer about the number proves network and device well."""
        match outcome:
            case Deferred(scope=Scope.NETWORK):
                return Condition(network=self.network + 1)
            case Deferred(scope=Scope.DEVICE):
                return Condition(device=self.device + 1)
            case Uncertain():
                return Condition(uncertain=self.uncertain + 1)
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

    @property
    def needs_reopening(self) -> bool:
        """Whether resting alone will not mend it."""
        return _is_multiple(self.device, DEVICE_FAILURES_TO_REOPEN) or _is_multiple(self.uncertain, UNCERTAIN_TO_REOPEN)


def losses_after(losses: int, served_s: float) -> int:
    """How often in a row the carrier was lost, this time after `served_s`."""
    return 1 if served_s > STEADY_S else losses + 1


def step(rests_s: tuple[float, ...], failures: int) -> float:
    """The rest after so many failures in a row, in seconds; none after none."""
    return rests_s[min(failures, len(rests_s)) - 1] if failures else 0.0


def _is_multiple(failures: int, times: int) -> bool:
    return failures > 0 and failures % times == 0
