"""What holds for every PDU: it comes back as it was written, and no octets at all can break the decoder."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.carrier import Submission
from gateway.modem import pdu, validity
from gateway.modem.address import SEMI_OCTETS, Address, TypeOfNumber
from gateway.modem.fields import PduError
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.modem.user_data import MOST_OCTETS, UserData
from gateway.sms import alphabet, user_data_header
from gateway.sms.data_coding import Coding, may_be_ucs2, understand
from gateway.sms.message import Segment
from gateway.sms.national import SHIFTS
from gateway.sms.segmentation import split
from gateway.sms.user_data_header import Element
from tests.modem.codec_vectors import FROM_CENTRE, VECTORS

OCTETS = st.integers(0, 255)
GSM7_CHARACTERS = st.sampled_from(alphabet.from_septets(bytes(range(0x1B)) + bytes(range(0x1C, 0x80))) + "^{}\\[~]|€\f")
UCS2_CHARACTERS = st.characters(exclude_categories=["Cs"])
NUMERIC_TYPES = [each for each in TypeOfNumber if each is not TypeOfNumber.ALPHANUMERIC]
ELEMENTS = st.builds(Element, OCTETS.filter(lambda identifier: identifier not in SHIFTS), st.binary(max_size=12))
HEADERS = st.lists(ELEMENTS, max_size=3).map(tuple)
ZONES = st.integers(-79, 79).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
TIMES = st.none() | st.datetimes(datetime(1980, 1, 1), datetime(2079, 12, 31), timezones=ZONES).map(
    lambda at: at.replace(microsecond=0)
)
NUMBERS = st.builds(
    Address, st.text(st.sampled_from(SEMI_OCTETS), max_size=20), st.sampled_from(NUMERIC_TYPES), st.integers(0, 15)
)
NAMES = st.builds(
    Address,
    st.text(st.sampled_from("ABCXYZabcxyz 0129&-"), min_size=1, max_size=11),
    st.just(TypeOfNumber.ALPHANUMERIC),
    st.integers(0, 15),
)
ADDRESSES = NUMBERS | NAMES
DATA_CODINGS = OCTETS.filter(lambda octet: not may_be_ucs2(octet))  # by the letter those are 7-bit, by use UCS-2
VALIDITIES = (
    st.none()
    | st.sampled_from(validity.STEPS_S).map(validity.RelativeValidity)
    | TIMES.map(validity.AbsoluteValidity)
    | st.builds(validity.EnhancedValidity, st.none() | st.integers(0, 359_999), st.booleans())
)


@st.composite
def coded_user_data(draw: st.DrawFn) -> tuple[int, UserData]:
    """A data coding, and user data that it can carry in one SMS."""
    octet, header = draw(DATA_CODINGS), draw(HEADERS)
    room = MOST_OCTETS - len(user_data_header.encode(header))
    understood = understand(octet)
    if understood.is_compressed or understood.coding is Coding.EIGHT_BIT:
        return octet, UserData(header=header, data=draw(st.binary(max_size=room)))
    if understood.coding is Coding.UCS2:
        return octet, UserData(draw(st.text(UCS2_CHARACTERS, max_size=room // 4)), header)
    return octet, UserData(draw(st.text(GSM7_CHARACTERS, max_size=room * 4 // 7 - 1)), header)


FLAGS = [st.booleans()] * 4
SUBMITS = coded_user_data().flatmap(
    lambda coded: st.builds(
        Submit, ADDRESSES, st.just(coded[1]), st.just(coded[0]), VALIDITIES, OCTETS, OCTETS, *FLAGS[:3]
    )
)
DELIVERS = coded_user_data().flatmap(
    lambda coded: st.builds(Deliver, ADDRESSES, st.just(coded[1]), TIMES, st.just(coded[0]), OCTETS, *FLAGS)
)
REPORTS = (coded_user_data() | st.tuples(st.none() | OCTETS, st.none())).flatmap(
    lambda coded: st.builds(
        StatusReport, OCTETS, ADDRESSES, TIMES, TIMES, OCTETS, st.none() | OCTETS, *map(st.just, coded), *FLAGS[:3]
    )
)


@settings(max_examples=300, deadline=None)
@given(SUBMITS)
def test_a_submit_comes_back_as_it_was_written(submit: Submit) -> None:
    assert Submit.decode(submit.encode()) == submit


@settings(max_examples=300, deadline=None)
@given(DELIVERS)
def test_a_deliver_comes_back_as_it_was_written(deliver: Deliver) -> None:
    assert pdu.decode_incoming("00" + deliver.encode().hex()) == deliver


@settings(max_examples=300, deadline=None)
@given(REPORTS)
def test_a_status_report_comes_back_as_it_was_written(report: StatusReport) -> None:
    assert pdu.decode_incoming("00" + report.encode().hex()) == report


TEXTS = (
    st.text(GSM7_CHARACTERS, min_size=1, max_size=400) | st.text(st.characters(categories=["L", "N", "So"]), min_size=1)
).filter(lambda text: not text.isspace())


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_a_text_arrives_whole_from_all_its_segments(text: str) -> None:
    segments = split(text, 0xAB)

    submits = [Submit.decode(bytes.fromhex(_encode(segment)), 1) for segment in segments]

    assert "".join(submit.user_data.text for submit in submits) == text
    assert [submit.user_data.concatenation for submit in submits] == [segment.concatenation for segment in segments]


def _encode(segment: Segment) -> str:
    encoded = pdu.encode_submit(Submission(1, "+79000000001", segment))
    assert encoded.length == len(encoded.hex) // 2 - 1
    assert encoded.length <= 14 + MOST_OCTETS
    return encoded.hex


FUZZED = 20_000


READERS = (Submit.decode, Deliver.decode, StatusReport.decode, lambda octets: pdu.decode_incoming(octets.hex()))


def _error_of(read: Callable[[Any], object], given: Any) -> PduError | None:
    """How reading ends; anything else than a value or a PduError is a fault, and raised."""
    try:
        read(given)
    except PduError as error:
        return error
    return None


def _good_readings(octets: bytes) -> int:
    """Reads `octets` in every way; how many ways gave a value."""
    errors = [error for read in READERS if (error := _error_of(read, octets))]
    assert all(0 <= error.octet <= len(octets) for error in errors)
    return len(READERS) - len(errors)


def test_p11_random_octets_give_a_value_or_our_own_error() -> None:
    chance = random.Random(23040)

    good = sum(_good_readings(chance.randbytes(chance.randrange(0, 60))) for _ in range(FUZZED))

    assert good > 0


def test_p11_a_spoilt_pdu_gives_a_value_or_our_own_error() -> None:
    chance = random.Random(23038)
    octets = [bytes.fromhex(FROM_CENTRE + vector.hex) for vector in VECTORS]
    good = 0
    for _ in range(FUZZED // 2):
        spoilt = bytearray(chance.choice(octets))
        for _ in range(chance.randrange(1, 4)):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        good += _good_readings(bytes(spoilt[: chance.randrange(1, len(spoilt) + 1)]))
    assert good > 0


@pytest.mark.parametrize("length", [None, 0, 25, 140])
def test_p11_what_is_no_hexadecimal_gives_our_own_error(length: int | None) -> None:
    chance = random.Random(27005)
    for _ in range(2_000):
        text = "".join(chance.choices('0123456789abcDEF "\r\n+,:\0ы', k=chance.randrange(40)))
        error = _error_of(lambda each: pdu.decode_incoming(each, tpdu_length=length), text)
        assert error is None or 0 <= error.octet <= len(text)


def test_any_reading_can_be_stored() -> None:
    """Texts and numbers from any octets are proper Unicode."""
    chance = random.Random(9)
    for _ in range(FUZZED // 4):
        octets = bytes.fromhex("00040B919700000000F100") + bytes((chance.randrange(256),))
        octets += bytes.fromhex("62112201035021") + bytes((chance.randrange(40),)) + chance.randbytes(20)
        value = pdu.decode_incoming(octets.hex())
        assert isinstance(value, Deliver)
        value.text.encode()
