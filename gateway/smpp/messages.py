"""[pure] The PDUs about SMS and receipts: submit_sm, deliver_sm, data_sm, query_sm, their answers (SMPP 3.4, 4.4-4.8).

submit_sm and deliver_sm have the same layout, in which a deliver_sm leaves times and replacement empty. They are
written and read without a walk over a table of fields: thousands pass in a second.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from gateway.i18n import _
from gateway.smpp import codes, pdu, tlv
from gateway.smpp.fields import NUL, Cursor, Unencodable, c_string, octet, time_string
from gateway.smpp.tlv import Tlvs

LONGEST_MESSAGE = 254  # octets of short_message; more goes into message_payload
LONGEST_ID = 65  # octets of a message_id with its NUL
LONGEST_ADDRESS = 21  # … of an address of submit_sm and deliver_sm
LONGEST_DATA_ADDRESS = 65  # … of data_sm
LONGEST_SERVICE_TYPE = 6

# esm_class, 5.2.12
UDHI = 0x40  # short_message begins with a user data header
MESSAGE_TYPE = 0x3C
RECEIPT_TYPE = 0x04  # an SMSC's delivery receipt
DELIVERY_ACKNOWLEDGEMENT_TYPE, USER_ACKNOWLEDGEMENT_TYPE = 0x08, 0x10  # of another ESME or a person, not of the SMSC
CONVERSATION_ABORT_TYPE = 0x18
INTERMEDIATE_TYPE = 0x20  # an intermediate notification

WITH_RECEIPT = 0x01  # registered_delivery: a receipt for success and failure (5.2.17)


@dataclass(frozen=True, slots=True)
class Address:
    """One address with its type of number and numbering plan (5.2.5-5.2.9)."""

    value: str = field(repr=False)
    ton: int = 0
    npi: int = 0


NOBODY = Address("")


@dataclass(frozen=True, slots=True)
class SubmitSm:
    """One SMS to the SMSC."""

    source: Address
    destination: Address
    short_message: bytes = field(repr=False)
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = WITH_RECEIPT
    validity_period: str = ""
    schedule_delivery_time: str = ""
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    replace_if_present_flag: int = 0
    sm_default_msg_id: int = 0
    tlvs: Tlvs = ()
    is_whole: bool = True  # False: what was read broke off in the text or behind it

    def encode(self, sequence: int) -> bytes:
        """The whole PDU; raises Unencodable."""
        times = self.schedule_delivery_time, self.validity_period
        octets = self.protocol_id, self.priority_flag, self.registered_delivery, self.replace_if_present_flag
        return _submission(codes.SUBMIT_SM, sequence, self, times, octets, self.sm_default_msg_id)

    @classmethod
    def parse(cls, body: bytes) -> SubmitSm:
        """Raises Malformed when it breaks off before the text."""
        (service, source, destination, esm, protocol, priority, schedule, validity, registered, replace, coding, canned,
         text, tlvs, is_whole) = _read(body)  # fmt: skip
        return cls(source, destination, text, coding, esm, registered, validity, schedule, service, protocol, priority,
                   replace, canned, tlvs, is_whole)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeliverSm:
    """An SMS or a receipt from the SMSC."""

    source: Address
    destination: Address
    short_message: bytes = field(repr=False)
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    protocol_id: int = 0
    priority_flag: int = 0
    tlvs: Tlvs = ()
    is_whole: bool = True  # False: what was read broke off in the text or behind it

    def encode(self, sequence: int) -> bytes:
        """The whole PDU; raises Unencodable."""
        octets = self.protocol_id, self.priority_flag, self.registered_delivery, 0
        return _submission(codes.DELIVER_SM, sequence, self, ("", ""), octets, 0)

    @classmethod
    def parse(cls, body: bytes) -> DeliverSm:
        """Raises Malformed when it breaks off before the text."""
        (service, source, destination, esm, protocol, priority, _schedule, _validity, registered, _replace, coding,
         _canned, text, tlvs, is_whole) = _read(body)  # fmt: skip
        return cls(source, destination, text, coding, esm, registered, service, protocol, priority, tlvs, is_whole)


@dataclass(frozen=True, slots=True)
class DataSm:
    """An SMS or a receipt whose text is in message_payload, both ways."""

    source: Address
    destination: Address
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    service_type: str = ""
    tlvs: Tlvs = ()
    is_whole: bool = True  # False: the optional parameters broke off

    @property
    def short_message(self) -> bytes:
        """Never anything: as in a deliver_sm whose text is in message_payload."""
        return b""

    def encode(self, sequence: int) -> bytes:
        """The whole PDU; raises Unencodable."""
        parts = (
            c_string("service_type", self.service_type, LONGEST_SERVICE_TYPE) + NUL,
            _address("source_addr", self.source),
            _address("destination_addr", self.destination),
            bytes((octet("esm_class", self.esm_class), octet("registered_delivery", self.registered_delivery))),
            bytes((octet("data_coding", self.data_coding),)),
            tlv.write(self.tlvs),
        )
        return pdu.framed(codes.DATA_SM, codes.OK, sequence, b"".join(parts))

    @classmethod
    def parse(cls, body: bytes) -> DataSm:
        """Raises Malformed when it breaks off before the optional parameters."""
        cursor = Cursor(body)
        service_type = cursor.take_string("service_type")
        source, destination = _take_address(cursor, "source_addr"), _take_address(cursor, "destination_addr")
        esm_class, registered, coding = cursor.take(3, "esm_class")
        tlvs, is_whole = tlv.read(body, cursor.position)
        return cls(source, destination, coding, esm_class, registered, service_type, tlvs, is_whole)


@dataclass(frozen=True, slots=True)
class MessageId:
    """What submit_sm_resp, deliver_sm_resp and data_sm_resp hold; all of it may be missing."""

    message_id: str = ""
    tlvs: Tlvs = ()

    def encode(self, command: int, sequence: int, status: int = codes.OK) -> bytes:
        """The whole PDU; `command` is the answer's own. Raises Unencodable."""
        body = c_string("message_id", self.message_id, LONGEST_ID) + NUL + tlv.write(self.tlvs)
        return pdu.framed(command, status, sequence, body)

    @classmethod
    def parse(cls, body: bytes) -> MessageId:
        """Never raises: an answer without a message_id, or one without its end, is an answer."""
        message_id, _nul, rest = body.partition(NUL)
        return cls(message_id.decode("latin-1"), tlv.read(rest)[0] if rest else ())


@dataclass(frozen=True, slots=True)
class QuerySm:
    """Asks how a message stands."""

    message_id: str
    source: Address

    def encode(self, sequence: int) -> bytes:
        """The whole PDU; raises Unencodable."""
        body = c_string("message_id", self.message_id, LONGEST_ID) + NUL + _address("source_addr", self.source)
        return pdu.framed(codes.QUERY_SM, codes.OK, sequence, body)

    @classmethod
    def parse(cls, body: bytes) -> QuerySm:
        cursor = Cursor(body)
        return cls(cursor.take_string("message_id"), _take_address(cursor, "source_addr"))


@dataclass(frozen=True, slots=True)
class QuerySmResp:
    """How a message stands: message_state as in receipts, and the network's own error."""

    message_id: str
    final_date: str
    message_state: int
    error_code: int = 0

    def encode(self, sequence: int, status: int = codes.OK) -> bytes:
        """The whole PDU; raises Unencodable."""
        name = c_string("message_id", self.message_id, LONGEST_ID)
        octets = octet("message_state", self.message_state), octet("error_code", self.error_code)
        body = name + NUL + time_string("final_date", self.final_date) + NUL + bytes(octets)
        return pdu.framed(codes.QUERY_SM_RESP, status, sequence, body)

    @classmethod
    def parse(cls, body: bytes) -> QuerySmResp:
        cursor = Cursor(body)
        names = cursor.take_string("message_id"), cursor.take_string("final_date")
        return cls(*names, *cursor.take(2, "message_state"))


# The layout that submit_sm and deliver_sm share (4.4.1 and 4.6.1)

# service_type, source with TON and NPI
FROM = b"%b\0%c%c%b\0"
# destination with TON and NPI, esm_class, protocol_id, priority_flag; both times; registered_delivery,
# replace_if_present_flag, data_coding, sm_default_msg_id, sm_length, short_message
LAYOUT = b"%b%c%c%b\0%c%c%c%b\0%b\0%c%c%c%c%c%b"

Layout = tuple[
    str, Address, Address, int, int, int, str, str, int, int, int, int, bytes, Tlvs, bool
]  # as FROM and LAYOUT, addresses of three fields, without sm_length; then the parameters, and whether all was there


def _submission(
    command: int,
    sequence: int,
    message: SubmitSm | DeliverSm,
    times: tuple[str, str],
    octets: tuple[int, int, int, int],
    canned: int,
) -> bytes:
    protocol_id, priority, registered, replace = octets
    destination, text = message.destination, _text(message.short_message)
    address = c_string("destination_addr", destination.value, LONGEST_ADDRESS)
    at = time_string("schedule_delivery_time", times[0]), time_string("validity_period", times[1])
    try:
        body = LAYOUT % (
            _from(message.service_type, message.source), destination.ton, destination.npi, address, message.esm_class,
            protocol_id, priority, *at, registered, replace, message.data_coding, canned, len(text), text,
        )  # fmt: skip
    except OverflowError:
        raise Unencodable("octet", _("one of its numbers is not 0 to 255")) from None
    return pdu.framed(command, codes.OK, sequence, body + tlv.write(message.tlvs) if message.tlvs else body)


@lru_cache(maxsize=64)
def _from(service_type: str, source: Address) -> bytes:
    """A bind has few senders. Raises OverflowError too."""
    word = c_string("service_type", service_type, LONGEST_SERVICE_TYPE)
    return FROM % (word, source.ton, source.npi, c_string("source_addr", source.value, LONGEST_ADDRESS))


def _text(short_message: bytes) -> bytes:
    if len(short_message) > LONGEST_MESSAGE:
        raise Unencodable("short_message", _("it is longer than {most} octets").format(most=LONGEST_MESSAGE))
    return short_message


def _read(body: bytes) -> Layout:
    cursor = Cursor(body)
    service_type = cursor.take_string("service_type")
    source, destination = _take_address(cursor, "source_addr"), _take_address(cursor, "destination_addr")
    esm_class, protocol_id, priority = cursor.take(3, "esm_class")
    schedule, validity = cursor.take_string("schedule_delivery_time"), cursor.take_string("validity_period")
    registered, replace, coding, canned, length = cursor.take(5, "registered_delivery")
    first = cursor.position
    tlvs, is_whole = tlv.read(body, first + length) if first + length <= len(body) else ((), False)
    return (service_type, source, destination, esm_class, protocol_id, priority, schedule, validity, registered,
            replace, coding, canned, body[first : first + length], tlvs, is_whole)  # fmt: skip


def _take_address(cursor: Cursor, label: str) -> Address:
    ton, npi = cursor.take(2, label)
    return Address(cursor.take_string(label), ton, npi)


def _address(label: str, address: Address) -> bytes:
    octets = octet(f"{label}_ton", address.ton), octet(f"{label}_npi", address.npi)
    return bytes(octets) + c_string(label, address.value, LONGEST_DATA_ADDRESS) + NUL
