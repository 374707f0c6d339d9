"""[pure] What is sent: a message is cut into segments, one SMS each (3GPP TS 23.040, 9.2.3.24.1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

from gateway.errors import GatewayError


class TextRefused(GatewayError):
    """The text can't be sent as it is; `str()` is one sentence for a person."""

    code: ClassVar[str]  # stable machine word, for outbox.error_code


class Alphabet(Enum):
    """How a text is written into user data (3GPP TS 23.038)."""

    GSM7 = "gsm7"  # the GSM 7-bit default alphabet with its extension table
    UCS2 = "ucs2"  # UTF-16BE code units


@dataclass(frozen=True, slots=True)
class Concatenation:
    """Which part of which long message a segment is."""

    reference: int  # 0-255, or 0-65535 when `is_wide`
    total: int  # 1-255
    number: int  # 1-total
    is_wide: bool = False  # 16-bit reference (IE 08) instead of 8-bit (IE 00)


@dataclass(frozen=True, slots=True)
class Segment:
    """One SMS's share of a message."""

    text: str = field(repr=False)
    alphabet: Alphabet
    concatenation: Concatenation | None = None  # None: the message is this one SMS
