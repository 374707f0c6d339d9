"""[pure] What a modem says unasked: a line's beginning -> its kind, and whether a PDU follows (3GPP TS 27.005, 3.4.1).

The table names what the gateway acts on. Everything else that has the shape of a result code but not the name of the
pending command (`^RSSI: 20`, `+WIND: 4`) is noise and belongs to no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum


class Kind(Enum):
    """What an unsolicited line is about."""

    DELIVER = "deliver"  # an SMS, routed to us: its PDU follows
    REPORT = "report"  # a status report, routed to us: its PDU follows
    BROADCAST = "broadcast"  # a cell broadcast: its PDU follows; dropped
    STORED_DELIVER = "stored_deliver"  # an SMS waits in a storage at an index
    STORED_REPORT = "stored_report"  # a status report waits in a storage at an index
    REGISTRATION = "registration"  # the network came or went
    USSD = "ussd"  # the network's answer to a code, or its own message
    SIM = "sim"  # the SIM came, went, or wants its PIN
    MEMORY_FULL = "memory_full"  # no SMS comes in until some are read and deleted
    RESTARTED = "restarted"  # the modem began anew and forgot its settings
    NOISE = "noise"  # nothing for us


HAS_PDU = frozenset({Kind.DELIVER, Kind.REPORT, Kind.BROADCAST})

PREFIXES = (
    ("+CMT:", Kind.DELIVER),
    ("+CDS:", Kind.REPORT),
    ("+CBM:", Kind.BROADCAST),
    ("+CMTI:", Kind.STORED_DELIVER),
    ("+CDSI:", Kind.STORED_REPORT),
    ("+CBMI:", Kind.NOISE),
    ("+CREG:", Kind.REGISTRATION),
    ("+CGREG:", Kind.REGISTRATION),
    ("+CEREG:", Kind.REGISTRATION),
    ("+CUSD:", Kind.USSD),
    ("+CPIN:", Kind.SIM),  # SIMCom, Quectel: NOT READY, NOT INSERTED
    ("^SIMST:", Kind.SIM),  # Huawei
    ("+QSIMSTAT:", Kind.SIM),  # Quectel
    ("#QSS:", Kind.SIM),  # Telit
    ("^SMMEMFULL", Kind.MEMORY_FULL),  # Huawei
    ("^SYSSTART", Kind.RESTARTED),  # Cinterion
    ("MODEM:STARTUP", Kind.RESTARTED),  # Neoway M590
)

STARTS = tuple(prefix for prefix, _kind in PREFIXES)  # asked at once: most lines have none of them

# Whole lines without the shape of a result code.
WORDS = {
    "RDY": Kind.RESTARTED,  # SIMCom, Quectel
    "RING": Kind.NOISE,
    "CALL READY": Kind.NOISE,
    "SMS READY": Kind.NOISE,
    "SMS DONE": Kind.NOISE,
    "PB DONE": Kind.NOISE,
    "NORMAL POWER DOWN": Kind.NOISE,
}

NEVER_UNASKED = "+CMGS:"  # the answer to a PDU, perhaps a late one
SHAPE = re.compile(r"[+^*$%#&][A-Z][A-Z0-9_]*:")  # a result code with information text, the makers' own too
# An answer about registration begins with two numbers, mode and state; unasked the state comes alone or with cells.
UNASKED_REGISTRATION = re.compile(r"\+C(?:G|E)?REG:\s*\d+\s*(?:$|,\s*\")")
# A stray quote, or noise before its line end, does not spoil a PDU.
HEX_LINE = re.compile(r"([0-9A-Fa-f]{4,})\"?\s*(?:[\^+].*)?$")


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """One unsolicited event: the header line and, where one follows, the PDU in hexadecimal."""

    kind: Kind
    line: str = field(repr=False)
    pdu: str = field(default="", repr=False)


def kind_of(line: str, own_prefix: str | None) -> Kind | None:
    """The kind of an unsolicited line, None for a line of an answer. `own_prefix`: the pending command's (`+CREG`)."""
    if line.startswith(NEVER_UNASKED):
        return None
    if own_prefix and line.startswith(own_prefix + ":") and not UNASKED_REGISTRATION.match(line):
        return None
    if line.startswith(STARTS):
        return next(kind for prefix, kind in PREFIXES if line.startswith(prefix))
    return WORDS.get(line.upper()) or _shaped(line, own_prefix)


def _shaped(line: str, own_prefix: str | None) -> Kind | None:
    is_own = own_prefix is not None and line.startswith(own_prefix)
    return Kind.NOISE if SHAPE.match(line) and not is_own else None


def pdu_in(line: str) -> str | None:
    """The PDU of a line that follows a header; None when the line is something else that came between."""
    match = HEX_LINE.match(line)
    return match[1] if match else None


STORED_AT = re.compile(r"\+C(?:MT|DS)I:\s*\"?([A-Z]{2})\"?\s*,\s*(\d{1,9})(?!\d)")


def stored_at(line: str) -> tuple[str, int] | None:
    """(storage, index) of a +CMTI or +CDSI line; index 0 exists (Huawei)."""
    match = STORED_AT.match(line)
    return (match[1], int(match[2])) if match else None
