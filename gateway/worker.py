"""One carrier's loop: take in what arrived, claim, submit, record; and open the carrier anew when it was lost.

The only module that knows both a queue and a carrier. What must survive a power cut is committed before the next line
runs: a segment is begun before its bytes leave, its outcome is recorded before the next one begins, and what came in is
stored before it is acknowledged.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import structlog

from gateway.carrier import Accepted, Carrier, CarrierStatus, Deferred, Inbound, Outcome, Scope, Submission, Uncertain
from gateway.clock import REAL, Time
from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.limits import MINUTE, Limits, day_start
from gateway.permission import Gate, Leave, Permission, Sharing
from gateway.queue.db import open_database
from gateway.queue.outbox import IntakeRules, Outbox
from gateway.rest import REOPEN_WAITS_S, Condition, losses_after, step

READY = "ready"  # CarrierStatus.state: it can send
IDLE_WAIT_S = 30.0  # an idle worker is woken by the dispatcher; this is only the net below
HELD_BACK_WAIT_S = 0.5  # while a limit, a rest or a missing network holds the sending back, look again so often
DATABASE_WAIT_S = 1.0  # between tries to write to a database that is locked or full
OPENING_S = 120.0  # the longest that a device may take to be opened: its commands' deadlines, and a network to be found

T = TypeVar("T")
log = structlog.get_logger("gateway.worker")


class Worker:
    """Owns one carrier; `run` is its thread."""

    def __init__(
        self,
        carrier: Carrier,
        database: Path,
        rules: IntakeRules,
        *,
        leave: Leave | None = None,
        gate: Gate | None = None,
        sharing: Sharing | None = None,
        limits: Limits | None = None,
        timezone: ZoneInfo | None = None,
        answer_wait_s: float = 40.0,
        time: Time = REAL,
    ) -> None:
        self.carrier = carrier
        self.limits = limits or Limits()
        self._database = database
        self._rules = rules
        self._timezone = timezone or ZoneInfo("UTC")
        self._time = time
        self._permission = Permission(time, leave, gate, sharing)
        self._stopping = threading.Event()
        self._called = threading.Event()  # ends a wait while the carrier is closed
        self._begun: Submission | None = None  # its bytes have not left yet
        self._is_in_the_air = False
        self._condition = Condition()
        self._trouble = ""  # what its last SMS met, while it fails
        self._moved_at = time.monotonic()
        self._longest_turn_s = IDLE_WAIT_S + answer_wait_s + OPENING_S
        self._thread = threading.Thread(target=self.run, name=f"carrier-{carrier.name}", daemon=True)

    # What other threads call.

    @property
    def moved_at(self) -> float:
        """When its loop last turned, by the monotonic clock."""
        return self._moved_at

    @property
    def longest_turn_s(self) -> float:
        """A loop that has not turned for longer hangs."""
        return self._longest_turn_s

    @property
    def is_able(self) -> bool:
        """Whether it sends what it is given."""
        return self.carrier.status().state == READY

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There may be something to send. With an SMS in the air there is no need: after it the outbox is looked at."""
        if not self._is_in_the_air:
            self.carrier.wake()

    def stop(self) -> None:
        """Finish the SMS in the air, then end; returns at once."""
        self._stopping.set()
        self._called.set()
        self.carrier.wake()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; whether it came within `timeout_s`."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def status(self) -> CarrierStatus:
        """The carrier's own word; of one that is ready and yet fails, what its last SMS met."""
        status, trouble = self.carrier.status(), self._trouble
        return replace(status, detail=trouble) if trouble and status.state == READY and not status.detail else status

    # The thread.

    def run(self) -> None:
        """Serve the carrier until `stop`."""
        losses = 0
        while not self._stopping.is_set():
            opened_at = self._turn()
            self._open_and_serve()
            losses = losses_after(losses, self._time.monotonic() - opened_at)
            self._wait(step(REOPEN_WAITS_S, losses))

    def _turn(self) -> float:
        """The loop moves; when, by the monotonic clock."""
        self._moved_at = self._time.monotonic()
        return self._moved_at

    def _wait(self, wait_s: float) -> None:
        """While the carrier is closed: until the time is over, or somebody calls."""
        self._time.wait(self._called, wait_s)
        self._called.clear()

    def _open_and_serve(self) -> None:
        try:
            with closing(open_database(self._database)) as connection, closing(self.carrier):
                self._connection, self._outbox = connection, Outbox(connection, self._rules)
                try:
                    self._open()
                    self._serve()
                finally:
                    self._put_back()
        except CarrierLost as lost:
            self._say_lost(lost)
        except Exception as fault:  # this loop must survive whatever a device or a disk does
            log.exception("carrier_failed", carrier=self.carrier.name, fault=type(fault).__name__)

    def _open(self) -> None:
        self.carrier.open()
        log.info("carrier_ready", carrier=self.carrier.name)
        if not self._condition.needs_reopening:  # opened anew for that reason, it has to prove itself first
            self._condition = Condition()
            self._permission.rest(0.0)
        if self._permission.leave:
            self._permission.leave.open(self._connection, self.carrier.line, self._time.now())
        self.wake()  # what was due before need not wait for the next bell

    def _say_lost(self, lost: CarrierLost) -> None:
        if not self._stopping.is_set():
            log.warning("carrier_lost", carrier=self.carrier.name, reason=str(lost))

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self._turn()
            self._take_in()
            self._begun = self._claim()
            while self._begun:
                self._send(self._begun)

    def _take_in(self) -> None:
        """Wait for something to come in, or to send."""
        inbound = self.carrier.receive(self._patience_s())
        if inbound:
            self._durably(lambda: self._store(inbound))
            self._acknowledge(inbound)

    def _patience_s(self) -> float:
        wait_s = self._wait_s()
        return min(HELD_BACK_WAIT_S, wait_s) if wait_s else IDLE_WAIT_S

    def _claim(self) -> Submission | None:
        if self._wait_s() or not self._permission.may_begin():
            return None
        if not self._outbox.has_work(self._time.now(), self.carrier.name):
            return None
        return self._durably(self._claim_next)

    def _claim_next(self) -> Submission | None:
        return self._outbox.claim(self.carrier.name, self.carrier.line, self._time.now())

    def _send(self, submission: Submission) -> None:
        """Hand over one segment; one commit for its outcome, for what came in meanwhile, and for the next beginning.

        After silence the outcome is written down first: bringing the line in step again takes time.
        """
        self._begun = None
        self._turn()
        met = self._hand_over(submission)
        outcome = self._permission.after(submission, met)
        is_silent = isinstance(outcome, Uncertain)
        inbound, fault = ((), None) if is_silent else self._receive_at_once()
        self._condition = self._condition.after(outcome)
        self._trouble = "" if isinstance(outcome, Accepted) or self._condition == Condition() else outcome.text
        self._permission.rest(self._condition.rest_s)
        self._begun = self._durably(lambda: self._record(submission.key, outcome, inbound, fault))
        if fault:
            raise fault
        self._acknowledge(inbound)
        if is_silent:
            self.wake()  # once the line is in step the next one goes out
        if self._condition.needs_reopening:
            raise CarrierLost(_("It failed several times in a row; it is opened anew."))

    def _hand_over(self, submission: Submission) -> Outcome:
        self._is_in_the_air = True
        try:
            return self.carrier.submit(submission)
        except Exception as fault:  # bytes may have gone: say so rather than guess
            log.exception("submit_failed", carrier=self.carrier.name, fault=type(fault).__name__)
            return Uncertain("gateway_fault", _("The gateway failed while the SMS was being handed over."))
        finally:
            self._is_in_the_air = False

    def _receive_at_once(self) -> tuple[Sequence[Inbound], Exception | None]:
        """What came in, or why nothing can: neither may keep the outcome from being recorded."""
        try:
            return self.carrier.receive(0.0), None
        except Exception as fault:  # noqa: BLE001 - raised again once the outcome is written down
            return (), fault

    def _record(
        self, key: int, outcome: Outcome, inbound: Sequence[Inbound], fault: Exception | None
    ) -> Submission | None:
        is_well = fault is None and not isinstance(outcome, Uncertain) and not self._condition.needs_reopening
        go_on = is_well and not self._wait_s(unrecorded=1)
        with self._outbox.write():
            following = self._outbox.record(key, outcome, self._time.now(), go_on=go_on)
            self._store(inbound)
            return following or (self._claim_next() if go_on and self._permission.may_begin() else None)

    def _store(self, inbound: Sequence[Inbound]) -> None:
        if inbound:
            self._outbox.store(self.carrier.name, self.carrier.line, inbound, self._time.now())

    def _acknowledge(self, inbound: Sequence[Inbound]) -> None:
        for each in inbound:
            self.carrier.acknowledge(each)

    def _put_back(self) -> None:
        """A segment that was begun, and whose bytes never left, waits for its next turn."""
        begun, self._begun = self._begun, None
        if begun:
            gone = Deferred("carrier_lost", _("The carrier was lost before the SMS was handed over."), Scope.DEVICE)
            self._durably(lambda: self._outbox.record(begun.key, gone, self._time.now()))

    def _wait_s(self, unrecorded: int = 0) -> float:
        """How long until an SMS may go out; 0.0: now. `unrecorded`: just gone, and not counted by the queue yet."""
        is_ready = self.carrier.status().state == READY and not self._stopping.is_set()
        if not is_ready or not self._is_within_limits(unrecorded):
            return HELD_BACK_WAIT_S
        return self._permission.wait_s()

    def _is_within_limits(self, unrecorded: int) -> bool:
        if not self.limits.are_set:
            return True
        now, name = self._time.now(), self.carrier.name
        in_last_minute = self._outbox.submitted_since(name, now - MINUTE) + unrecorded
        today = self._outbox.submitted_since(name, day_start(now, self._timezone)) + unrecorded
        return self.limits.allow(in_last_minute, today)

    def _durably(self, write: Callable[[], T]) -> T:
        """Write to the database, however long it is locked or full: what a carrier said must not be forgotten."""
        while True:
            try:
                return write()
            except sqlite3.OperationalError as fault:
                log.error("database_not_writable", carrier=self.carrier.name, reason=str(fault))
                self._turn()
                if self._time.wait(self._stopping, DATABASE_WAIT_S):
                    raise
