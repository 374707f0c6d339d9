"""[pure] TP-DCS: what one octet says of the user data's alphabet, class and purpose (3GPP TS 23.038, 4).

Reserved values read as the 7-bit default alphabet, as the standard asks. Texts that prove an octet wrong are
`modem/user_data`'s matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

GSM7_OCTET = 0x00  # what we send
UCS2_OCTET = 0x08


class Coding(Enum):
    """How the user data is written."""

    GSM7 = "gsm7"
    EIGHT_BIT = "8bit"
    UCS2 = "ucs2"


class MessageWaiting(Enum):
    """What waits for the receiver elsewhere (message waiting indication)."""

    VOICE = 0
    FAX = 1
    MAIL = 2
    OTHER = 3


CODINGS = (Coding.GSM7, Coding.EIGHT_BIT, Coding.UCS2, Coding.GSM7)  # bits 3 and 2; the fourth is reserved


@dataclass(frozen=True, slots=True)
class DataCoding:
    """One TP-DCS octet, understood."""

    coding: Coding = Coding.GSM7
    message_class: int | None = None  # 0 is shown at once and not kept ("flash"), 1 device, 2 SIM, 3 terminal
    is_compressed: bool = False  # by TS 23.042
    is_to_be_deleted: bool = False  # marked for automatic deletion once read
    waiting: MessageWaiting | None = None
    is_waiting: bool = False  # the indication is switched on; off: nothing waits any more
    is_text_kept: bool = True  # False: the message only carries the indication and may be discarded


def understand(octet: int) -> DataCoding:
    """Any octet has a meaning."""
    return _GROUPS[octet >> 4](octet)


def _general(octet: int) -> DataCoding:
    """Bits: x x is_compressed has_class, alphabet, class."""
    return DataCoding(
        coding=CODINGS[octet >> 2 & 0x03],
        message_class=octet & 0x03 if octet & 0x10 else None,
        is_compressed=bool(octet & 0x20),
        is_to_be_deleted=bool(octet & 0x40),
    )


def _reserved(_octet: int) -> DataCoding:
    return DataCoding()


def _waiting(octet: int) -> DataCoding:
    """Groups C (the text may be discarded), D (kept) and E (kept, UCS-2)."""
    return DataCoding(
        coding=Coding.UCS2 if octet >> 4 == 0x0E else Coding.GSM7,
        waiting=MessageWaiting(octet & 0x03),
        is_waiting=bool(octet & 0x08),
        is_text_kept=octet >> 4 != 0x0C,
    )


def _data_or_class(octet: int) -> DataCoding:
    """Group F: bit 2 says 8-bit data, bits 1 and 0 the class; bit 3 is reserved."""
    return DataCoding(coding=Coding.EIGHT_BIT if octet & 0x04 else Coding.GSM7, message_class=octet & 0x03)


_GROUPS = (
    *(_general,) * 4,  # 0-3: general
    *(_general,) * 4,  # 4-7: marked for automatic deletion
    *(_reserved,) * 4,  # 8-B
    *(_waiting,) * 3,  # C, D, E: message waiting
    _data_or_class,  # F
)


def may_be_ucs2(octet: int) -> bool:
    """F8 to FB: 7-bit by the letter, but some networks mean UCS-2 as in group 1, reading bit 3."""
    return octet & 0xFC == 0xF8
