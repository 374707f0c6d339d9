"""One bind over one link: bound, kept alive, asked and answered, unbound. What it is bound for passes through.

Timers are told the time by the caller, in seconds of a clock that never jumps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import structlog

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.smpp import codes, pdu
from gateway.smpp.commands import Bind, BindResp
from gateway.smpp.fields import SmppError
from gateway.smpp.pdu import Pdu
from gateway.smpp.wire import LET_IN, Link, Wire

BIND_S = 10.0  # until the answer to a bind
UNBIND_S = 2.0  # until the answer to an unbind
ENQUIRE_ANSWER_S = 10.0  # until the answer to enquire_link, at least
DOUBT_S = 1.0  # one that is there has said something by then,
DOUBT_FACTOR = 2.0  # or within so many times as long as it took over its last answer: a slow one is not a dead one

FOR_CARRIER = frozenset({codes.SUBMIT_SM_RESP, codes.DELIVER_SM, codes.DATA_SM, codes.GENERIC_NACK})
SILENT_ABOUT = frozenset({codes.ENQUIRE_LINK_RESP, codes.UNBIND_RESP, codes.ALERT_NOTIFICATION})

log = structlog.get_logger("gateway.smpp")


class Session:
    """Of one link; one thread."""

    def __init__(self, name: str, link: Link, bind: Bind, enquire_s: float, clock: Callable[[], float]) -> None:
        self.link = link
        self.smsc = ""  # the system_id by which the SMSC calls itself
        self._name = name
        self._bind = bind
        self._enquire_s = enquire_s
        self._clock = clock
        self._sequence = pdu.FIRST_SEQUENCE
        self._asked_at = clock()  # by enquire_link
        self._is_waiting = False  # nothing was heard since
        self._answer_s = 0.0  # so long it took when it was asked last
        self._is_unbound = False

    @property
    def may_submit(self) -> bool:
        return self._bind.command in (codes.BIND_TRANSMITTER, codes.BIND_TRANSCEIVER)

    def next_sequence(self) -> int:
        taken, self._sequence = self._sequence, pdu.following(self._sequence)
        return taken

    # Up and down.

    def bind(self, wire: Wire) -> None:
        """Raises CarrierLost with what the SMSC says."""
        sequence = self.next_sequence()
        try:
            self.link.queue(self._bind.encode(sequence))
        except SmppError as fault:
            text = _("This bind's settings can't be sent: {reason}.")
            raise CarrierLost(text.format(reason=fault), Cause.DENIED) from None
        answer = self._answer_to(wire, sequence, BIND_S)
        if answer is None:
            reason = self.link.fault or _("it does not answer the bind")
            text = _("The SMSC does not let us in: {reason}. {advice}")
            raise CarrierLost(text.format(reason=reason, advice=LET_IN), Cause.UNREACHABLE)
        if answer.status != codes.OK:
            cause, text = codes.refused_bind(answer.status)
            raise CarrierLost(text, cause)
        self._welcome(answer)

    def unbind(self, wire: Wire) -> None:
        """Take leave, and wait a little for the answer; what comes meanwhile is not taken, so it comes again."""
        if not (self.link.fault or self._is_unbound):
            sequence = self.next_sequence()
            self.link.queue(pdu.framed(codes.UNBIND, codes.OK, sequence))
            self._answer_to(wire, sequence, UNBIND_S)

    # While it is bound.

    def take(self) -> Iterator[Pdu]:
        """What the carrier has to look at; what is about the link itself is answered here."""
        for each in self.link.pdus():
            if each.command in FOR_CARRIER:
                yield each
            else:
                self._about_link(each)

    def keep_alive(self, now: float) -> None:
        """Ask an SMSC that has been silent for long; one that says nothing then is gone. Whatever it says shows that it
        is there, also that it has more to do than to answer, or does not know the question.
        """
        if self._is_waiting and self.link.heard_at >= self._asked_at:
            self._is_waiting, self._answer_s = False, self.link.heard_at - self._asked_at
        if self._is_waiting:
            if now >= self._enquiry_deadline:
                self.link.fail(_("the SMSC does not answer enquire_link"))
        elif now >= self._enquire_at:
            self._asked_at, self._is_waiting = now, True
            self.link.queue(pdu.framed(codes.ENQUIRE_LINK, codes.OK, self.next_sequence()))

    def next_look(self) -> float:
        """When `keep_alive` has something to do."""
        return self._enquiry_deadline if self._is_waiting else self._enquire_at

    def is_in_doubt(self, now: float) -> bool:
        """Whether it owes a sign of life: what it is given now may be lost on it."""
        is_late = self._is_waiting and now - self._asked_at >= max(DOUBT_S, DOUBT_FACTOR * self._answer_s)
        return is_late and self.link.heard_at < self._asked_at

    def refuse(self, request: Pdu, status: int) -> None:
        """Answer a request that can't be served."""
        self.link.queue(pdu.framed(codes.GENERIC_NACK, status, request.sequence))

    @property
    def _enquire_at(self) -> float:
        return max(self.link.heard_at, self._asked_at) + self._enquire_s

    @property
    def _enquiry_deadline(self) -> float:
        return self._asked_at + max(ENQUIRE_ANSWER_S, self._enquire_s / 3)

    def _about_link(self, request: Pdu) -> None:
        match request.command:
            case codes.ENQUIRE_LINK:
                self.link.queue(pdu.framed(codes.ENQUIRE_LINK_RESP, codes.OK, request.sequence))
            case codes.UNBIND:
                self._is_unbound = True
                self.link.queue(pdu.framed(codes.UNBIND_RESP, codes.OK, request.sequence))
                self.link.write()
                self.link.fail(_("the SMSC ended the bind"))
            case command if command in SILENT_ABOUT:
                return
            case command if request.is_response:
                log.warning("smpp_unexpected", carrier=self._name, command=codes.command_name(command))
            case command:
                log.warning("smpp_unknown_command", carrier=self._name, command=codes.command_name(command))
                self.refuse(request, codes.INVALID_COMMAND)

    def _answer_to(self, wire: Wire, sequence: int, wait_s: float) -> Pdu | None:
        """The answer to our request, or None when it doesn't come; the SMSC may ask something before it."""
        until = self._clock() + wait_s
        while not self.link.fault and self._clock() < until:
            wire.wait(until - self._clock())
            for each in self.link.pdus():
                if each.sequence == sequence and each.is_response:
                    return each
                if each.command not in FOR_CARRIER:
                    self._about_link(each)
        return None

    def _welcome(self, answer: Pdu) -> None:
        try:
            self.smsc = BindResp.parse(answer.body).system_id
        except SmppError:
            self.smsc = ""  # a name only
