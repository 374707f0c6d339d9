"""[pure] How a TPDU is read and written: a layout is a table of fields, and decoder and encoder walk the same table.

Here are the cursor, the walk and the decode error. What the fields are stands in `tpdu`, how each kind of value is
coded in `address`, `timestamp`, `validity`, `data_coding` and `user_data` (3GPP TS 23.040, 9.2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.errors import GatewayError
from gateway.i18n import _

MESSAGE_TYPE = 0x03  # TP-MTI, the two low bits of every first octet (9.2.3.1)
HAS_HEADER = 0x40  # TP-UDHI (9.2.3.23)


class PduError(GatewayError):
    """A PDU can't be read or written. Says where; carries nothing of the PDU's content."""

    def __init__(self, field: str, octet: int, reason: str) -> None:
        super().__init__(_("{field} at octet {octet}: {reason}").format(field=field, octet=octet, reason=reason))
        self.field = field  # the standard's name: TP-OA
        self.octet = octet  # counted from 0, over all octets that were given; 0 when writing
        self.reason = reason


class Cursor:
    """Where the reading of some octets stands."""

    def __init__(self, octets: bytes, position: int = 0) -> None:
        self.octets = octets
        self.position = position

    def take(self, count: int, field: str) -> bytes:
        """The next `count` octets; raises PduError when there are fewer."""
        end = self.position + count
        if end > len(self.octets):
            raise PduError(field, len(self.octets), _("the PDU ends here"))
        taken = self.octets[self.position : end]
        self.position = end
        return taken

    def take_octet(self, field: str) -> int:
        return self.take(1, field)[0]

    def rest(self) -> bytes:
        """All that is left, without taking it."""
        return self.octets[self.position :]


Values = Mapping[str, Any]  # the fields read so far, by attribute; also "first_octet"


def always(_values: Values) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a layout: which attribute holds it, how it is read and how it is written."""

    attribute: str
    label: str  # the standard's name
    read: Callable[[Cursor, str, Values], Any]
    write: Callable[[Any, Values], bytes]
    is_there: Callable[[Values], bool] = always  # asked when reading; what isn't there is None


@dataclass(frozen=True, slots=True)
class Flag:
    """One bit of the first octet."""

    attribute: str
    mask: int
    is_inverted: bool = False  # TP-MMS: 0 says that more messages wait


@dataclass(frozen=True, slots=True)
class Layout:
    """One TPDU type: its TP-MTI, the flags of its first octet, and the fields that follow."""

    label: str
    message_type: int
    flags: tuple[Flag, ...]
    fields: tuple[Field, ...]
    derived_bits: Callable[[Values], int]  # TP-UDHI and TP-VPF follow from the values


def read_layout(layout: Layout, cursor: Cursor) -> dict[str, Any]:
    """The attributes of the TPDU that starts at `cursor`; raises PduError."""
    first_octet = cursor.take_octet("TP-MTI")
    values: dict[str, Any] = {"first_octet": first_octet}
    for flag in layout.flags:
        values[flag.attribute] = bool(first_octet & flag.mask) != flag.is_inverted
    for field in layout.fields:
        values[field.attribute] = field.read(cursor, field.label, values) if field.is_there(values) else None
    del values["first_octet"]
    return values


def write_layout(layout: Layout, values: Values) -> bytes:
    """The octets of a TPDU with these attributes; raises PduError for what can't be written."""
    first_octet = layout.message_type | layout.derived_bits(values)
    for flag in layout.flags:
        first_octet |= flag.mask if bool(values[flag.attribute]) != flag.is_inverted else 0
    written = [field.write(values[field.attribute], values) for field in layout.fields]
    return bytes((first_octet,)) + b"".join(written)


def read_octet(cursor: Cursor, label: str, _values: Values) -> int:
    return cursor.take_octet(label)


def write_octet(value: int, _values: Values) -> bytes:
    return bytes((value,))


def write_if_given(write: Callable[[Any, Values], bytes]) -> Callable[[Any, Values], bytes]:
    """The writer of an optional field: None is no octet at all."""

    def write_given(value: Any, values: Values) -> bytes:
        return b"" if value is None else write(value, values)

    return write_given
