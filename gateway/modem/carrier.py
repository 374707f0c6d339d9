"""A modem with its SIM as a Carrier: found, opened, treated when it fails, closed; service.py has what lies between.

One thread, the worker, calls everything but `wake`, `status` and `close`. The carrier remembers no messages: what came
in and was not acknowledged is still in the SIM or the network, and comes again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gateway.carrier import CarrierStatus, Inbound, Outcome, Remedy, Submission
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import enquiry, pool, quirks, remedies, replug, startup
from gateway.modem.board import Board
from gateway.modem.pin import NoSim, PinMemory
from gateway.modem.readiness import STATES, Identity
from gateway.modem.service import Service
from gateway.modem.session import GsmSession
from gateway.modem.submit import MODEM_GONE
from gateway.modem.usb import SYSFS
from gateway.modem.vigil import Vigil
from gateway.modem.who import is_silent_sim
from gateway.settings import ModemSettings

SWEEP_S = 60.0  # how often the storages are looked through, whatever the modem tells of by itself
REFRESH_S = 30.0  # an idle line is asked for registration and signal: also its sign of life
REGISTRATION_S = 60.0  # the modem gets so long to find a network, then everything is begun anew

T = TypeVar("T")

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
        sysfs: Path = SYSFS,
    ) -> None:
        self.name = settings.name
        self._settings, self._memory = settings, memory
        self._sweep_s, self._refresh_s = sweep_s, refresh_s
        self._registration_s, self._sysfs = registration_s, sysfs
        self._session: GsmSession | None = None
        self._service: Service | None = None
        self._board = Board(CarrierStatus("stopped", port=settings.port))
        self._line = settings.name
        self._own = quirks.for_modem("", "")
        self._socket: replug.Socket | None = None
        self.on_sim: Callable[[], None] | None = None  # who wants to hear, in any thread, that a missing SIM has come

    # What other threads may call.

    def wake(self) -> None:
        session = self._session
        if session:
            session.mail.wake()

    def status(self) -> CarrierStatus:
        return self._board.status

    def close(self) -> None:
        session, self._session, self._service = self._session, None, None
        if session:
            session.close()
        if self._board.status.state == "ready":
            self._board.say("stopped")

    # The worker's thread.

    @property
    def line(self) -> str:
        return self._line

    def open(self) -> None:
        if self._board.status.state not in LASTING:
            self._board.say("starting")
        try:
            session = self._connected()
            state = self._board.status.state
            self._board.say("starting" if state == "absent" else state, port=session.port)
            self._take_into_service(session)
        except CarrierLost as problem:
            self._fail(self._explained(problem))

    def submit(self, submission: Submission) -> Outcome:
        service = self._service
        return service.submit(submission, self._settings.answer_wait) if service else MODEM_GONE

    def receive(self, wait_s: float) -> Sequence[Inbound]:
        return self._noting_loss(lambda service: service.receive(wait_s))

    def is_there(self) -> bool:
        return self._noting_loss(Service.is_there)

    @property
    def is_silent(self) -> bool:
        return self._service is not None and self._service.is_silent

    def _noting_loss(self, ask: Callable[[Service], T]) -> T:
        try:
            return ask(self._in_service())
        except CarrierLost as problem:
            self._board.say(STATES[problem.cause], str(problem))
            raise

    def acknowledge(self, inbound: Inbound) -> None:
        self._in_service().acknowledge(inbound)

    def ussd(self, code: str) -> str:
        session = self._reached() if self._service else None
        if session is None:
            raise CarrierLost(_("The modem is not open."), Cause.PLANNED)
        return enquiry.ask(session, self._own, code)

    # Opening.

    def _connected(self) -> GsmSession:
        """An open line to the modem, on which nothing is set up."""
        self.close()
        session = self._session = pool.connect(self._settings)
        return session

    def _take_into_service(self, session: GsmSession, left_over: Sequence[Inbound] = ()) -> None:
        setup = startup.start(session, self._pin(), self._memory, lambda told: self._meet(session, told))
        identity = pool.check(self._settings, session.port, setup.identity)
        self._line, self._own = identity.line or self.name, setup.quirks
        self._socket = replug.socket_of(session.port, self._sysfs)
        self._board.note(imei=identity.imei, iccid=identity.iccid, imsi=identity.imsi, line=self._line)
        self._board.note(has_service_centre=setup.has_service_centre)
        self._board.note(model=f"{identity.manufacturer} {identity.model}".strip() or None)
        service = Service(session, setup, self._line, self._board, sweep_s=self._sweep_s, refresh_s=self._refresh_s)
        service.begin(self._registration_s, left_over)
        self._service = service

    def _meet(self, session: GsmSession, told: Identity) -> None:
        """What is shown while it wants its PIN is its own; a SIM that tells no number before is taken for the last."""
        identity, before = pool.meet(self._settings, session.port, told), self._board.status
        if not is_silent_sim(identity, Identity(imei=before.imei)):
            self._board.note(iccid=identity.iccid, imsi=identity.imsi)
        self._board.note(imei=identity.imei)

    def _pin(self) -> str | None:
        secret: Any = self._settings.pin
        return secret.get_secret_value() if secret is not None else None

    def _fail(self, problem: CarrierLost) -> None:
        """Where only a SIM is missing, the line stays open until `close` for who wants to hear of it."""
        session = self._session
        if problem.cause is Cause.LOCKED and session and self.on_sim:
            self._service = None
            session.mail.on_sim = Vigil(self.on_sim, is_missing=isinstance(problem, NoSim)).hear
        else:
            self.close()
        self._board.say(STATES[problem.cause], str(problem))
        self._leave_to_others()
        raise problem

    def _leave_to_others(self) -> None:
        """What another carrier has by now, the device or the SIM, is shown, and treated, there alone."""
        if pool.POOL.roster.has_no_device(self.name):
            self._socket = None
            self._board.note(port=self._settings.port, imei=None, model=None)
            self._board.note(operator=None, signal_dbm=None, storage_percent=None)
        if pool.POOL.roster.has_no_sim(self.name):
            self._board.note(iccid=None, imsi=None, has_service_centre=None)

    def _explained(self, problem: CarrierLost) -> CarrierLost:
        """A stick that restarts may come back as the disk with its drivers, and stay so."""
        if problem.cause is Cause.ABSENT and self._socket and replug.is_disk(self._socket):
            return CarrierLost(_("The modem shows itself as a disk: install the package usb-modeswitch."), Cause.ABSENT)
        return problem

    def _in_service(self) -> Service:
        if self._service is None:
            raise CarrierLost(_("The modem is not open."), Cause.PLANNED)
        return self._service

    # Remedies.

    @property
    def remedies(self) -> Sequence[Remedy]:
        """Nothing can be done to a device that was never met."""
        is_known = self._session is not None or self._board.status.imei is not None
        possible = {
            Remedy.RESYNC: self._is_open,
            Remedy.REINIT: self._is_open,
            Remedy.RADIO: is_known,
            Remedy.REOPEN: True,
            Remedy.RESET: is_known and bool(self._own.reset),
            Remedy.REPLUG: self._socket is not None,
        }
        return tuple(remedy for remedy, is_possible in possible.items() if is_possible)

    def mend(self, remedy: Remedy) -> None:
        if remedy not in self.remedies:
            raise CarrierLost(_("This modem cannot be treated so."), Cause.FAULTY)
        self._board.say("recovering", remedies.DOING[remedy])
        try:
            MENDING[remedy](self)
        except CarrierLost as problem:
            self._fail(problem)

    @property
    def _is_open(self) -> bool:
        session = self._session
        return self._service is not None and session is not None and not session.is_lost

    def _resync(self) -> None:
        session = self._reached()
        session.doubt()
        session.bring_in_step()
        self._in_service().look()

    def _reinit(self) -> None:
        self._take_into_service(self._reached(), self._in_service().take_left_over())

    def _radio(self) -> None:
        was_open = self._is_open
        remedies.switch_radio(self._reached(), self._own)
        if was_open:
            self._reinit()
        else:
            self._reopen()

    def _reopen(self) -> None:
        raise CarrierLost(_("The modem is opened anew."), Cause.PLANNED)

    def _reset(self) -> None:
        session = self._at_hand()
        remedies.restart(session, self._own)
        if self._socket:
            remedies.await_leaving(session.port)
        self._reopen()

    def _replug(self) -> None:
        socket = self._socket
        self.close()
        if socket:
            replug.replug(socket)
        self._reopen()

    def _reached(self) -> GsmSession:
        """The open line; where there is none, one on which nothing is set up."""
        session = self._session
        return session if session and not session.is_lost else self._connected()

    def _at_hand(self) -> GsmSession:
        """The line to the modem that it had last, answering or not, as long as it is in its old socket."""
        try:
            return self._reached()
        except CarrierLost as problem:
            port = self._board.status.port
            if problem.cause is not Cause.SILENT or not port or replug.socket_of(port, self._sysfs) != self._socket:
                raise
        session = self._session = GsmSession(port, self._settings.baudrate)
        session.connect()
        return session


MENDING = {
    Remedy.RESYNC: ModemCarrier._resync,
    Remedy.REINIT: ModemCarrier._reinit,
    Remedy.RADIO: ModemCarrier._radio,
    Remedy.REOPEN: ModemCarrier._reopen,
    Remedy.RESET: ModemCarrier._reset,
    Remedy.REPLUG: ModemCarrier._replug,
}
