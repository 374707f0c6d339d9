"""A bind as a Carrier: connected, bound, read, kept alive, unbound. One thread, the worker, calls everything but
`wake`, `status` and `close`.

smpplib's client is not used: it loses half PDUs at a timeout, has no window, no timers and no TCP_NODELAY, and breaks
under TLS with two threads (docs/smpp.md).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from gateway.carrier import Answer, CarrierStatus, Inbound, Remedy, Submission
from gateway.clock import utc_now
from gateway.errors import CarrierLost, Cause, GatewayError
from gateway.i18n import _
from gateway.life import Life
from gateway.settings import SmppSettings
from gateway.smpp import codes, requests
from gateway.smpp.commands import Bind
from gateway.smpp.fields import SmppError
from gateway.smpp.pace import Pace
from gateway.smpp.pdu import Pdu
from gateway.smpp.reading import Reader
from gateway.smpp.sender import Sender
from gateway.smpp.session import Session
from gateway.smpp.terms import Terms, encoder
from gateway.smpp.window import Window
from gateway.smpp.wire import Wire, context

JITTER_S = 0.3  # binds that fell together do not all come back in the same moment
FIGURES_S = 0.05  # so old may those be that people are shown


STATES = {
    Cause.UNREACHABLE: Life.SEARCHING,
    Cause.NO_NETWORK: Life.SEARCHING,
    Cause.DENIED: Life.SEARCHING,
    Cause.FORBIDDEN: Life.SEARCHING,
}
log = structlog.get_logger("gateway.smpp")


class SmppCarrier:
    """One configured bind."""

    kind = "smpp"

    def __init__(
        self,
        settings: SmppSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
        wire: Callable[[], Wire] | None = None,
        seed: int | None = None,
    ) -> None:
        self.name = settings.name
        self._settings, self._terms = settings, Terms(settings)
        self._clock, self._now, self._make_wire = clock, now, wire or (lambda: Wire(clock))
        self._chance = random.Random(seed)
        window, pace = Window(settings.window, settings.answer_timeout), Pace(settings.max_per_second)
        self._sender = Sender(window, pace, encoder(self._terms.manner), settings.source or "")
        self._reader = Reader(self._terms.codings)
        self._wire: Wire | None = None
        self._sessions: list[Session] = []
        self._lost: CarrierLost | None = None
        self._line = self._terms.line
        self._status = CarrierStatus(Life.STOPPED, port=self._terms.address, line=self._line)
        self._shown = self._status, 0.0, self._status  # of which status, until when, with its figures

    # What other threads may call.

    def wake(self) -> None:
        wire = self._wire
        if wire:
            wire.wake()

    def status(self) -> CarrierStatus:
        """With figures while it is bound; asked several times for each SMS."""
        own, now = self._status, self._clock()
        if own.state != Life.READY:
            return own
        if self._is_in_doubt(now):
            return replace(
                own, state=Life.RECOVERING, detail=_("The SMSC was asked whether it is there: no answer yet.")
            )
        of, shown_until, shown = self._shown
        if of is not own or now >= shown_until:
            shown = replace(own, detail=self._figures())
            self._shown = own, now + FIGURES_S, shown
        return shown

    # Up and down.

    @property
    def line(self) -> str:
        return self._line

    def open(self) -> None:
        if self._status.state not in (Life.SEARCHING, Life.RECOVERING):
            self._say(Life.STARTING)
        self.close()
        wire = self._wire = self._make_wire()
        try:
            wire.wait(self._chance.random() * JITTER_S if self._status.state == Life.SEARCHING else 0.0)
            for bind in self._terms.binds():
                self._sessions.append(self._bound(wire, bind))
        except CarrierLost as problem:
            self.close()
            self._say(STATES.get(problem.cause, Life.RECOVERING), str(problem))
            raise
        self._lost = None
        self._sender.begin_anew()
        self._reader.bound(self._clock())
        self._status = replace(self._status, state=Life.READY, detail="", operator=self._sessions[0].smsc or None)

    def close(self) -> None:
        """Take leave of the SMSC; what is still in the air is not waited for."""
        wire, sessions = self._wire, self._sessions
        self._wire, self._sessions = None, []
        if wire is None:
            return
        for session in sessions:
            session.unbind(wire)
        wire.close()
        if self._status.state == Life.READY:
            self._say(Life.STOPPED)

    def _bound(self, wire: Wire, bind: Bind) -> Session:
        settings = self._settings
        tls = context(settings.ca_file) if settings.tls else None
        link = wire.connect(settings.host, settings.port, tls, settings.server_name)
        session = Session(self.name, link, bind, settings.enquire_every, self._clock)
        session.bind(wire)
        return session

    # Sending.

    def room(self) -> int:
        now = self._clock()
        may_send = self._lost is None and any(session.may_submit for session in self._sessions)
        return self._sender.room(now) if may_send and not self._is_in_doubt(now) else 0

    def room_in_s(self) -> float:
        return self._sender.wait_s(self._clock())

    def hand_over(self, submissions: Sequence[Submission]) -> None:
        session = self._outgoing()
        self._sender.send(submissions, session.next_sequence, session.link.queue, self._clock())
        session.link.write()

    def drain(self) -> None:
        self._sender.drain()

    def _outgoing(self) -> Session:
        for session in self._sessions:
            if session.may_submit:
                return session
        raise CarrierLost(_("The bind is not open."), Cause.PLANNED)

    # Receiving.

    def receive(self, wait_s: float) -> Sequence[Answer | Inbound]:
        if self._lost is not None or self._wire is None:
            raise self._lost or CarrierLost(_("The bind is not open."), Cause.PLANNED)
        self._catch_up(self._wire)
        came = self._collect()
        if not (came or self._fault):
            self._wire.wait(self._wait_s(wait_s))
            came = self._collect()
        if self._fault:
            came += self._fall(self._fault)
            if not came:
                raise CarrierLost(str(self._lost), Cause.UNREACHABLE)
        return came

    def acknowledge(self, inbound: Inbound) -> None:
        handle = inbound.handle
        if isinstance(handle, requests.Handle) and not handle.session.link.fault:
            handle.session.link.queue(requests.response(handle.request, codes.OK))
            self._reader.acknowledged(handle.request.body, self._clock())

    def _is_in_doubt(self, now: float) -> bool:
        return any(session.may_submit and session.is_in_doubt(now) for session in self._sessions)

    @property
    def _fault(self) -> str:
        """Why one of its links is over."""
        return next((session.link.fault for session in self._sessions if session.link.fault), "")

    def _catch_up(self, wire: Wire) -> None:
        """Held up, by a locked database or a machine that slept, it hears first: an answer that lies here is there."""
        now = self._clock()
        if self._sender.has_overdue(now) or any(session.next_look() <= now for session in self._sessions):
            wire.wait(0.0)

    def _collect(self) -> list[Answer | Inbound]:
        """All that is there now, without waiting."""
        now = self._clock()
        came: list[Answer | Inbound] = []
        for session in self._sessions:
            for each in session.take():
                found = self._understood(session, each, now)
                if found is not None:
                    came.append(found)
            session.keep_alive(now)
        came += self._sender.overdue(now)
        is_there = any(session.may_submit and not session.link.fault for session in self._sessions)
        if is_there and not self._is_in_doubt(now):
            session = self._outgoing()
            self._sender.send_waiting(session.next_sequence, session.link.queue, now)
            session.link.write()
        return came

    def _understood(self, session: Session, each: Pdu, now: float) -> Answer | Inbound | None:
        if each.command in (codes.SUBMIT_SM_RESP, codes.GENERIC_NACK):
            recipient = self._sender.window.recipient_of(each.sequence)
            found = self._sender.answered(each, now)
            self._reader.answered(found, recipient)
            if each.command == codes.GENERIC_NACK:
                log.warning("smpp_nack", carrier=self.name, status=codes.status_name(each.status))
            return found
        return self._read(session, each, now)

    def _read(self, session: Session, request: Pdu, now: float) -> Inbound | None:
        """A receipt or a patient's SMS, to be acknowledged once it is stored."""
        try:
            message = requests.parse(request)
            return self._reader.read(message, request.body, requests.Handle(session, request), now, self._now())
        except SmppError as fault:
            log.warning("smpp_not_understood", carrier=self.name, command=codes.command_name(request.command))
            log.debug("smpp_not_understood", carrier=self.name, reason=str(fault))
            session.link.queue(requests.response(request, requests.REJECTED))
            return None

    def _wait_s(self, wait_s: float) -> float:
        """Until something is due by time alone, at most `wait_s`."""
        now = self._clock()
        moments = [session.next_look() for session in self._sessions]
        due = self._sender.next_look(now, may_send=not self._is_in_doubt(now))
        moments += [] if due is None else [due]
        return max(0.0, min(wait_s, *(moment - now for moment in moments)))

    def _fall(self, fault: str) -> Sequence[Answer]:
        """The link is gone: what was in the air is answered, and the next look says so."""
        text = _("The link to {address} broke: {reason}. It is built up again by itself.")
        self._lost = CarrierLost(text.format(address=self._terms.address, reason=fault), Cause.UNREACHABLE)
        self._say(Life.RECOVERING, str(self._lost))
        written = next((session.link.written for session in self._sessions if session.may_submit), 0)
        until = min((session.link.written_until for session in self._sessions), default=0.0)
        self._reader.fell(self._clock(), until)
        return self._sender.fall(written)

    # How it stands.

    def _say(self, state: Life, detail: str = "") -> None:
        self._status = replace(self._status, state=state, detail=detail)

    def _figures(self) -> str:
        text = self._sender.figures()
        return f"{text}; {self._reader.detail}" if self._reader.detail else text

    # What only modems have.

    @property
    def remedies(self) -> Sequence[Remedy]:
        return ()

    def mend(self, remedy: Remedy) -> None:
        raise CarrierLost(_("A bind cannot be treated so."), Cause.FAULTY)

    def ussd(self, code: str) -> str:
        raise GatewayError(_("{name} is an SMPP bind: only a modem can ask by USSD.").format(name=self.name))
