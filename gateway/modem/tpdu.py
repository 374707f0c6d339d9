"""[pure] The TPDU types that concern us: SUBMIT, DELIVER, STATUS-REPORT (3GPP TS 23.040, 9.2.2).

Each is one frozen class with a layout, the table that both its decoder and its encoder walk. A TPDU is what stands
behind the service centre's address; `pdu` puts both together as modems write them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.modem import user_data as ud
from gateway.modem import validity as vp
from gateway.modem.address import Address, read_address, write_address
from gateway.modem.fields import (
    Cursor,
    Field,
    Flag,
    Layout,
    Values,
    read_layout,
    read_octet,
    write_if_given,
    write_layout,
    write_octet,
)
from gateway.modem.timestamp import read_time_stamp, write_time_stamp
from gateway.modem.user_data import UserData
from gateway.modem.validity import Validity
from gateway.sms.message import Concatenation

# TP-PI, which optional fields of a STATUS-REPORT are there (9.2.3.27)
HAS_PROTOCOL_IDENTIFIER, HAS_DATA_CODING, HAS_USER_DATA, IS_EXTENDED = 0x01, 0x02, 0x04, 0x80


def _submit_bits(values: Values) -> int:
    return ud.header_bit(values["user_data"]) | vp.FORMAT_OF[type(values["validity_period"])]


def _header_bit(values: Values) -> int:
    return ud.header_bit(values["user_data"])


SUBMIT = Layout(
    "SUBMIT",
    0x01,
    (
        Flag("reject_duplicates", 0x04),  # TP-RD
        Flag("status_report_request", 0x20),  # TP-SRR
        Flag("reply_path", 0x80),  # TP-RP
    ),
    (
        Field("message_reference", "TP-MR", read_octet, write_octet),
        Field("recipient", "TP-DA", read_address, write_address),
        Field("protocol_identifier", "TP-PID", read_octet, write_octet),
        Field("data_coding", "TP-DCS", read_octet, write_octet),
        Field("validity_period", "TP-VP", vp.read_validity, write_if_given(vp.write_validity), vp.is_there),
        Field("user_data", "TP-UD", ud.read_user_data, ud.write_user_data),
    ),
    _submit_bits,
)

DELIVER = Layout(
    "DELIVER",
    0x00,
    (
        Flag("more_messages_to_send", 0x04, is_inverted=True),  # TP-MMS
        Flag("is_loop_prevented", 0x08),  # TP-LP
        Flag("status_report_indication", 0x20),  # TP-SRI
        Flag("reply_path", 0x80),  # TP-RP
    ),
    (
        Field("sender", "TP-OA", read_address, write_address),
        Field("protocol_identifier", "TP-PID", read_octet, write_octet),
        Field("data_coding", "TP-DCS", read_octet, write_octet),
        Field("sent_at", "TP-SCTS", read_time_stamp, write_time_stamp),
        Field("user_data", "TP-UD", ud.read_user_data, ud.write_user_data),
    ),
    _header_bit,
)


@dataclass(frozen=True, slots=True)
class Submit:
    """From us to the service centre."""

    recipient: Address = field(repr=False)
    user_data: UserData
    data_coding: int = 0x00  # TP-DCS; `data_coding.understand` tells what it means
    validity_period: Validity | None = None
    message_reference: int = 0  # the modem puts its own there
    protocol_identifier: int = 0x00
    reject_duplicates: bool = False
    status_report_request: bool = False
    reply_path: bool = False

    def encode(self) -> bytes:
        return write_layout(SUBMIT, _values(self))

    @classmethod
    def decode(cls, octets: bytes, start: int = 0) -> Submit:
        return cls(**_read(SUBMIT, octets, start))


@dataclass(frozen=True, slots=True)
class Deliver:
    """An SMS to us, or one part of a long one."""

    sender: Address = field(repr=False)
    user_data: UserData
    sent_at: datetime | None  # the service centre's time stamp, aware; None when odd
    data_coding: int = 0x00
    protocol_identifier: int = 0x00
    more_messages_to_send: bool = False
    is_loop_prevented: bool = False
    status_report_indication: bool = False
    reply_path: bool = False
    smsc: Address | None = None  # not part of the TPDU: `pdu` sets it

    @property
    def text(self) -> str:
        """For people: 8-bit data shows as pairs of hexadecimal digits."""
        return self.user_data.text or self.user_data.data.hex(" ").upper()

    @property
    def concatenation(self) -> Concatenation | None:
        return self.user_data.concatenation

    @property
    def is_damaged(self) -> bool:
        return self.user_data.is_damaged

    def encode(self) -> bytes:
        return write_layout(DELIVER, _values(self))

    @classmethod
    def decode(cls, octets: bytes, start: int = 0) -> Deliver:
        return cls(**_read(DELIVER, octets, start))


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What became of a SUBMIT."""

    message_reference: int  # TP-MR
    recipient: Address = field(repr=False)  # TP-RA
    submitted_at: datetime | None  # TP-SCTS: when the service centre took the SUBMIT; None when odd
    discharged_at: datetime | None  # TP-DT: when the status became so; None when odd
    status: int  # TP-ST; `codes.report_status` tells what it means
    protocol_identifier: int | None = None
    data_coding: int | None = None
    user_data: UserData | None = None
    more_messages_to_send: bool = False
    is_loop_prevented: bool = False
    status_report_qualifier: bool = False  # True: of an SMS-COMMAND, not of a SUBMIT
    smsc: Address | None = None  # not part of the TPDU: `pdu` sets it

    @property
    def is_damaged(self) -> bool:
        return self.user_data is not None and self.user_data.is_damaged

    def encode(self) -> bytes:
        values = _values(self)
        values["parameters"] = _parameters(values)
        return write_layout(STATUS_REPORT, values)

    @classmethod
    def decode(cls, octets: bytes, start: int = 0) -> StatusReport:
        values = _read(STATUS_REPORT, octets, start)
        del values["parameters"]
        return cls(**values)


# A STATUS-REPORT's optional end (9.2.2.3). A report counts for its TP-ST: whatever is wrong behind that is passed over.


def _read_parameters(cursor: Cursor, _label: str, _values: Values) -> int:
    """TP-PI; 0 when the PDU ends before, or when only filling (FF) follows."""
    rest = cursor.rest()
    count = next((count for count, octet in enumerate(rest, start=1) if not octet & IS_EXTENDED), 0)
    cursor.position += count
    return rest[0] if count else 0


def _write_parameters(parameters: int, _values: Values) -> bytes:
    return bytes((parameters,)) if parameters else b""


OPTIONAL = (
    ("protocol_identifier", HAS_PROTOCOL_IDENTIFIER),
    ("data_coding", HAS_DATA_CODING),
    ("user_data", HAS_USER_DATA),
)


def _parameters(values: Values) -> int:
    return sum(bit for attribute, bit in OPTIONAL if values[attribute] is not None)


def _optional(attribute: str, label: str, read: Any, write: Any) -> Field:
    bit = dict(OPTIONAL)[attribute]

    def read_or_pass(cursor: Cursor, label: str, values: Values) -> Any:
        return read(cursor, label, values) if cursor.rest() else None

    return Field(attribute, label, read_or_pass, write_if_given(write), lambda values: values["parameters"] & bit != 0)


STATUS_REPORT = Layout(
    "STATUS-REPORT",
    0x02,
    (
        Flag("more_messages_to_send", 0x04, is_inverted=True),  # TP-MMS
        Flag("is_loop_prevented", 0x08),  # TP-LP
        Flag("status_report_qualifier", 0x20),  # TP-SRQ
    ),
    (
        Field("message_reference", "TP-MR", read_octet, write_octet),
        Field("recipient", "TP-RA", read_address, write_address),
        Field("submitted_at", "TP-SCTS", read_time_stamp, write_time_stamp),
        Field("discharged_at", "TP-DT", read_time_stamp, write_time_stamp),
        Field("status", "TP-ST", read_octet, write_octet),
        Field("parameters", "TP-PI", _read_parameters, _write_parameters),
        _optional("protocol_identifier", "TP-PID", read_octet, write_octet),
        _optional("data_coding", "TP-DCS", read_octet, write_octet),
        _optional("user_data", "TP-UD", ud.read_user_data, ud.write_user_data),
    ),
    _header_bit,
)


def _read(layout: Layout, octets: bytes, start: int) -> dict[str, Any]:
    return read_layout(layout, Cursor(octets, start))


def _values(tpdu: Submit | Deliver | StatusReport) -> dict[str, Any]:
    return {name: getattr(tpdu, name) for name in tpdu.__slots__}
