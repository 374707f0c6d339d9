"""[pure] PDUs as they stand in the stream: length, command_id, command_status, sequence_number, body (SMPP 3.4, 3.2).

What a body holds is the matter of `messages` (submit_sm, deliver_sm, data_sm, query_sm) and `commands` (binding and the
like). A stream whose length field makes no sense has no next PDU: the link has to be given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct

from gateway.i18n import _
from gateway.smpp.fields import SmppError

HEADER = Struct(">IIII")
HEADER_OCTETS = HEADER.size
LENGTH = Struct(">I")
LONGEST = 64 << 10  # octets of a whole PDU: 64,000 of message_payload fit, and nobody makes us wait for 2 GB

RESPONSE = 0x80000000  # the bit that makes a command_id that of its answer
FIRST_SEQUENCE, LAST_SEQUENCE = 1, 0x7FFFFFFF


class BadLength(SmppError):
    """command_length is no PDU's: nobody can tell where the next one begins."""

    def __init__(self, length: int) -> None:
        super().__init__(_("The SMSC sent a PDU that says it has {length} octets.").format(length=length))
        self.length = length


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU as it came, its body unread."""

    command: int
    status: int
    sequence: int
    body: bytes = field(default=b"", repr=False)

    @property
    def is_response(self) -> bool:
        return bool(self.command & RESPONSE)


def encode(pdu: Pdu) -> bytes:
    """The PDU's octets."""
    return framed(pdu.command, pdu.status, pdu.sequence, pdu.body)


def framed(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """A whole PDU: those without a body (unbind, enquire_link, generic_nack, …) need no more."""
    return HEADER.pack(HEADER_OCTETS + len(body), command, status, sequence) + body


def following(sequence: int) -> int:
    """The sequence number after this one; they begin anew after 0x7FFFFFFF."""
    return sequence + 1 if sequence < LAST_SEQUENCE else FIRST_SEQUENCE


class Cutter:
    """Cuts whole PDUs from what is read, however small the pieces."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._start = 0  # where the next PDU begins

    def feed(self, octets: bytes) -> Iterator[Pdu]:
        """The PDUs that are whole now; what is not taken from the iterator comes with the next one.

        It raises BadLength after the last sound PDU, and again from then on.
        """
        self._octets += octets
        return iter(self.take, None)

    def take(self) -> Pdu | None:
        """The next PDU, or None until more is fed; raises BadLength."""
        length = self._length()
        if length is None or length > len(self._octets) - self._start:
            self._tidy()
            return None
        start, self._start = self._start, self._start + length
        _length, command, status, sequence = HEADER.unpack_from(self._octets, start)
        return Pdu(command, status, sequence, bytes(self._octets[start + HEADER_OCTETS : self._start]))

    @property
    def pending(self) -> int:
        """Octets of a PDU that is not whole."""
        return len(self._octets) - self._start

    def _length(self) -> int | None:
        """Of the next PDU; known from its first four octets."""
        if len(self._octets) - self._start < LENGTH.size:
            return None
        (length,) = LENGTH.unpack_from(self._octets, self._start)
        if not HEADER_OCTETS <= length <= LONGEST:
            raise BadLength(length)
        return int(length)

    def _tidy(self) -> None:
        del self._octets[: self._start]
        self._start = 0
