"""The codec of the bank against PDUs put together by hand, and against an independent alphabet table."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import gsm0338  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_modem import alphabet, codec, network_codec

TO = "0B919700000000F1"  # TP-DA: 11 digits, international, +79000000001
NOW = datetime(2026, 11, 22, 9, 5, 7, tzinfo=UTC)


@dataclass(frozen=True)
class Vector:
    name: str
    pdu: str
    text: str
    recipient: str = "+79000000001"
    validity_s: int | None = None
    part: codec.Part | None = None
    wants_report: bool = False


VECTORS = [
    Vector("7-bit text", f"00 01 00 {TO} 00 00 0A E8329BFD4697D9EC37", "hellohello"),
    Vector("with a report", f"00 21 00 {TO} 00 00 02 E834", "hi", wants_report=True),
    Vector("validity 4 days", f"00 11 00 {TO} 00 00 AA 02 E834", "hi", validity_s=4 * 86400),
    Vector("validity 5 minutes", f"00 11 00 {TO} 00 00 00 02 E834", "hi", validity_s=300),
    Vector("validity 12.5 hours", f"00 11 00 {TO} 00 00 90 02 E834", "hi", validity_s=45000),
    Vector("validity 63 weeks", f"00 11 00 {TO} 00 00 FF 02 E834", "hi", validity_s=63 * 7 * 86400),
    Vector("absolute validity", f"00 19 00 {TO} 00 00 62112290507021 02 E834", "hi"),
    Vector("own service centre", f"07919700000099F0 01 00 {TO} 00 00 02 E834", "hi"),
    Vector("short code", "00 01 00 04 81 2143 00 00 02 E834", "hi", recipient="1234"),
    Vector("odd short code", "00 01 00 03 81 21F3 00 00 02 E834", "hi", recipient="123"),
    Vector("UCS-2", f"00 01 00 {TO} 00 08 0C 041F04400438043204350442", "Привет"),
    Vector("emoji", f"00 01 00 {TO} 00 08 04 D83DDE00", "😀"),
    Vector("half a pair shows a box", f"00 01 00 {TO} 00 08 02 D83D", "\ufffd"),
    Vector("euro by escape", f"00 01 00 {TO} 00 00 02 9B32", "€"),
    Vector("flash class", f"00 01 00 {TO} 00 10 02 E834", "hi"),
    Vector("waiting group UCS-2", f"00 01 00 {TO} 00 E0 02 0416", "Ж"),
    Vector("empty", f"00 01 00 {TO} 00 00 00", ""),
    # 6 octets of header take 7 septets with one fill bit: h i shifted left by one bit = D0 69
    Vector("8-bit part", f"00 41 00 {TO} 00 00 09 0500032A0201 D069", "hi", part=codec.Part(0x2A, 2, 1, False)),
    # 7 octets of header are 8 septets, no fill bits
    Vector("16-bit part", f"00 41 00 {TO} 00 00 0A 060804BEEF0302 E834", "hi", part=codec.Part(0xBEEF, 3, 2, True)),
    Vector("UCS-2 part", f"00 41 00 {TO} 00 08 08 050003010101 0416", "Ж", part=codec.Part(1, 1, 1, False)),
    Vector("unknown element", f"00 41 00 {TO} 00 08 06 03700199 0416", "Ж"),
]
BAD = {
    "is a DELIVER": f"00 00 00 {TO} 00 00 02 E834",
    "too many octets": f"00 01 00 {TO} 00 00 02 E83400",
    "fill bit set": f"00 01 00 {TO} 00 00 02 E874",
    "header fill bit set": f"00 41 00 {TO} 00 00 09 0500032A0201 D169",
    "half a character": f"00 01 00 {TO} 00 08 03 041F04",
    "161 septets": f"00 01 00 {TO} 00 00 A1 {'00' * 141}",
    "141 octets": f"00 01 00 {TO} 00 08 8D {'00' * 141}",
    "filler is no F": "00 01 00 0B91970000000001 00 00 02 E834",
    "letter among the digits": "00 01 00 0B91970A000000F1 00 00 02 E834",
    "alphanumeric recipient": "00 01 00 04D0E834 00 00 02 E834",
    "no digits": "00 01 00 00 91 00 00 02 E834",
    "type without bit 7": "00 01 00 0B119700000000F1 00 00 02 E834",
    "reserved coding": f"00 01 00 {TO} 00 0C 02 E834",
    "compressed": f"00 01 00 {TO} 00 20 02 E834",
    "part 3 of 2": f"00 41 00 {TO} 00 08 08 050003010203 0416",
    "part 0": f"00 41 00 {TO} 00 08 08 050003010200 0416",
    "header longer than the data": f"00 41 00 {TO} 00 08 03 050003",
    "element longer than the header": f"00 41 00 {TO} 00 08 06 030005 010416",
}


def read(pdu: str) -> codec.Submit:
    octets = codec.octets_of(pdu.replace(" ", ""))
    return codec.read_submit(octets, len(octets) - octets[0] - 1)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_hand_made_submit_is_read(vector: Vector) -> None:
    submit = read(vector.pdu)
    seen = (submit.text, submit.recipient, submit.validity_s, submit.part, submit.wants_report)
    assert seen == (vector.text, vector.recipient, vector.validity_s, vector.part, vector.wants_report)


@pytest.mark.parametrize("pdu", BAD.values(), ids=BAD.keys())
def test_a_malformed_submit_is_refused(pdu: str) -> None:
    with pytest.raises(codec.BadPdu):
        read(pdu)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_submit_cut_short_anywhere_is_refused(vector: Vector) -> None:
    octets = codec.octets_of(vector.pdu.replace(" ", ""))
    for end in range(len(octets)):
        with pytest.raises(codec.BadPdu):
            codec.read_submit(octets[:end], end - octets[0] - 1)


def test_the_announced_length_must_match() -> None:
    octets = codec.octets_of(VECTORS[0].pdu.replace(" ", ""))
    with pytest.raises(codec.BadPdu, match="length"):
        codec.read_submit(octets, len(octets))


@pytest.mark.parametrize("text", ["0", "0G", "00 01", "AT+CMGD=41"])
def test_what_is_not_hexadecimal_is_refused(text: str) -> None:
    with pytest.raises(codec.BadPdu):
        codec.octets_of(text)


@given(st.text(alphabet=[c for c in alphabet.BASIC if c != "\x1b"] + list(alphabet.EXTENSION.values()), max_size=200))
def test_the_alphabet_agrees_with_an_independent_table(text: str) -> None:
    septets = text.encode("gsm03.38")
    assert alphabet.write(text) == septets
    assert alphabet.read(septets) == text
    assert alphabet.unpack(alphabet.pack(septets, 3), len(septets), 3) == septets


def test_the_independent_table_is_registered() -> None:
    assert gsm0338.__name__ == "gsm0338"


@given(st.text(min_size=1, max_size=400, alphabet="abc€[Жё😀 "), st.booleans())
def test_parts_of_an_incoming_text_join_to_the_text(text: str, is_wide: bool) -> None:
    stamp = network_codec.time_stamp(NOW)
    joined = []
    for tpdu in network_codec.deliver_parts("+79000000005", text, stamp, 7, is_wide=is_wide):
        # the user data of a DELIVER is that of a SUBMIT: a SUBMIT's head goes before it
        head = bytes((tpdu[0] & 0x40 | codec.SUBMIT, 0)) + bytes.fromhex(TO) + tpdu[9:11]
        assert len(tpdu) <= 1 + 8 + 2 + 7 + 1 + 140
        joined.append(codec.read_submit(b"\x00" + head + tpdu[18:], len(head) + len(tpdu) - 18).text)
    assert "".join(joined) == text


@pytest.mark.parametrize(
    ("at", "octets"),
    [
        (NOW, "62112221507021"),  # 12:05:07 in Moscow, +3 h = 12 quarters
        (NOW.astimezone(timezone(timedelta(hours=-5))), "6211224050700A"),  # 04:05:07, -20 quarters: sign bit 08
    ],
)
def test_time_stamps_carry_their_zone(at: datetime, octets: str) -> None:
    assert network_codec.time_stamp(at).hex().upper() == octets


@pytest.mark.parametrize(
    ("form", "octets"),
    [
        ("as_submitted", "0B919700000000F1"),
        ("national", "0AA10900000010"),
        ("unknown", "0B819800000000F1"),
    ],
)
def test_a_report_may_write_the_number_in_another_form(form: str, octets: str) -> None:
    assert network_codec.report_address("+79000000001", form).hex().upper() == octets


def test_a_sender_with_a_name_is_letters() -> None:
    assert network_codec.address("Clinic").hex().upper().startswith("0BD0")


@given(st.binary(max_size=60))
def test_any_octets_are_a_submit_or_refused(octets: bytes) -> None:
    with contextlib.suppress(codec.BadPdu):
        assert codec.read_submit(octets, len(octets) - octets[0] - 1 if octets else 0).recipient
