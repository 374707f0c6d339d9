"""[pure] SMPP 3.4 as an SMSC reads and writes it, strictly, with the fake's own code: the gateway's is what it checks.

Nothing is forgiven: a string without its end, a field that is too long, octets left over are `BadPdu`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

HEADER = struct.Struct(">IIII")
RESPONSE = 0x80000000
GENERIC_NACK = 0x80000000
BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER = 0x01, 0x02, 0x09
SUBMIT_SM, DELIVER_SM, UNBIND, OUTBIND, ENQUIRE_LINK, DATA_SM = 0x04, 0x05, 0x06, 0x0B, 0x15, 0x103
BINDS = (BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER)
KNOWN = (*BINDS, SUBMIT_SM, UNBIND, ENQUIRE_LINK)
ANSWERS = (RESPONSE | DELIVER_SM, RESPONSE | DATA_SM, RESPONSE | ENQUIRE_LINK, RESPONSE | UNBIND, GENERIC_NACK)

OK, INVALID_LENGTH, INVALID_COMMAND, ALREADY_BOUND, WRONG_BIND_STATE = 0x00, 0x02, 0x03, 0x05, 0x04
SYSTEM_ERROR, QUEUE_FULL, BIND_FAILED, BAD_PASSWORD, BAD_SYSTEM_ID, THROTTLED = 0x08, 0x14, 0x0D, 0x0E, 0x0F, 0x58

SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F
MESSAGE_PAYLOAD, RECEIPTED_ID, MESSAGE_STATE, NETWORK_ERROR = 0x0424, 0x001E, 0x0427, 0x0423
UDHI = 0x40
MOST_OCTETS = 254  # of short_message


class BadPdu(ValueError):
    """What a client sent is not SMPP 3.4: which field, and why."""


@dataclass(frozen=True, slots=True)
class Bind:
    """bind_transmitter, bind_receiver, bind_transceiver (4.1)."""

    system_id: str
    password: str = field(repr=False)
    system_type: str
    version: int
    ton: int
    npi: int
    address_range: str


@dataclass(frozen=True, slots=True)
class Submit:
    """submit_sm (4.4.1)."""

    service_type: str
    source: tuple[int, int, str]  # TON, NPI, address
    dest: tuple[int, int, str]
    esm_class: int
    protocol_id: int
    priority: int
    schedule: str
    validity: str
    registered: int
    replaces: int
    data_coding: int
    octets: bytes  # short_message, or message_payload
    tlvs: dict[int, bytes]


class _Reader:
    def __init__(self, body: bytes) -> None:
        self.body, self.at = body, 0

    def octet(self, name: str) -> int:
        return self.take(name, 1)[0]

    def take(self, name: str, count: int) -> bytes:
        taken = self.body[self.at : self.at + count]
        if len(taken) < count:
            raise BadPdu(f"{name}: cut short at octet {len(self.body)}")
        self.at += count
        return taken

    def text(self, name: str, longest: int) -> str:
        """A C-octet string; `longest` counts its end."""
        end = self.body.find(b"\0", self.at)
        if end < 0:
            raise BadPdu(f"{name}: has no end")
        octets, self.at = self.body[self.at : end], end + 1
        if len(octets) + 1 > longest:
            raise BadPdu(f"{name}: {len(octets)} octets are too long")
        return octets.decode("ascii")

    def address(self, name: str) -> tuple[int, int, str]:
        return self.octet(f"{name}_ton"), self.octet(f"{name}_npi"), self.text(name, 21)

    def tlvs(self) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        while self.at < len(self.body):
            tag, length = struct.unpack(">HH", self.take("tlv", 4))
            if tag in found:
                raise BadPdu(f"tlv {tag:#06x}: is there twice")
            found[tag] = self.take(f"tlv {tag:#06x}", length)
        return found


def read_bind(body: bytes) -> Bind:
    """Raises BadPdu."""
    reader = _Reader(body)
    bind = Bind(
        reader.text("system_id", 16),
        reader.text("password", 65),  # 9 by 5.2.2; aggregators take more
        reader.text("system_type", 13),
        reader.octet("interface_version"),
        reader.octet("addr_ton"),
        reader.octet("addr_npi"),
        reader.text("address_range", 41),
    )
    if reader.tlvs():
        raise BadPdu("a bind has no optional parameters")
    return bind


def read_submit(body: bytes) -> Submit:
    """Raises BadPdu."""
    reader = _Reader(body)
    service, source, dest = reader.text("service_type", 6), reader.address("source"), reader.address("destination")
    esm_class, protocol, priority = (reader.octet(name) for name in ("esm_class", "protocol_id", "priority_flag"))
    schedule, validity = reader.text("schedule_delivery_time", 17), reader.text("validity_period", 17)
    registered, replaces, coding, default = (
        reader.octet(name) for name in ("registered_delivery", "replace_if_present", "data_coding", "sm_default_msg_id")
    )
    octets = reader.take("short_message", reader.octet("sm_length"))
    tlvs = reader.tlvs()
    _check(schedule, validity, default, octets, tlvs)
    octets = tlvs.get(MESSAGE_PAYLOAD, octets)
    times = (schedule, validity)
    return Submit(
        service, source, dest, esm_class, protocol, priority, *times, registered, replaces, coding, octets, tlvs
    )


def _check(schedule: str, validity: str, default: int, octets: bytes, tlvs: dict[int, bytes]) -> None:
    for name, time in (("schedule_delivery_time", schedule), ("validity_period", validity)):
        if time and (len(time) != 16 or not time[:15].isdigit() or time[15] not in "+-R"):
            raise BadPdu(f"{name}: {time!r} is not a time")
    if default:
        raise BadPdu("sm_default_msg_id: is not 0")
    if len(octets) > MOST_OCTETS:
        raise BadPdu("short_message: is longer than 254 octets")
    if octets and MESSAGE_PAYLOAD in tlvs:
        raise BadPdu("short_message and message_payload are both there")


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """One whole PDU."""
    return HEADER.pack(16 + len(body), command, status, sequence) + body


def tlv(tag: int, value: bytes) -> bytes:
    return struct.pack(">HH", tag, len(value)) + value


def deliver_body(
    source: str,
    dest: str,
    octets: bytes,
    *,
    esm_class: int = 0,
    data_coding: int = 0,
    tlvs: bytes = b"",
    source_ton: int = 1,
) -> bytes:
    """The body of a deliver_sm (4.6.1)."""
    return b"".join(
        (
            b"\0",
            bytes((source_ton, 1)), source.encode("ascii"), b"\0",
            bytes((1, 1)), dest.encode("ascii"), b"\0",
            bytes((esm_class, 0, 0)), b"\0", b"\0", bytes((0, 0, data_coding, 0, len(octets))), octets, tlvs,
        )
    )  # fmt: skip


def cut(buffer: bytearray) -> list[tuple[int, int, int, bytes]]:
    """Whole PDUs at the head of the buffer, taken off it: command, status, sequence, body. Raises BadPdu."""
    whole, at = [], 0
    while len(buffer) - at >= HEADER.size:
        length, command, status, sequence = HEADER.unpack_from(buffer, at)
        if not HEADER.size <= length <= 70_000:
            raise BadPdu(f"command_length: {length}")
        if len(buffer) - at < length:
            break
        whole.append((command, status, sequence, bytes(buffer[at + 16 : at + length])))
        at += length
    del buffer[:at]
    return whole
