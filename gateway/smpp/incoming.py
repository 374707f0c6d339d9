"""[pure] deliver_sm and data_sm -> Incoming (SMPP 3.4, 4.6.1 and 4.7.1).

An SMS that can't be read whole is kept as far as it can, and marked: it is neither lost nor sent to us for ever.
"""

from __future__ import annotations

from gateway.carrier import Incoming
from gateway.smpp import address
from gateway.smpp.coding import Codings
from gateway.smpp.messages import DataSm, DeliverSm
from gateway.smpp.payload import open_payload


def read(message: DeliverSm | DataSm, codings: Codings, fingerprint: str, handle: object = None) -> Incoming:
    """What somebody sent to us. SMPP has no place for the time at which they did."""
    payload = open_payload(message, codings)
    return Incoming(
        sender=address.number_of(message.source),
        text=payload.text,
        sent_at=None,
        concatenation=payload.concatenation,
        fingerprint=fingerprint,
        is_damaged=not payload.is_whole,
        handle=handle,
    )
