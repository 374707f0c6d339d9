"""[pure] What all PDUs are made of: C-octet strings and single octets, and what is wrong with them (SMPP 3.4, 3.1).

Reading takes what is longer than the specification allows, as long as it ends; writing never cuts anything. Characters
stand for octets one by one (ISO 8859-1): what an SMSC writes comes back as the same octets.
"""

from __future__ import annotations

from gateway.errors import GatewayError
from gateway.i18n import _, ngettext

NUL = b"\x00"


class SmppError(GatewayError):
    """A PDU can't be read or written. Carries nothing of the PDU's content."""


class Unencodable(SmppError):
    """A value that a PDU can't carry: too long, or with characters that the field can't have."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field  # the specification's name
        self.reason = reason


class Malformed(SmppError):
    """A PDU whose body is not what its command says."""

    def __init__(self, field: str, octet: int, reason: str) -> None:
        super().__init__(_("{field} at octet {octet}: {reason}").format(field=field, octet=octet, reason=reason))
        self.field = field  # the specification's name
        self.octet = octet  # counted from 0 behind the header
        self.reason = reason


def c_string(field: str, value: str, size: int) -> bytes:
    """The octets of `value` without their NUL; `size` is the field's largest size with it."""
    try:
        octets = value.encode("latin-1")
    except UnicodeEncodeError:
        raise Unencodable(field, _("it has letters that SMPP has no place for")) from None  # the cause has the value
    if len(octets) >= size:
        reason = ngettext(
            "it has {count} character, and {most} is the most", "it has {count} characters, and {most} is the most",
            len(octets),
        )  # fmt: skip
        raise Unencodable(field, reason.format(count=len(octets), most=size - 1))
    if NUL in octets:
        raise Unencodable(field, _("it has a character of value 0"))
    return octets


def time_string(field: str, value: str) -> bytes:
    """Absolute and relative times have exactly 16 characters, or none (7.1.1)."""
    if len(value) not in (0, 16):
        raise Unencodable(field, _("a time has 16 characters"))
    return c_string(field, value, 17)


def octet(field: str, value: int) -> int:
    """`value`, which is 0 to 255."""
    if not 0 <= value <= 0xFF:
        raise Unencodable(field, _("it is {value}, and 0 to 255 is possible").format(value=value))
    return value


class Cursor:
    """Where the reading of a body stands."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.position = 0

    def take_string(self, field: str) -> str:
        """Up to the NUL, which is taken too."""
        end = self.octets.find(NUL, self.position)
        if end < 0:
            raise Malformed(field, self.position, _("its end is missing"))
        taken = self.octets[self.position : end].decode("latin-1")
        self.position = end + 1
        return taken

    def take(self, count: int, field: str) -> bytes:
        """The next `count` octets."""
        end = self.position + count
        if end > len(self.octets):
            raise Malformed(field, len(self.octets), _("the PDU ends here"))
        taken = self.octets[self.position : end]
        self.position = end
        return taken

    def take_octet(self, field: str) -> int:
        return self.take(1, field)[0]

    def rest(self) -> bytes:
        """All that is left, taken."""
        taken = self.octets[self.position :]
        self.position = len(self.octets)
        return taken

    def last_string(self) -> str:
        """The rest up to its NUL; one that is missing costs nothing."""
        return self.rest().partition(NUL)[0].decode("latin-1")
