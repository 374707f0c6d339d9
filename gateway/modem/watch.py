"""The look at an open modem: SIM, network, signal, storage, failures; what is shown of it, and when it is given up."""

from __future__ import annotations

import time

from gateway.carrier import Deferred, Outcome, Scope
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import network, pin
from gateway.modem.board import Board
from gateway.modem.chores import Chore
from gateway.modem.network import Registration
from gateway.modem.readiness import NotReady, Setup, restarted
from gateway.modem.session import GsmSession
from gateway.modem.storage import Storage

OPERATOR_EVERY = 10  # looks: the operator's name seldom changes
REGISTRATION_STEP_S = 0.5
LEAST_REGISTRATION_S = 3.0  # `wake`, which comes with every new message, does not cut the wait shorter than this
SEARCH_S = 180.0  # an open modem may be without a network for so long; then something may be done about it
NEARLY_FULL_PERCENT = 80
NEARLY_FULL = _("Storage {name} is nearly full: {used} of {capacity}.")
WRITTEN_THERE = _(
    "Storage {name} is nearly full: {used} of {capacity}, of these {own} were saved by a phone: delete them in a phone."
)
SMS_FAIL = _("Of the last {count} SMS {failures} failed for the modem's own sake.")
COMMANDS_FAIL = _("Of the last {count} questions to the modem {failures} failed.")
# The SIM is not there, fails, or wants a PIN: +CMS and +CME.
SIM_TROUBLE = frozenset({"cms_310", "cms_311", "cms_313", "cms_315", "cms_316", "cme_10", "cme_11", "cme_12", "cme_13"})


class Watch:
    """Of one open modem; the worker's thread only. Raises CarrierLost wherever it asks the modem."""

    def __init__(self, session: GsmSession, setup: Setup, storage: Storage, board: Board, chore: Chore) -> None:
        self._session, self._setup, self._storage, self._board = session, setup, storage, board
        self._chore = chore
        self._looks = 0
        self._has_told = self._tells_unasked = False
        self._searches_since: float | None = None  # time.monotonic()
        self._doubts_sim = False

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
        """SIM, network, signal, and now and then the operator."""
        self._note_registration(network.registration(self._session))
        if self._looks % OPERATOR_EVERY == 0:
            self._board.note(operator=network.operator(self._session))
        self._looks += 1
        self._board.note(signal_dbm=network.signal_dbm(self._session))
        if self._session.temperature.is_hopeless:
            raise CarrierLost(_("The modem fails with everything that it is asked."), Cause.FAULTY)

    def is_registered(self) -> bool:
        """Asks now."""
        told = network.registration(self._session)
        self._note_registration(told)
        return network.is_registered(told.states)

    def learn(self, outcome: Outcome) -> None:
        """What an outcome says of the modem beside the message."""
        self._session.temperature.learn(outcome)
        if isinstance(outcome, Deferred) and outcome.code in SIM_TROUBLE:
            self.doubt_sim()
        elif isinstance(outcome, Deferred) and outcome.scope is Scope.NETWORK:
            self.want()

    def want(self) -> None:
        """Something hints that a look is worth while."""
        self._chore.want()

    def doubt_sim(self) -> None:
        """Something hints that the SIM is not usable any more."""
        self._doubts_sim = True
        self._chore.want()

    def note_storage(self) -> None:
        """How full the fullest storage is."""
        self._board.note(storage_percent=max(self._fill_percents().values(), default=None))

    def _note_registration(self, told: Registration) -> None:
        self._check_settings(told)
        is_registered = network.is_registered(told.states)
        if self._doubts_sim or not is_registered:
            self._check_sim()
        if is_registered:
            self._searches_since = None
            self._board.say("ready", self._warning())
        else:
            self._chore.want()
            self._board.say("searching", network.detail(told.states))
            self._end_search(told)

    def _check_settings(self, told: Registration) -> None:
        """What told of the network unasked and does so no more has begun anew, unseen."""
        has_forgotten = self._tells_unasked and not told.tells_unasked
        if has_forgotten and told.states:
            raise restarted()
        if self._has_told and not told.states:
            self._chore.want()  # it knew the answer before: look again soon
        self._has_told |= bool(told.states)
        self._tells_unasked |= told.tells_unasked

    def _check_sim(self) -> None:
        state = pin.asked_for(self._session)
        if state not in pin.USABLE:
            raise NotReady(_("The SIM asks for {what} while the modem runs.").format(what=state), Cause.LOCKED)
        self._doubts_sim = False

    def _end_search(self, told: Registration) -> None:
        now = time.monotonic()
        self._searches_since = self._searches_since or now
        if now - self._searches_since > SEARCH_S:
            raise NotReady(network.detail(told.states), network.cause(told.states))

    def _fill_percents(self) -> dict[str, int]:
        fills = self._storage.fill.items()
        return {name: round(100 * used / capacity) for name, (used, capacity) in fills if capacity}

    def _warning(self) -> str:
        """What is amiss though it sends."""
        if not self._setup.has_service_centre:
            return _("The SIM has no service centre's number: ask the operator for it and set it in a phone.")
        temperature = self._session.temperature
        for tries, text in ((temperature.sms, SMS_FAIL), (temperature.commands, COMMANDS_FAIL)):
            if tries.is_raised:
                return text.format(count=tries.count, failures=tries.failures)
        for name, percent in self._fill_percents().items():
            if percent >= NEARLY_FULL_PERCENT:
                return self._nearly_full(name)
        return ""

    def _nearly_full(self, name: str) -> str:
        """What came in is deleted once it is stored safely; what somebody wrote there is not ours to delete."""
        used, capacity = self._storage.fill[name]
        own = self._storage.own.get(name, 0)
        text = WRITTEN_THERE if own > used / 2 else NEARLY_FULL
        return text.format(name=name, used=used, capacity=capacity, own=own)
