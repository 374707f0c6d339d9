"""What passes between one carrier and the queue while the carrier is open.

What must survive a power cut is committed before the next line runs: a segment is begun before its bytes leave, its
outcome is recorded before the next one begins, and what came in is stored before it is acknowledged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

import structlog

from gateway.carrier import Deferred, Inbound, OneByOne, Outcome, Scope, Submission, Uncertain
from gateway.i18n import _
from gateway.life import Life
from gateway.queue.outbox import Outbox
from gateway.worker.permission import Permission
from gateway.worker.pulse import Pulse
from gateway.worker.singly import Write, or_singly
from gateway.worker.treatment import Treatment

IDLE_WAIT_S = 30.0  # an idle worker is woken by the dispatcher; this is only the net below
HELD_BACK_WAIT_S = 0.5  # while it is not ready, look again so often
HESITATION_S = 0.5  # so long a carrier that failed leaves a message to those that are well
DATABASE_WAIT_S = 1.0  # between tries to write to a database that is locked or full

GONE = Deferred(
    "carrier_lost", _("The carrier was lost before the SMS was handed over."), Scope.DEVICE, is_counted=False
)

T = TypeVar("T")
log = structlog.get_logger("gateway.worker")


class Surroundings(NamedTuple):
    """What traffic of either kind goes by, of one carrier."""

    outbox: Outbox
    permission: Permission
    treatment: Treatment
    pulse: Pulse
    look: Callable[[], None]  # whether somebody has called, between two SMS


class Traffic:
    """Of one carrier, over one database connection; its worker's thread uses it."""

    def __init__(self, carrier: OneByOne, around: Surroundings) -> None:
        self._carrier = carrier
        self._outbox, self._permission, self._treatment, self._pulse, self._look = around
        self._time = around.pulse.time
        self._begun: Submission | None = None  # its bytes have not left yet
        self._has_hesitated = False

    def take_in(self) -> None:
        """Wait for something to come in, or to send."""
        inbound = self._carrier.receive(self._patience_s())
        if inbound:
            kept = self._write(partial(self._store, inbound))
            self._acknowledge(kept)
        self.durably(self._permission.keep)

    def send(self) -> None:
        """Send what is due, one after the other."""
        self._begun = self._claim()
        while self._begun:
            self._pulse.is_busy = True
            self._look()
            self._send(self._begun)
        self._pulse.is_busy = False
        if self._treatment.needs_remedy:
            self._treatment.fell_with_sms(self._carrier.remedies)
            self._permission.rest(0.0)

    def finish(self) -> None:
        """Nothing is in the air between two calls."""

    def put_back(self) -> None:
        """A segment that was begun, and whose bytes never left, waits for its next turn."""
        begun, self._begun = self._begun, None
        self._pulse.is_busy = False
        self._permission.withdraw()
        if begun:
            self._write(partial(self._put_back, begun.key))

    def _put_back(self, key: int, *, singly: bool) -> None:
        self._outbox.record_all([(key, GONE)], self._time.now(), singly=singly)

    def _write(self, write: Write[T]) -> T:
        """Durably; a row that refuses costs itself only."""
        return self.durably(lambda: or_singly(write, self._carrier.name))

    def durably(self, write: Callable[[], T]) -> T:
        """Write, whatever the database is like just now."""
        return durably(write, self._carrier.name, self._pulse)

    def _patience_s(self) -> float:
        if self._treatment.is_pending:
            return min(HELD_BACK_WAIT_S, self._treatment.wait_s())
        begun_s, wait_s = self._wait_s(is_begun=True), self._wait_s()
        if wait_s or not self._permission.may_begin() or not self._permission.takes:
            self._permission.withdraw()
        else:
            self._permission.offer()
        return min(IDLE_WAIT_S, begun_s or wait_s or self._permission.way_s or IDLE_WAIT_S)

    def _wait_s(self, *, is_begun: bool = False) -> float:
        """How long until an SMS may go out; 0.0: now. `is_begun`: one of a message that is out in part."""
        is_ready = self._carrier.status().state == Life.READY and not self._treatment.is_pending
        if not is_ready or self._pulse.is_stopping:
            return HELD_BACK_WAIT_S
        return self._permission.wait_s(is_begun=is_begun)

    def _claim(self) -> Submission | None:
        if self._wait_s(is_begun=True) or not self._permission.may_begin():
            return None
        if not self._outbox.has_work(self._time.now(), self._carrier.name, self._permission.openings):
            self._permission.found_nothing()
            return None
        if self._hesitates():
            return None
        self._permission.give_way()
        if not self._carrier.is_there():
            self._permission.withdraw()
            self._carrier.wake()  # it is called at once, and takes the message if it answers before another one has it
            return None
        submission = self._write(self._claim_next)
        if submission:
            self._permission.withdraw()
        elif not self._permission.way_s:
            self._permission.found_nothing()
        return submission

    def _hesitates(self) -> bool:
        """The next SMS of a carrier that failed may be lost to it: a well one that is free takes it first."""
        self._has_hesitated = self._treatment.owes_sms and not self._has_hesitated
        if self._has_hesitated:
            self._permission.rest(HESITATION_S)
        return self._has_hesitated

    def _claim_next(self, *, singly: bool) -> Submission | None:
        terms = self._permission.terms()
        return self._outbox.claim(
            self._carrier.name,
            self._carrier.line,
            self._time.now(),
            room=terms.room,
            least_rank=terms.least_rank,
            least_shared=terms.least_shared,
            openings=terms.openings,
            singly=singly,
        )

    def _send(self, submission: Submission) -> None:
        """Hand over one segment; one commit for its outcome, for what came in meanwhile, and for the next beginning.

        After silence the outcome is written down first, so that another carrier may have the message: bringing the line
        in step again takes time. So nothing is begun either.
        """
        self._begun = None
        self._pulse.beat()
        self._permission.begins()
        met, fault = self._hand_over(submission)
        inbound: Sequence[Inbound] = ()
        if not self._is_silent_after(met):
            inbound, fault = self._receive_at_once()
        is_silent = self._is_silent_after(met)
        self._permission.rest(self._treatment.after(met))
        outcome = self._permission.after(submission, met)
        go_on = not (is_silent or fault)
        self._begun, kept = self._write(partial(self._record, submission.key, outcome, inbound, go_on=go_on))
        if fault:
            raise fault
        self._acknowledge(kept)
        if is_silent:
            self._carrier.wake()  # once the line is in step the next one goes out

    def _is_silent_after(self, met: Outcome) -> bool:
        return isinstance(met, Uncertain) or self._carrier.is_silent

    def _hand_over(self, submission: Submission) -> tuple[Outcome, Exception | None]:
        """What came of it; a fault of our own is raised once that is written down."""
        self._pulse.is_in_the_air = True
        try:
            return self._carrier.submit(submission), None
        except Exception as fault:  # noqa: BLE001 - bytes may have gone: say so rather than guess
            return Uncertain("gateway_fault", _("The gateway failed while the SMS was being handed over.")), fault
        finally:
            self._pulse.is_in_the_air = False

    def _receive_at_once(self) -> tuple[Sequence[Inbound], Exception | None]:
        """What came in, or why nothing can: neither may keep the outcome from being recorded."""
        try:
            return self._carrier.receive(0.0), None
        except Exception as fault:  # noqa: BLE001 - raised again once the outcome is written down
            return (), fault

    def _record(
        self, key: int, outcome: Outcome, inbound: Sequence[Inbound], *, go_on: bool, singly: bool
    ) -> tuple[Submission | None, Sequence[Inbound]]:
        """In one commit; the segment that is begun, and what may be acknowledged."""
        go_on = go_on and not self._treatment.needs_remedy and not self._wait_s(is_begun=True)
        with self._outbox.write():
            following = self._outbox.record_all([(key, outcome)], self._time.now(), go_on=go_on, singly=singly)
            kept = self._store(inbound, singly=singly)
            if not following and go_on and self._permission.may_begin():
                return self._claim_next(singly=singly), kept
            return next(iter(following), None), kept

    def _store(self, inbound: Sequence[Inbound], *, singly: bool) -> Sequence[Inbound]:
        if not inbound:
            return inbound
        return self._outbox.store(self._carrier.name, self._carrier.line, inbound, self._time.now(), singly=singly)

    def _acknowledge(self, inbound: Sequence[Inbound]) -> None:
        self._permission.notice(inbound)
        for each in inbound:
            self._carrier.acknowledge(each)


def durably(write: Callable[[], T], carrier: str, pulse: Pulse) -> T:
    """Write to the database, however long it is locked or full: what a carrier said must not be forgotten."""
    while True:
        try:
            return write()
        except sqlite3.OperationalError as fault:
            log.error("database_not_writable", carrier=carrier, reason=str(fault))
            if pulse.wait_for_stop(DATABASE_WAIT_S):
                raise
