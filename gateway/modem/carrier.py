"""A modem with its SIM as a Carrier: opens, submits, receives, acknowledges.

One thread, the worker, calls everything but `wake`, `status` and `close`. The carrier remembers no messages: what came
in and was not acknowledged is still in the SIM or the network, and comes again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.carrier import Accepted, CarrierStatus, Deferred, Inbound, Outcome, Refused, Scope, Submission
from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.modem import network, pdu, pool, startup
from gateway.modem.chores import Chore
from gateway.modem.fields import PduError
from gateway.modem.pin import PinMemory
from gateway.modem.readiness import NotReady
from gateway.modem.receiver import Receiver
from gateway.modem.session import GsmSession
from gateway.modem.submit import MODEM_GONE, late_answer, submit
from gateway.settings import ModemSettings

SWEEP_S = 60.0  # how often the storages are looked through, whatever the modem tells of by itself
BLIND_SWEEP_S = 10.0  # the same for modems that tell of nothing
REFRESH_S = 30.0  # an idle line is asked for registration and signal: also its sign of life
LEAST_REFRESH_S = 3.0  # some modems tell of their registration many times a second
LEAST_S = 1.0  # between two sweeps, whatever asks for one
BUSY_FACTOR = 5.0  # while SMS wait to go out, these chores wait so many times as long
OPERATOR_EVERY = 10  # refreshes: the operator's name seldom changes
REGISTRATION_S = 60.0  # the modem gets so long to find a network, then everything is begun anew
REGISTRATION_STEP_S = 0.5
LEAST_REGISTRATION_S = 3.0  # `wake`, which comes with every new message, does not cut the wait shorter than this
NEARLY_FULL = 0.8
STORAGE_IS_FULL = frozenset({"cms_208", "cms_211", "cms_322", "cme_20"})

NOT_REGISTERED = "not_registered"
# Shown until a new try has got beyond it.
LASTING = frozenset({"absent", "recovering", "needs_pin", "searching", "failed"})


class ModemCarrier:
    """One configured modem."""

    kind = "modem"

    def __init__(
        self,
        settings: ModemSettings,
        memory: PinMemory,
        *,
        sweep_s: float = SWEEP_S,
        refresh_s: float = REFRESH_S,
        registration_s: float = REGISTRATION_S,
    ) -> None:
        self.name = settings.name
        self._settings, self._memory = settings, memory
        self._sweep_s, self._refresh_s = sweep_s, refresh_s
        self._registration_s = registration_s
        self._session: GsmSession | None = None
        self._status = CarrierStatus("stopped", port=settings.port)
        self._line = settings.name
        self._last_reference: str | None = None

    # What other threads may call.

    def wake(self) -> None:
        session = self._session
        if session:
            session.mail.wake()

    def status(self) -> CarrierStatus:
        return self._status

    def close(self) -> None:
        session, self._session = self._session, None
        if session:
            session.close()
        if self._status.state == "ready":
            self._say("stopped")

    # The worker's thread.

    @property
    def line(self) -> str:
        return self._line

    def open(self) -> None:
        if self._status.state not in LASTING:
            self._say("starting")
        try:
            self._bring_up()
        except NotReady as problem:
            self._fail(problem.state, problem)
        except CarrierLost as problem:
            self._fail("absent" if self._session is None else "recovering", problem)

    def submit(self, submission: Submission) -> Outcome:
        try:
            session = self._opened()
            if self._status.state != "ready" and not self._is_registered(session):
                return Deferred(NOT_REGISTERED, self._status.detail or network.NO_NETWORK, Scope.NETWORK)
        except CarrierLost:
            return MODEM_GONE
        try:
            encoded = pdu.encode_submit(submission)
        except PduError as problem:
            return Refused("invalid_recipient", _("No SMS can be made of it: {reason}.").format(reason=problem.reason))
        outcome = submit(session, encoded, submission.key, self._settings.answer_wait)
        self._learn(outcome)
        return self._with_own_reference(outcome)

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        try:
            return self._received(self._opened(), wait_s)
        except CarrierLost as problem:
            self._say("recovering", str(problem))
            raise

    def acknowledge(self, inbound: Inbound) -> None:
        self._opened()
        self._receiver.acknowledge(inbound.handle)

    # Opening.

    def _bring_up(self) -> None:
        session = self._session = pool.connect(self._settings)
        self._say("starting" if self._status.state == "absent" else self._status.state, port=session.port)
        setup = startup.start(session, self._pin(), self._memory)
        identity = setup.identity
        pool.check(self._settings, session.port, identity)
        self._say(self._status.state, imei=identity.imei, iccid=identity.iccid, imsi=identity.imsi)
        self._line = identity.line or self.name
        self._setup = setup
        self._sweep = Chore(min(self._sweep_s, math.inf if setup.notifications else BLIND_SWEEP_S), LEAST_S)
        self._refresh = Chore(self._refresh_s, min(LEAST_REFRESH_S, self._refresh_s))
        self._receiver = Receiver(session, setup, self._line, self._sweep, self._refresh)
        self._watches_echo = startup.check_echo(session)
        self._echoes, self._refreshes = session.echoes, 0
        self._await_registration(session)
        self._look_at_network(session)
        self._refresh.begin(time.monotonic())
        self._receiver.forget_noise()

    def _pin(self) -> str | None:
        secret: Any = self._settings.pin
        return secret.get_secret_value() if secret is not None else None

    def _await_registration(self, session: GsmSession) -> None:
        """Until there is a network. A `wake` ends it early: a daemon that stops need not wait for a network."""
        began_at = time.monotonic()
        told = network.states(session)
        if not network.is_registered(told):
            self._say("searching", network.detail(told))
            network.search(session, told)
        while not network.is_registered(told):
            passed_s = time.monotonic() - began_at
            if passed_s > self._registration_s or (session.mail.is_woken and passed_s > LEAST_REGISTRATION_S):
                raise NotReady("searching", network.detail(told))
            session.mail.pause(REGISTRATION_STEP_S)
            told = network.states(session)

    def _fail(self, state: str, problem: CarrierLost) -> None:
        self.close()
        self._say(state, str(problem))
        raise problem

    def _opened(self) -> GsmSession:
        if self._session is None:
            raise CarrierLost(_("The modem is not open."))
        return self._session

    # Submitting.

    def _learn(self, outcome: Outcome) -> None:
        """What an outcome says of the modem beside the message."""
        if isinstance(outcome, Deferred):
            self._refresh.is_wanted |= outcome.scope is Scope.NETWORK
            self._sweep.is_wanted |= outcome.code in STORAGE_IS_FULL

    def _with_own_reference(self, outcome: Outcome) -> Outcome:
        """A modem that gives the same reference twice in a row gives none at all; some always say 0."""
        if not isinstance(outcome, Accepted):
            return outcome
        before, self._last_reference = self._last_reference, outcome.message_reference
        return Accepted("") if outcome.message_reference == before else outcome

    def _is_registered(self, session: GsmSession) -> bool:
        told = network.states(session)
        self._note_registration(told)
        return network.is_registered(told)

    # Receiving.

    def _collect(self, session: GsmSession) -> Sequence[Inbound]:
        if session.is_dirty:
            session.bring_in_step()
        for late in session.mail.take_late_submits():
            self._receiver.put(late_answer(late))
        if self._watches_echo and session.echoes > self._echoes:
            self._receiver.note_restart()
        found = self._receiver.collect()
        if self._receiver.lost:
            self._say("recovering", str(self._receiver.lost))
        return found

    def _received(self, session: GsmSession, wait_s: float) -> Sequence[Inbound]:
        until = time.monotonic() + wait_s
        while True:
            found = self._collect(session) or self._found_by_chores(session, 1.0 if wait_s > 0 else BUSY_FACTOR)
            left_s = until - time.monotonic()
            if found or left_s <= 0:
                return found
            if session.mail.wait(min(left_s, self._next_due_at() - time.monotonic())):
                return self._collect(session)

    def _found_by_chores(self, session: GsmSession, factor: float) -> Sequence[Inbound]:
        now = time.monotonic()
        if self._sweep.is_due(now, factor):
            self._sweep.begin(now)
            self._receiver.sweep()
            self._receiver.renew_notifications()
        if self._refresh.is_due(now, factor):
            self._refresh.begin(now)
            self._look_at_network(session)
        return self._receiver.taken()

    def _next_due_at(self) -> float:
        return min(self._sweep.due_at(), self._refresh.due_at(), self._receiver.next_due_at())

    def _look_at_network(self, session: GsmSession) -> None:
        self._note_registration(network.states(session))
        operator = network.operator(session) if self._refreshes % OPERATOR_EVERY == 0 else self._status.operator
        self._refreshes += 1
        self._say(self._status.state, operator=operator, signal_dbm=network.signal_dbm(session))

    # Status.

    def _note_registration(self, told: list[int]) -> None:
        if network.is_registered(told):
            self._say("ready", self._warning())
        else:
            self._refresh.want()
            self._say("searching", network.detail(told))

    def _warning(self) -> str:
        """What is amiss though it sends."""
        if not self._setup.has_service_centre:
            return _("The SIM has no service centre's number: ask the operator for it and set it in a phone.")
        for name, (used, capacity) in self._receiver.storage.fill.items():
            if capacity and used >= capacity * NEARLY_FULL:
                return _("Storage {name} is nearly full: {used} of {capacity}.").format(
                    name=name, used=used, capacity=capacity
                )
        return ""

    def _say(self, state: str, detail: str | None = None, **facts: Any) -> None:
        shown = self._status.detail if detail is None and state == self._status.state else detail or ""
        self._status = replace(self._status, state=state, detail=shown, **facts)
