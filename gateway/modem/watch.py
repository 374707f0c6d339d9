"""The look at an open modem now and then: SIM, network, signal, storage; what is shown, and when it is given up."""

from __future__ import annotations

import time

from gateway.carrier import Deferred, Outcome, Scope
from gateway.i18n import _
from gateway.modem import network
from gateway.modem.board import Board
from gateway.modem.chores import Chore
from gateway.modem.readiness import NotReady, Setup
from gateway.modem.session import GsmSession
from gateway.modem.storage import Storage

OPERATOR_EVERY = 10  # looks: the operator's name seldom changes
REGISTRATION_STEP_S = 0.5
LEAST_REGISTRATION_S = 3.0  # `wake`, which comes with every new message, does not cut the wait shorter than this
NEARLY_FULL_PERCENT = 80


class Watch:
    """Of one open modem; the worker's thread only. Raises CarrierLost wherever it asks the modem."""

    def __init__(self, session: GsmSession, setup: Setup, storage: Storage, board: Board, chore: Chore) -> None:
        self._session, self._setup, self._storage, self._board = session, setup, storage, board
        self._chore = chore
        self._looks = 0

    def await_registration(self, within_s: float) -> None:
        """Until there is a network. A `wake` ends it early: a daemon that stops need not wait for a network."""
        began_at = time.monotonic()
        told = network.states(self._session)
        if not network.is_registered(told):
            self._board.say("searching", network.detail(told))
            network.search(self._session, told)
        while not network.is_registered(told):
            passed_s = time.monotonic() - began_at
            if passed_s > within_s or (self._session.mail.is_woken and passed_s > LEAST_REGISTRATION_S):
                raise NotReady(network.detail(told), network.cause(told))
            self._session.mail.pause(REGISTRATION_STEP_S)
            told = network.states(self._session)

    def look(self) -> None:
        """Network, signal, and now and then the operator."""
        self._note_registration(network.states(self._session))
        if self._looks % OPERATOR_EVERY == 0:
            self._board.note(operator=network.operator(self._session))
        self._looks += 1
        self._board.note(signal_dbm=network.signal_dbm(self._session))

    def is_registered(self) -> bool:
        """Asks now."""
        told = network.states(self._session)
        self._note_registration(told)
        return network.is_registered(told)

    def learn(self, outcome: Outcome) -> None:
        """What an outcome says of the modem beside the message."""
        if isinstance(outcome, Deferred) and outcome.scope is Scope.NETWORK:
            self._chore.want()

    def note_storage(self) -> None:
        """How full the fullest storage is."""
        self._board.note(storage_percent=max(self._fill_percents().values(), default=None))

    def _note_registration(self, told: list[int]) -> None:
        if network.is_registered(told):
            self._board.say("ready", self._warning())
        else:
            self._chore.want()
            self._board.say("searching", network.detail(told))

    def _fill_percents(self) -> dict[str, int]:
        fills = self._storage.fill.items()
        return {name: round(100 * used / capacity) for name, (used, capacity) in fills if capacity}

    def _warning(self) -> str:
        """What is amiss though it sends."""
        if not self._setup.has_service_centre:
            return _("The SIM has no service centre's number: ask the operator for it and set it in a phone.")
        for name, percent in self._fill_percents().items():
            if percent >= NEARLY_FULL_PERCENT:
                used, capacity = self._storage.fill[name]
                return _("Storage {name} is nearly full: {used} of {capacity}.").format(
                    name=name, used=used, capacity=capacity
                )
        return ""
