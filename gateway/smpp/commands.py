"""[pure] The PDUs that are about the link: bind and its answers, outbind, alert_notification (SMPP 3.4, 4.1 and 4.12).

unbind, enquire_link, their answers and generic_nack have no body: `pdu.framed` writes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.smpp import codes, pdu, tlv
from gateway.smpp.fields import NUL, Cursor, c_string, octet
from gateway.smpp.tlv import Tlvs

VERSION = 0x34  # interface_version
SIZES = {"system_id": 16, "password": 65, "system_type": 13, "address_range": 41, "addr": 65}  # with their NUL
LONGEST_PASSWORD = 8  # characters by 5.2.2; aggregators give longer ones, and an SMSC that cuts or refuses it says so


@dataclass(frozen=True, slots=True)
class Bind:
    """bind_transmitter, bind_receiver and bind_transceiver: `command` says which."""

    command: int  # codes.BIND_TRANSMITTER, codes.BIND_RECEIVER or codes.BIND_TRANSCEIVER
    system_id: str
    password: str = field(repr=False)
    system_type: str = ""
    interface_version: int = VERSION
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = field(default="", repr=False)

    def encode(self, sequence: int) -> bytes:
        parts = (
            _string("system_id", self.system_id),
            _string("password", self.password),
            _string("system_type", self.system_type),
            _octets(interface_version=self.interface_version, addr_ton=self.addr_ton, addr_npi=self.addr_npi),
            _string("address_range", self.address_range),
        )
        return pdu.framed(self.command, codes.OK, sequence, b"".join(parts))

    @classmethod
    def parse(cls, command: int, body: bytes) -> Bind:
        cursor = Cursor(body)
        names = [cursor.take_string(each) for each in ("system_id", "password", "system_type")]
        version, ton, npi = (cursor.take_octet(each) for each in ("interface_version", "addr_ton", "addr_npi"))
        system_id, password, system_type = names
        address_range = cursor.take_string("address_range")
        return cls(command, system_id, password, system_type, version, ton, npi, address_range)


@dataclass(frozen=True, slots=True)
class BindResp:
    """The answer to a bind. A refusal often has no body at all."""

    system_id: str = ""
    tlvs: Tlvs = ()

    def encode(self, command: int, sequence: int, status: int = codes.OK) -> bytes:
        """`command` is the bind's; its answer has the response bit."""
        body = _string("system_id", self.system_id) + tlv.write(self.tlvs)
        return pdu.framed(command | pdu.RESPONSE, status, sequence, body)

    @classmethod
    def parse(cls, body: bytes) -> BindResp:
        system_id, _nul, rest = body.partition(NUL)
        return cls(system_id.decode("latin-1"), tlv.read(rest)[0])

    @property
    def interface_version(self) -> int | None:
        """What the SMSC says that it speaks; None: 3.3, or it doesn't say."""
        return tlv.integer(self.tlvs, tlv.SC_INTERFACE_VERSION)


@dataclass(frozen=True, slots=True)
class Outbind:
    """The SMSC asks us to bind."""

    system_id: str
    password: str = field(repr=False)

    def encode(self, sequence: int) -> bytes:
        body = _string("system_id", self.system_id) + _string("password", self.password)
        return pdu.framed(codes.OUTBIND, codes.OK, sequence, body)

    @classmethod
    def parse(cls, body: bytes) -> Outbind:
        cursor = Cursor(body)
        return cls(cursor.take_string("system_id"), cursor.take_string("password"))


@dataclass(frozen=True, slots=True)
class AlertNotification:
    """A phone that could not be reached is there again; it is not answered."""

    source_ton: int
    source_npi: int
    source: str = field(repr=False)
    esme_ton: int = 0
    esme_npi: int = 0
    esme: str = field(default="", repr=False)
    tlvs: Tlvs = ()

    def encode(self, sequence: int) -> bytes:
        parts = (
            _octets(source_addr_ton=self.source_ton, source_addr_npi=self.source_npi),
            c_string("source_addr", self.source, SIZES["addr"]) + NUL,
            _octets(esme_addr_ton=self.esme_ton, esme_addr_npi=self.esme_npi),
            c_string("esme_addr", self.esme, SIZES["addr"]) + NUL,
            tlv.write(self.tlvs),
        )
        return pdu.framed(codes.ALERT_NOTIFICATION, codes.OK, sequence, b"".join(parts))

    @classmethod
    def parse(cls, body: bytes) -> AlertNotification:
        cursor = Cursor(body)
        source_ton, source_npi = cursor.take(2, "source_addr_ton")
        source = cursor.take_string("source_addr")
        esme_ton, esme_npi = cursor.take(2, "esme_addr_ton")
        esme = cursor.take_string("esme_addr")
        return cls(source_ton, source_npi, source, esme_ton, esme_npi, esme, tlv.read(cursor.rest())[0])


def _string(field: str, value: str) -> bytes:
    return c_string(field, value, SIZES[field]) + NUL


def _octets(**fields: int) -> bytes:
    return bytes([octet(name, value) for name, value in fields.items()])
