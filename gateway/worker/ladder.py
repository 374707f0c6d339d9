"""[pure] The ladder of recovery: from a run of falls and the cause of the last one to the next remedy and its wait.

A fall is a carrier that was lost, could not be opened, or fails with SMS after SMS. Each fall leads one rung up; a
remedy that can't mend the cause, or that the carrier doesn't have, is passed over. Above the last rung the carrier is
out of service and tried again at a slow pace. Some SMS, or some minutes, lead back to the foot.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from gateway.carrier import Remedy
from gateway.errors import Cause

# What can be mended by what. Never a reset where a reset can't help: a port that is not there, one that another program
# has, a SIM without its PIN or without the network's leave: there a person or a plug ends it; nor for our own mistakes.
MENDS: Mapping[Cause, frozenset[Remedy]] = {
    Cause.ABSENT: frozenset(),
    Cause.FORBIDDEN: frozenset(),
    Cause.SILENT: frozenset(Remedy),
    Cause.FAULTY: frozenset(Remedy) - {Remedy.RESYNC},  # it answers: its line is in step
    Cause.LOCKED: frozenset(),
    Cause.NO_NETWORK: frozenset({Remedy.REINIT, Remedy.RADIO}),
    Cause.DENIED: frozenset(),
    Cause.STRANGER: frozenset(),
    Cause.UNSUITABLE: frozenset(),
    Cause.UNREACHABLE: frozenset(),
    Cause.GATEWAY: frozenset(),
    Cause.PLANNED: frozenset(),
}
OUT_OF_SERVICE = frozenset({Cause.SILENT, Cause.FAULTY})  # what ends as `failed` when every remedy was tried

# Seconds until the next try, after the 1st, 2nd, … fall in a row from a cause that is only waited for.
PACES_S: Mapping[Cause, tuple[float, ...]] = {
    Cause.ABSENT: (0.5, 1.0, 2.0, 3.0),  # a stick that is plugged in again is back within seconds
    Cause.FORBIDDEN: (0.5, 1.0, 2.0, 5.0),
    Cause.LOCKED: (1.0, 2.0, 5.0, 10.0),  # a PIN that was refused is not tried again, however often it is asked for
    Cause.NO_NETWORK: (0.5, 1.0, 2.0, 5.0, 15.0, 30.0),  # each try looks for a network for a minute
    Cause.DENIED: (5.0, 15.0, 30.0, 60.0),
    Cause.STRANGER: (1.0, 2.0, 5.0, 10.0),
    Cause.UNSUITABLE: (5.0, 30.0, 60.0),
    Cause.UNREACHABLE: (0.1, 0.25, 0.5, 1.0),  # an SMSC that is back is bound to within 2 s
    Cause.GATEWAY: (1.0, 5.0, 15.0, 60.0, 300.0, 900.0),  # each try may fail with another SMS, unlike those above
    Cause.PLANNED: (0.0, 1.0, 2.0, 5.0),
}


@dataclass(frozen=True, slots=True)
class Rung:
    """One try."""

    remedy: Remedy
    wait_s: float  # before it


# With every remedy at hand the waits sum up to 377.5 s; with none but opening anew to 229 s.
LADDER = (
    Rung(Remedy.RESYNC, 0.5),
    Rung(Remedy.REINIT, 1.0),
    Rung(Remedy.REOPEN, 1.0),  # a modem that has restarted by itself needs no more
    Rung(Remedy.RADIO, 2.0),
    Rung(Remedy.REOPEN, 3.0),
    Rung(Remedy.REOPEN, 5.0),
    Rung(Remedy.REOPEN, 10.0),
    Rung(Remedy.RESET, 5.0),
    Rung(Remedy.RESET, 60.0),
    Rung(Remedy.REPLUG, 20.0),
    Rung(Remedy.REPLUG, 60.0),
    Rung(Remedy.REOPEN, 30.0),  # what hangs by itself may come back by itself, some minutes later
    Rung(Remedy.REOPEN, 60.0),
    Rung(Remedy.REOPEN, 120.0),
)
SLOW_S = 15 * 60.0  # between two tries of a carrier that is out of service
SLOW_FALLS = 10  # so many falls for want of a network, some 15 minutes, and the strongest remedy has another turn
SETTLE_FALLS = 20  # so often a device may be absent after a reset, about a minute, before the climb goes on
SHAKEN = frozenset({Remedy.RESET, Remedy.REPLUG})  # the device leaves its bus and comes back

STEADY_S = 60.0  # so long served, and the paces begin anew
PROOF_SMS = 3  # so many SMS accepted since the last fall, or
PROOF_S = 5 * 60.0  # so long served since, and the ladder begins anew


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done about a fall: wait so long, apply the remedy if there is one, and serve or open again."""

    wait_s: float
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class Climb:
    """How far up the ladder a carrier is."""

    rung: int = 0  # of LADDER: those below it were tried or passed over
    cause: Cause | None = None  # of the last fall that a remedy might mend
    last: Remedy | None = None  # the remedy tried last
    falls: int = 0  # in a row that were only waited for
    own_faults: int = 0  # falls by the gateway's own code; serving for long or SMS end them, opening does not
    accepted: int = 0  # SMS since the last fall
    owes_sms: bool = False  # it fell with SMS: no other sign proves it well
    is_failed: bool = False  # every remedy was tried

    @property
    def is_on_trial(self) -> bool:
        """Whether a remedy was applied that has not proved itself yet."""
        return self.rung > 0

    def after_fall(self, cause: Cause, has: Collection[Remedy], *, with_sms: bool = False) -> tuple[Climb, Step]:
        """Up one rung. `has`: what the carrier can be treated with now; it can always be opened anew.

        `with_sms`: its SMS fail, and only the next SMS will show whether the remedy has helped; where few are sent that
        may take hours, and each is at stake. So no remedy has a second turn then.
        """
        fallen = replace(self, accepted=0, owes_sms=self.owes_sms or with_sms)
        if self.cause and cause is Cause.ABSENT and self.last in SHAKEN and self.falls >= SETTLE_FALLS:
            cause = self.cause  # the reset that was to mend it has lost it
        if cause is Cause.GATEWAY:
            return _after_own_fault(fallen)
        if not MENDS[cause]:
            return _waiting(fallen, cause)
        found = _next_rung(self.rung, MENDS[cause] - (self._tried if with_sms else set()), {*has, Remedy.REOPEN})
        if found is None:
            return _above(replace(fallen, cause=cause), cause, MENDS[cause] & {*has, Remedy.REOPEN})
        rung = LADDER[found]
        climbed = replace(fallen, rung=found + 1, cause=cause, last=rung.remedy, falls=0)
        return climbed, Step(rung.wait_s, rung.remedy)

    @property
    def _tried(self) -> set[Remedy]:
        return {rung.remedy for rung in LADDER[: self.rung]}

    def after_sms(self) -> Climb:
        """The network has accepted one."""
        if self.accepted + 1 >= PROOF_SMS or self == Climb():
            return Climb()
        return replace(self, accepted=self.accepted + 1, owes_sms=False, is_failed=False, falls=0)

    def after_opening(self) -> Climb:
        """It is open and ready; one that fell with SMS still has to prove itself by an SMS."""
        return self if self.owes_sms else replace(self, is_failed=False)

    def after_serving(self, served_s: float) -> Climb:
        """It has served so long since it was opened or treated."""
        if served_s >= PROOF_S and not self.owes_sms:
            return Climb()
        return self if served_s < STEADY_S else replace(self, falls=0)


def _waiting(climb: Climb, cause: Cause) -> tuple[Climb, Step]:
    paces_s = PACES_S[cause]
    return replace(climb, falls=climb.falls + 1), Step(paces_s[min(climb.falls, len(paces_s) - 1)])


def _after_own_fault(climb: Climb) -> tuple[Climb, Step]:
    """Opened anew, later each time; at the slowest pace it is out of service, so that a person hears of it."""
    paces_s, count = PACES_S[Cause.GATEWAY], climb.own_faults + 1
    fallen = replace(climb, own_faults=count, is_failed=climb.is_failed or count >= len(paces_s))
    return fallen, Step(paces_s[min(count, len(paces_s)) - 1])


def _above(climb: Climb, cause: Cause, remedies: Collection[Remedy]) -> tuple[Climb, Step]:
    """Every remedy was tried: now and then the strongest one has another turn."""
    strongest = max(remedies, key=list(Remedy).index, default=None)
    if cause in OUT_OF_SERVICE:
        return replace(climb, rung=len(LADDER), last=strongest, is_failed=True), Step(SLOW_S, strongest)
    waiting, step = _waiting(climb, cause)
    if waiting.falls % SLOW_FALLS:
        return waiting, step
    return replace(waiting, last=strongest), Step(step.wait_s, strongest)


def _next_rung(lowest: int, mending: Collection[Remedy], has: Collection[Remedy]) -> int | None:
    """The first rung from `lowest` up whose remedy may help and is there."""
    places = range(lowest, len(LADDER))
    return next((place for place in places if LADDER[place].remedy in mending and LADDER[place].remedy in has), None)
