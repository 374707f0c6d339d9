"""[pure] data_coding <-> text (SMPP 3.4, 5.2.19; 3GPP TS 23.038, 4).

What a number means is the operator's choice as much as the specification's: each bind has its own table, `Codings`.
Nothing is ever replaced by something similar: a text that no coding of the bind can carry is refused. Reading keeps
what can be kept, and says when it is not all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from gateway.i18n import _
from gateway.smpp.fields import Unencodable
from gateway.sms import alphabet, data_coding, national, septets
from gateway.sms.message import Alphabet, Segment, TextRefused
from gateway.sms.repertoire import is_short_enough
from gateway.sms.user_data_header import Element


class Coding(Enum):
    """How a text is written; the values are the words of the configuration."""

    GSM = "gsm"  # GSM 7-bit, one septet an octet: what most SMSCs mean by 0
    GSM_PACKED = "gsm_packed"  # GSM 7-bit, eight septets in seven octets
    ASCII = "ascii"
    LATIN1 = "latin1"
    UCS2 = "ucs2"  # UTF-16BE
    UTF8 = "utf8"
    CYRILLIC = "iso8859_5"
    HEBREW = "iso8859_8"
    JAPANESE = "shift_jis"
    MUSIC = "iso2022_jp"
    KOREAN = "euc_kr"
    BINARY = "binary"  # no text


# 5.2.19; 9 (pictograms) and 13 (JIS X 0212) have no common reading. What is not here is read as TS 23.038 says.
STANDARD: Mapping[int, Coding] = MappingProxyType(
    {
        0: Coding.GSM,  # "SMSC default alphabet"
        1: Coding.ASCII,
        2: Coding.BINARY,
        3: Coding.LATIN1,
        4: Coding.BINARY,
        5: Coding.JAPANESE,
        6: Coding.CYRILLIC,
        7: Coding.HEBREW,
        8: Coding.UCS2,
        9: Coding.BINARY,
        10: Coding.MUSIC,
        13: Coding.BINARY,
        14: Coding.KOREAN,
    }
)
SENDING: Mapping[int, Coding] = MappingProxyType({0: Coding.GSM, 8: Coding.UCS2})  # when a bind says nothing
OF_DCS = {  # 3GPP TS 23.038: the other numbers are as in a phone's SMS
    data_coding.Coding.GSM7: Coding.GSM,
    data_coding.Coding.EIGHT_BIT: Coding.BINARY,
    data_coding.Coding.UCS2: Coding.UCS2,
}

CARRIAGE_RETURN = 0x0D  # fills seven spare bits, which would read as an "@" (TS 23.038, 6.1.2.3.1)
FILLING = (b"\x00", b"\x0d")
REPLACEMENT = "\ufffd"
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Text:
    """What was read."""

    text: str = field(repr=False)
    is_whole: bool  # every octet was understood


# Writing


def write(coding: Coding, text: str, header_octets: int = 0) -> bytes | None:
    """The octets of `text` behind a user data header of so many octets; None when this coding lacks a character."""
    try:
        return _writer(coding)(text, header_octets)
    except (UnicodeError, TextRefused):
        return None


def _writer(coding: Coding) -> Callable[[str, int], bytes]:
    if coding is Coding.GSM:
        return lambda text, _octets: alphabet.to_septets(text)
    if coding is Coding.GSM_PACKED:
        return _write_packed
    python = PYTHONS[coding]
    if coding in INEXACT:
        return lambda text, _octets: _write_exactly(text, python)
    return lambda text, _octets: text.encode(python)


def _write_exactly(text: str, python: str) -> bytes:
    octets = text.encode(python)
    if octets.decode(python) != text:
        raise UnicodeError
    return octets


def _write_packed(text: str, header_octets: int) -> bytes:
    """The text begins on a septet's border, counted from the header's first octet."""
    body, fill = alphabet.to_septets(text), _fill_bits(header_octets)
    if (fill + 7 * len(body)) % 8 == 1:  # seven bits are left over
        body += bytes((CARRIAGE_RETURN,))
    return septets.pack(body, fill)


# Reading


def read(coding: Coding, octets: bytes, header: Sequence[Element] = (), header_octets: int = 0) -> Text:
    """What `octets` say, which stand behind the header; never raises."""
    if coding is Coding.GSM:
        return _read_gsm(octets, header)
    if coding is Coding.GSM_PACKED:
        return _read_packed(octets, header, header_octets)
    if coding is Coding.UCS2:
        return _read_ucs2(octets)
    return _read_binary(octets) if coding is Coding.BINARY else _read_other(octets, PYTHONS[coding])


def _read_gsm(octets: bytes, header: Sequence[Element]) -> Text:
    """Octets over 0x7F are no septets: whoever sends them most often means Latin-1, but nobody can be sure."""
    if not octets.isascii():
        return Text(octets.decode("latin-1"), is_whole=False)
    return Text(*national.decode(octets, header))


def _read_packed(octets: bytes, header: Sequence[Element], header_octets: int) -> Text:
    fill = _fill_bits(header_octets)
    count = max(0, 8 * len(octets) - fill) // 7
    body = septets.unpack(octets, count, fill) if count else b""
    if (fill + 7 * count) % 8 == 0 and body.endswith(FILLING):
        body = body[:-1]  # a text that ends with "@" there loses it: nothing says how many septets there are
    return Text(*national.decode(body, header))


def _read_ucs2(octets: bytes) -> Text:
    """No half characters, no half surrogate pairs: they can't be stored."""
    text = octets[: len(octets) // 2 * 2].decode("utf-16-be", "surrogatepass")
    clean, lone = LONE_SURROGATE.subn(REPLACEMENT, text)
    return Text(clean, not lone and len(octets) % 2 == 0)


def _read_binary(octets: bytes) -> Text:
    """For people: pairs of hexadecimal digits."""
    return Text(octets.hex(" ").upper(), is_whole=False)


def _read_other(octets: bytes, python: str) -> Text:
    try:
        return Text(octets.decode(python), is_whole=True)
    except UnicodeError:
        return Text(octets.decode(python, "replace"), is_whole=False)


def _fill_bits(header_octets: int) -> int:
    return -8 * header_octets % 7


INEXACT = (
    Coding.JAPANESE,
    Coding.MUSIC,
    Coding.KOREAN,
)  # Python's write some characters as similar ones: a yen as "\\"
PYTHONS = {coding: coding.value for coding in Coding} | {Coding.UCS2: "utf-16-be", Coding.LATIN1: "latin-1"}


@dataclass(frozen=True, slots=True)
class Written:
    """A segment's text as it goes out."""

    number: int  # data_coding
    octets: bytes = field(repr=False)


class Codings:
    """One bind's table: which number means what, both ways. The first one that carries a text is used."""

    def __init__(self, configured: Mapping[int, Coding] = SENDING) -> None:
        self._sending = tuple((number, each) for number, each in configured.items() if each is not Coding.BINARY)
        self._reading = {**STANDARD, **configured}

    def of(self, number: int) -> Coding:
        """What this data_coding means here."""
        found = self._reading.get(number)
        return _of_dcs(data_coding.understand(number)) if found is None else found

    def write(self, segment: Segment, header_octets: int = 0) -> Written:
        """The first of the bind's codings that has every character and leaves the segment one SMS; else Unencodable.

        A segment that is cut for GSM 7-bit has room for twice what UCS-2 has: it goes out in UCS-2 only when it is
        short enough.
        """
        for number, coding in self._sending:
            if segment.alphabet is Alphabet.GSM7 or coding in WIDE:
                octets = write(coding, segment.text, header_octets)
                if octets is not None and _is_one_sms(segment, coding):
                    return Written(number, octets)
        raise Unencodable("data_coding", _("this bind has no coding for one of its characters, or too little room"))


def _of_dcs(understood: data_coding.DataCoding) -> Coding:
    return Coding.BINARY if understood.is_compressed else OF_DCS[understood.coding]


WIDE = (Coding.UCS2, Coding.UTF8)  # what a text outside of GSM 7-bit needs


def _is_one_sms(segment: Segment, coding: Coding) -> bool:
    """What the network makes of it still fits one SMS: it writes all but UCS-2 and UTF-8 in 7 bits."""
    return segment.alphabet is Alphabet.UCS2 or coding not in WIDE or is_short_enough(segment)
