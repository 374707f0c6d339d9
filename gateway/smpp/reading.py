"""What comes in over a bind: receipts and patients' SMS, told apart and put into the gateway's own words."""

from __future__ import annotations

import hashlib
from datetime import datetime
from secrets import token_hex

from gateway.carrier import Accepted, Answer, Inbound, LateAnswer
from gateway.smpp import incoming, receipt
from gateway.smpp.arrivals import Arrivals
from gateway.smpp.coding import Codings
from gateway.smpp.ids import Learner
from gateway.smpp.messages import DataSm, DeliverSm
from gateway.smpp.times import Zone


class Reader:
    """Of one bind; outlives its links. `now` is a clock that never jumps, `today` the time of day, aware."""

    def __init__(self, codings: Codings) -> None:
        self._codings = codings
        self._learner = Learner()
        self._zone = Zone()
        self._arrivals = Arrivals(token_hex(8))

    @property
    def detail(self) -> str:
        """What was learnt of the SMSC; empty until something was."""
        return self._learner.words if self._learner.is_sure else ""

    def answered(self, found: Answer | LateAnswer | None, recipient: str) -> None:
        """The SMSC has taken an SMS: its id may come again in a receipt."""
        if found is not None and isinstance(found.outcome, Accepted):
            self._learner.answered(found.outcome.message_reference, recipient)

    def read(self, message: DeliverSm | DataSm, body: bytes, handle: object, now: float, today: datetime) -> Inbound:
        """`body` is the PDU's, by which one that comes again is known."""
        found = receipt.find(message, self._codings)
        if found is None:
            return incoming.read(message, self._codings, self._arrivals.token(body, now), handle)
        if found.done is not None:
            self._zone.came(found.done, today)
        forms = self._learner.receipted(found.message_id, found.recipient or "") if found.message_id else ()
        return receipt.report(found, forms, self._zone, _fingerprint(found), handle)

    def acknowledged(self, body: bytes, now: float) -> None:
        """It was stored, and the SMSC is told so."""
        self._arrivals.answered(body, now)

    def bound(self, now: float) -> None:
        """Over a new link."""
        self._arrivals.bound(now)

    def fell(self, now: float, written_until: float) -> None:
        """The link is gone, which has taken all before `written_until`: the SMSC may not have heard the last of it."""
        self._arrivals.fell(now, written_until)


def _fingerprint(found: receipt.Receipt) -> str:
    """The same receipt twice has the same; no number of a patient is in it."""
    words = (found.message_id, found.recipient or "", found.code, found.done or "", found.is_intermediate)
    return hashlib.sha256(repr(words).encode()).hexdigest()[:32]
