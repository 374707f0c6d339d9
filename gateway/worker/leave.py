"""What one SIM may send now: its plan, what it has spent, and whether its operator seems to block it.

One per carrier, asked before each SMS and told after each. Its worker's thread opens and tells it; any thread may ask.
What it knows is loaded from the database by the SIM, so a restart, another stick or another name changes nothing.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from gateway.carrier import Accepted, Inbound, Outcome, Report, Submission, Uncertain
from gateway.plan import standing
from gateway.plan.blocking import Block, Watch
from gateway.plan.ledger import Ledger, Spent
from gateway.plan.limits import URGENT_RANK, Plan, Span, Unit, day_start
from gateway.plan.standing import Standing
from gateway.queue import spending, times
from gateway.worker.accounts import Accounts

RELOAD_WAIT_S = 0.5  # until the worker has loaded anew what was spent
BACK = timedelta(seconds=1)  # a clock that was set back by more than this
FORWARD = timedelta(minutes=1)  # one that was behind, and is set right
SOON_S = 60.0  # a SIM that waits no longer than this is one that sends


class Leave:
    """The leave to send of one carrier's SIM."""

    def __init__(
        self, plan: Plan, timezone: ZoneInfo, *, random: Random | None = None, accounts: Accounts | None = None
    ) -> None:
        self._plan = plan
        self._zone = timezone
        self._random = random or Random()  # how long to wait is no secret
        self.under_way = 0  # SMS of messages that it has taken and that are not answered yet; its worker says so
        self._accounts = accounts or Accounts()
        self._lock = threading.Lock()
        self._ledger = Ledger(plan, timezone)
        self._connection: sqlite3.Connection | None = None  # its worker's
        self._line: str | None = None
        self._first_seen: datetime | None = None
        self._watch = Watch()
        self._kept: Block | None = None  # as the database has it
        self._is_stale = True
        self._is_behind = False  # by its own records the clock may be
        self._asked_at: datetime | None = None
        self._next_at: datetime | None = None  # not before, by the least interval

    # What the carrier's worker calls.

    def open(self, connection: sqlite3.Connection, line: str, now: datetime) -> None:
        """Load what the SIM has spent, and whether it is blocked."""
        self._accounts.join(line, self)
        plan, past = self._plan, spending.account(connection, line, now)
        ledger = Ledger(plan, self._zone)
        ledger.recall(past, now)
        pause = timedelta(seconds=plan.min_interval_s)
        last = past.last(now - pause, 1) if pause else []
        first_seen = spending.first_seen(connection, line, now)
        block = spending.block_of(connection, line)
        with self._lock:
            self._connection, self._ledger = connection, ledger
            if line != self._line:
                self._line, self._watch, self._next_at = line, Watch(), None
            if last:
                self._next_at = max(self._next_at or last[0], last[0] + pause)
            self._watch = Watch(self._watch.answers, self._watch.reports, block and block.as_of(now))
            self._kept, self._first_seen, self._asked_at = block, first_seen, now
            self._is_behind = past.is_moved
            self._is_stale = self._plan is not plan  # somebody has changed it meanwhile

    def begins(self, now: datetime) -> None:
        """An SMS is handed over."""
        with self._lock:
            pause_s = self._plan.min_interval_s + self._random.random() * self._plan.jitter_s
            self._next_at = now + timedelta(seconds=pause_s) if pause_s else None

    def after(self, submission: Submission, outcome: Outcome, now: datetime) -> Outcome:
        """Note what came of it; the outcome to record, which may be milder than the carrier's own."""
        recipient = spending.recipient_of(submission.recipient)
        if isinstance(outcome, Accepted | Uncertain):
            for each in (self, *self._accounts.others(self._line, self)):
                each.note(Spent(now, recipient))
        with self._lock:
            self._look_at(now)
            self._watch = self._watch.after(outcome, recipient, now)
            return self._watch.spared(outcome)

    def note(self, spent: Spent) -> None:
        """An SMS went out over its line, by itself or by another bind of the account."""
        with self._lock:
            self._look_at(spent.at)
            self._ledger.add(spent)

    def notice(self, inbound: Iterable[Inbound], now: datetime) -> None:
        """Delivery reports may show a block too."""
        for report in inbound:
            if isinstance(report, Report):
                recipient = spending.recipient_of(report.recipient or "")
                with self._lock:
                    self._watch = self._watch.reported(report, recipient, now)

    def keep(self, now: datetime) -> None:
        """Write down a block that began, goes on or has ended; load all anew if the clock was set.

        Else this costs nothing.
        """
        with self._lock:
            self._look_at(now)
            block, is_news, is_stale = self._watch.block, self._watch.block != self._kept, self._is_stale
        if self._connection is None or self._line is None:
            return
        if is_news:
            spending.set_block(self._connection, self._line, block, now)
            self._kept = block
        if is_stale:
            self.open(self._connection, self._line, now)

    def unblock(self, connection: sqlite3.Connection, now: datetime) -> None:
        """A person says that the SIM works."""
        with self._lock:
            self._watch = Watch()
        if self._line is not None:
            spending.set_block(connection, self._line, None, now)
            self._kept = None

    # What any thread calls.

    def change(self, plan: Plan) -> None:
        """Go by another plan: what was spent counts as before, and is loaded anew by its worker."""
        with self._lock:
            self._plan, self._is_stale, self._next_at = plan, True, None

    @property
    def block(self) -> Block | None:
        return self._watch.block

    def wait_s(self, now: datetime, *, is_begun: bool = False) -> float:
        """0.0: an SMS may go out; else look again in so many seconds.

        `is_begun`: a message of which a part is out; its number is counted already.
        """
        with self._lock:
            self._look_at(now)
            return RELOAD_WAIT_S if self._is_stale else self._wait_s(now, is_begun)

    def room(self, now: datetime) -> int | None:
        """How many SMS a new message may take; None: any number. 0: only what is out in part may go on."""
        others = sum(each.under_way for each in self._accounts.others(self._line, self))
        with self._lock:
            self._look_at(now)
            share = self._share(now)
            if self._ledger.reached(share, now, (Unit.RECIPIENTS,)):
                return 0
            room = self._ledger.room(share, now)
            return None if room is None else max(0, room - others)

    def least_rank(self, now: datetime) -> int:
        """What weighs less waits: in quiet times only what is urgent goes out."""
        return URGENT_RANK if self._plan.window(now, self._zone) else 0

    def takes(self, now: datetime) -> bool:
        """Whether an ordinary message that is given to it now goes out soon."""
        is_awake = self.least_rank(now) == 0 and self.block is None
        return is_awake and self.wait_s(now) <= SOON_S

    def share_left(self, now: datetime) -> float:
        """What is left of its scarcest limit, 0.0 to 1.0: by this the load is shared."""
        if not self._plan.caps:
            return 1.0
        with self._lock:
            self._look_at(now)
            return self._ledger.share_left(self._share(now), now)

    def standing(self, now: datetime) -> Standing:
        """What it has spent and has left, for people; nothing is known before it is opened for the first time."""
        with self._lock:
            self._look_at(now)
            share = self._share(now)
            used, left = self._ledger.today(now), self._ledger.share_left(share, now)
            return Standing(used, self._plan.most(Span.DAY, share), left, self._detail(share, now))

    def detail(self, now: datetime) -> str:
        """For a person: what it waits for; empty when it waits for nothing."""
        if self._plan == Plan() and self.block is None:
            return ""
        with self._lock:
            self._look_at(now)
            return self._detail(self._share(now), now)

    # With the lock held.

    def _look_at(self, now: datetime) -> None:
        """A clock that was set back makes what is known here worthless: it is loaded anew; so does one that is set
        right after it was behind. First of all whoever asks the ledger, which forgets what is past by the time that it
        is given."""
        if self._asked_at is not None:
            if now < self._asked_at - BACK:
                self._is_stale, self._next_at = True, None
            elif now > self._asked_at + FORWARD and (self._is_behind or not times.is_credible(self._asked_at)):
                self._is_stale = True
        self._asked_at = now

    def _wait_s(self, now: datetime, is_begun: bool) -> float:
        reached = self._ledger.reached(self._share(now), now, (Unit.SMS,) if is_begun else Unit)
        moments = [self._next_at, reached.free_at if reached else None]
        if self._watch.block is not None:
            moments.append(self._watch.block.until)
        return max([0.0, *((moment - now).total_seconds() for moment in moments if moment is not None)])

    def _share(self, now: datetime) -> float:
        """Of its limits: it grows from day to day, not within one."""
        if not self._plan.warm_up_s or self._first_seen is None:
            return 1.0
        return self._plan.share((day_start(now, self._zone) - self._first_seen).total_seconds())

    def _detail(self, share: float, now: datetime) -> str:
        reached, block = self._ledger.reached(share, now), self._watch.block
        if block is not None:
            return standing.blocked(block, now, self._zone)
        if reached is not None:
            return standing.reached(reached, now, self._zone)
        window = self._plan.window(now, self._zone)
        if window is not None:
            return standing.quiet(window)
        return standing.warming(share) if share < 1.0 else ""
