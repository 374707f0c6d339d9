"""What holds a carrier back: its own rest, its SIM's plan, the gate after an outage, a better placed carrier.

The worker asks before each SMS; every answer here costs microseconds. What stands behind the questions lives elsewhere:
`leave` what the SIM may spend, `gate` whether a backlog has been looked at, `sharing` who has more left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.carrier import Inbound, Outcome, Submission
from gateway.clock import Time
from gateway.plan.limits import URGENT_RANK
from gateway.routing import Opening
from gateway.worker.gate import Gate
from gateway.worker.leave import Leave
from gateway.worker.sharing import Sharing
from gateway.worker.switchboard import Switchboard

SOON_S = 2.0  # whoever rests longer leaves to others what they may take too


@dataclass(frozen=True, slots=True)
class Terms:
    """Which messages the carrier may take now."""

    room: int | None  # SMS left before a limit
    least_rank: int  # what weighs less waits
    least_shared: int  # the same for what any carrier may take
    openings: Sequence[Opening]  # the ways of several carriers that are open to it


class Permission:
    """Whether one carrier may send now, and how long it has to wait; its worker's thread asks."""

    def __init__(
        self,
        name: str,
        time: Time,
        leave: Leave,
        gate: Gate | None,
        sharing: Sharing | None,
        switchboard: Switchboard | None = None,
    ) -> None:
        self.leave = leave
        self.is_held = False  # a person wants nothing new to begin
        self.way_s = 0.0  # so long it gives way to a better placed carrier
        self._name = name
        self._time = time
        self._gate = gate
        self._sharing = sharing or Sharing()
        self._switchboard = switchboard or Switchboard()
        self._rest_until = 0.0  # monotonic

    def rest(self, rest_s: float) -> None:
        """Send nothing for so long; 0 ends a rest."""
        self._rest_until = self._time.monotonic() + rest_s

    def wait_s(self, *, is_begun: bool = False) -> float:
        """How long until an SMS may go out; 0.0: now. `is_begun`: one of a message that is out in part."""
        rest_s = self._rest_until - self._time.monotonic()
        return max(0.0, rest_s, self.leave.wait_s(self._time.now(), is_begun=is_begun))

    def may_begin(self) -> bool:
        """Whether a new message may be taken, beside what `wait_s` says; one begun goes on whatever this says."""
        return not self.is_held and (self._gate is None or self._gate.is_open)

    @property
    def is_in_service(self) -> bool:
        """Whether it sends, now or after a limit or quiet hours; a blocked one is again when its rest is over."""
        block = self.leave.block
        return not self.is_held and (block is None or self._time.now() >= block.until)

    @property
    def takes(self) -> bool:
        """Whether an ordinary message goes out soon."""
        is_resting = self._rest_until - self._time.monotonic() > SOON_S
        return not is_resting and self.leave.takes(self._time.now())

    # The load is shared.

    def offer(self) -> None:
        """It waits for a message, and could send it."""
        self._sharing.offer(self._name, self.leave.share_left(self._time.now()))

    def withdraw(self) -> None:
        """It sends, or cannot."""
        self.way_s = 0.0
        self._sharing.withdraw(self._name)

    def found_nothing(self) -> None:
        """For what comes next it may give way anew."""
        self.way_s = 0.0
        self._sharing.rest(self._name)

    def give_way(self) -> None:
        """Before it takes a message: whether another one that waits has more left, and for how long."""
        left = self.leave.share_left(self._time.now())
        self.way_s = self._sharing.way_s(self._name, left, self._time.monotonic())

    def terms(self) -> Terms:
        """What it may take."""
        now = self._time.now()
        least_rank = self.leave.least_rank(now)
        return Terms(self.leave.room(now), least_rank, URGENT_RANK if self.way_s else least_rank, self.openings)

    @property
    def openings(self) -> Sequence[Opening]:
        """The ways of several carriers that are open to it."""
        return self._switchboard.openings(self._name)

    # What happens is noted.

    def begins(self) -> None:
        """An SMS is handed over."""
        self.leave.begins(self._time.now())

    def note_under_way(self, submissions: Iterable[Submission]) -> None:
        """Of these it has an SMS in the air, or begins one: other binds of the account leave them their room."""
        self.leave.under_way = sum(each.sms_left for each in submissions)

    def after(self, submission: Submission, outcome: Outcome) -> Outcome:
        """The outcome to record."""
        return self.leave.after(submission, outcome, self._time.now())

    def notice(self, inbound: Sequence[Inbound]) -> None:
        """What came in may tell of a block."""
        self.leave.notice(inbound, self._time.now())

    def keep(self) -> None:
        """Bring its knowledge and the database together; costs nothing when they are."""
        self.leave.keep(self._time.now())
