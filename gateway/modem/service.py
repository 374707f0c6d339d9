"""One modem in service: its line is open and set up. It submits, receives, acknowledges, and is looked after.

The worker's thread only. Everything but `submit` raises CarrierLost when the modem is gone, or of no use any more.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from gateway.carrier import Accepted, Deferred, Inbound, Outcome, Refused, Scope, Submission
from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.modem import network, pdu, startup
from gateway.modem.board import Board
from gateway.modem.chores import Chore
from gateway.modem.fields import PduError
from gateway.modem.readiness import Setup
from gateway.modem.receiver import Receiver
from gateway.modem.session import GsmSession
from gateway.modem.storage import Storage
from gateway.modem.submit import MODEM_GONE, late_answer, submit
from gateway.modem.watch import Watch

BLIND_SWEEP_S = 10.0  # how often the storages of modems that tell of nothing are looked through
LEAST_REFRESH_S = 3.0  # some modems tell of their registration many times a second
LEAST_S = 1.0  # between two sweeps, whatever asks for one
BUSY_FACTOR = 5.0  # while SMS wait to go out, these chores wait so many times as long
STORAGE_IS_FULL = frozenset({"cms_208", "cms_211", "cms_322", "cme_20"})

NOT_REGISTERED = "not_registered"
CALLED = _("The modem does not answer; it is being called.")
RESTARTED = Deferred("modem_restarted", _("The modem had restarted by itself, and refused the SMS."), Scope.DEVICE)


class Service:
    """From the end of start-up until the line is closed, or set up anew."""

    def __init__(
        self, session: GsmSession, setup: Setup, line: str, board: Board, *, sweep_s: float, refresh_s: float
    ) -> None:
        self._session, self._board = session, board
        self._sweep = Chore(min(sweep_s, math.inf if setup.notifications else BLIND_SWEEP_S), LEAST_S)
        self._refresh = Chore(refresh_s, min(LEAST_REFRESH_S, refresh_s))
        storage = Storage(session, setup.storages)
        self._watch = Watch(session, setup, storage, board, self._refresh)
        self._receiver = Receiver(session, setup, line, storage, self._sweep, self._watch)
        self._last_reference: str | None = None
        self._before: str | None = None  # what was shown before it was silent
        session.mail.on_silence = self._note_silence

    def begin(self, registration_s: float, left_over: Sequence[Inbound] = ()) -> None:
        """Wait for a network; `left_over`: what came in before, and nobody has taken yet."""
        for found in left_over:
            self._receiver.put_left_over(found)
        self._watches_echo = startup.check_echo(self._session)
        self._echoes = self._session.echoes
        self._session.has_no_echo = self._watches_echo
        self._watch.await_registration(registration_s)
        self.look()
        self._receiver.forget_noise()

    # Whether it answers.

    @property
    def is_silent(self) -> bool:
        """Whether what it was told last had no answer; the next `receive` calls it until it answers or is lost."""
        return self._session.is_dirty

    def is_there(self) -> bool:
        """Whether it answers, before a message is given to it: a message that a silent one has is kept from others."""
        return self._session.is_there() or self._note_silence()

    def _note_silence(self) -> bool:
        """It is not ready: what may go by another carrier shall not wait for it."""
        self._refresh.want()
        if self._board.status.state == "ready":
            self._before = self._board.status.detail
            self._board.say("recovering", CALLED)
        return False

    def _note_answer(self) -> None:
        """It is what it was; a look will soon say more."""
        before, self._before = self._before, None
        if before is not None:
            self._board.say("ready", before)

    # Sending.

    def submit(self, submission: Submission, answer_wait_s: float) -> Outcome:
        try:
            if self._board.status.state != "ready" and not self._watch.is_registered():
                return Deferred(NOT_REGISTERED, self._board.status.detail or network.NO_NETWORK, Scope.NETWORK)
        except CarrierLost:
            return MODEM_GONE
        try:
            encoded = pdu.encode_submit(submission)
        except PduError as problem:
            return Refused("invalid_recipient", _("No SMS can be made of it: {reason}.").format(reason=problem.reason))
        outcome = self._as_restarted(submit(self._session, encoded, submission.key, answer_wait_s))
        if self.is_silent:
            self._note_silence()
        self._learn(outcome)
        return self._with_own_reference(outcome)

    def _as_restarted(self, outcome: Outcome) -> Outcome:
        """A modem that has lost its settings refuses whatever it is given: that says nothing of this SMS."""
        return RESTARTED if isinstance(outcome, Refused) and self._has_restarted else outcome

    @property
    def _has_restarted(self) -> bool:
        return self._watches_echo and self._session.echoes > self._echoes

    def _learn(self, outcome: Outcome) -> None:
        self._watch.learn(outcome)
        self._sweep.is_wanted |= isinstance(outcome, Deferred) and outcome.code in STORAGE_IS_FULL

    def _with_own_reference(self, outcome: Outcome) -> Outcome:
        """A modem that gives the same reference twice in a row gives none at all; some always say 0."""
        if not isinstance(outcome, Accepted):
            return outcome
        before, self._last_reference = self._last_reference, outcome.message_reference
        return Accepted("") if outcome.message_reference == before else outcome

    # Receiving.

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        until = time.monotonic() + wait_s
        while True:
            found = self._collect() or self._found_by_chores(1.0 if wait_s > 0 else BUSY_FACTOR)
            left_s = until - time.monotonic()
            if found or left_s <= 0:
                return found
            if self.is_silent:
                continue
            if self._session.mail.wait(min(left_s, self._next_due_at() - time.monotonic())):
                return self._collect()

    def acknowledge(self, inbound: Inbound) -> None:
        self._receiver.acknowledge(inbound.handle)

    def take_left_over(self) -> Sequence[Inbound]:
        """What came in and was not given by `receive` yet."""
        return self._receiver.taken()

    def _collect(self) -> Sequence[Inbound]:
        if self._session.is_dirty:
            self._session.bring_in_step()
        for late in self._session.mail.take_late_submits():
            self._receiver.put(late_answer(late))
        if self._has_restarted:
            self._receiver.note_restart()
        found = self._receiver.collect()
        if self._receiver.lost:
            self._board.say("recovering", str(self._receiver.lost))
        else:
            self._note_answer()
        return found

    # Chores.

    def look(self) -> None:
        """At the network, the signal and the rest, now."""
        self._refresh.begin(time.monotonic())
        self._watch.look()

    def _found_by_chores(self, factor: float) -> Sequence[Inbound]:
        """Each of them is several commands: a modem that hangs is found out by less."""
        now = time.monotonic()
        is_sweep_due, is_look_due = self._sweep.is_due(now, factor), self._refresh.is_due(now, factor)
        if (is_sweep_due or is_look_due) and self.is_there():
            if is_sweep_due:
                self._look_through_storages(now)
            if is_look_due:
                self.look()
        return self._receiver.taken()

    def _look_through_storages(self, now: float) -> None:
        self._sweep.begin(now)
        self._receiver.sweep()
        self._receiver.renew_notifications()
        self._watch.note_storage()

    def _next_due_at(self) -> float:
        return min(self._sweep.due_at(), self._refresh.due_at(), self._receiver.next_due_at())
