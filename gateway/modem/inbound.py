"""[pure] What a modem handed over -> Incoming or Report.

A PDU that can't be decoded becomes a damaged Incoming: it is stored and acknowledged like any other, neither lost nor
read again for ever. The fingerprint names line and PDU, so that a message that is routed and stored as well is known
again.
"""

from __future__ import annotations

import hashlib
import re

from gateway.carrier import Incoming, Report
from gateway.modem import codes, pdu
from gateway.modem.fields import PduError
from gateway.modem.tpdu import Deliver, StatusReport

FINGERPRINT_DIGITS = 32  # 128 bits: no two PDUs share one by chance
NOT_HEX = re.compile(r"[^0-9A-F]")
FILLING = "F"  # a SIM's record is filled up with octets FF (3GPP TS 51.011, 10.5.3)


def decode(text: str, length: int | None, line: str, handle: object) -> Incoming | Report:
    """`text` is the PDU line, `length` the header's octets of the TPDU if it has them, `line` the SIM."""
    fingerprint = fingerprint_of(text, line)
    try:
        value = pdu.decode_incoming(text, tpdu_length=length)
    except PduError:
        return Incoming("", "", None, None, fingerprint, is_damaged=True, handle=handle)
    if isinstance(value, StatusReport):
        return _report(value, fingerprint, handle)
    return _incoming(value, fingerprint, handle)


def fingerprint_of(text: str, line: str) -> str:
    """The same PDU on the same line has the same one, however it was written and wherever it was found."""
    octets = _without_filling(NOT_HEX.sub("", text.upper()))
    return hashlib.sha256(f"{line}:{octets or text}".encode(errors="replace")).hexdigest()[:FINGERPRINT_DIGITS]


def _without_filling(digits: str) -> str:
    """Only whole octets are filling: of an odd run of F the first one belongs to what stands before."""
    bare = digits.rstrip(FILLING)
    return bare + FILLING * ((len(digits) - len(bare)) % 2)


def _incoming(value: Deliver, fingerprint: str, handle: object) -> Incoming:
    return Incoming(
        sender=value.sender.number,
        text=value.text,
        sent_at=value.sent_at,
        concatenation=value.concatenation,
        fingerprint=fingerprint,
        is_damaged=value.is_damaged,
        handle=handle,
    )


def _report(value: StatusReport, fingerprint: str, handle: object) -> Report:
    return Report(
        message_reference=str(value.message_reference),
        recipient=value.recipient.number or None,
        status=codes.report_status(value.status),
        code=codes.status_code(value.status),
        text=codes.status_text(value.status),
        submitted_at=value.submitted_at,
        discharged_at=value.discharged_at,
        fingerprint=fingerprint,
        handle=handle,
    )


HEADER_LENGTH = re.compile(r"(?<!\d)\d{1,9}$")


def length_in(header: str) -> int | None:
    """The octets of the TPDU that a +CMT or +CDS header announces: its last number."""
    match = HEADER_LENGTH.search(header.partition(":")[2].rstrip())
    return int(match[0]) if match else None
