"""What the SMSC asks of a bind: to take a receipt or a patient's SMS (SMPP 3.4, 4.6 and 4.7), and our answer to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gateway.smpp import codes
from gateway.smpp.messages import DataSm, DeliverSm, MessageId
from gateway.smpp.pdu import Pdu
from gateway.smpp.session import Session

REJECTED = 0x66  # ESME_RX_R_APPN: what can't be read is not sent again
PARSERS: dict[int, Callable[[bytes], DeliverSm | DataSm]] = {
    codes.DELIVER_SM: DeliverSm.parse,
    codes.DATA_SM: DataSm.parse,
}


@dataclass(frozen=True, slots=True)
class Handle:
    """What is to be acknowledged: a request over a session."""

    session: Session
    request: Pdu


def parse(request: Pdu) -> DeliverSm | DataSm:
    """Raises SmppError."""
    return PARSERS[request.command](request.body)


def response(request: Pdu, status: int) -> bytes:
    command = codes.DELIVER_SM_RESP if request.command == codes.DELIVER_SM else codes.DATA_SM_RESP
    return MessageId().encode(command, request.sequence, status)
