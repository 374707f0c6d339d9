"""The table of hand-checked PDUs, read, written and cut short."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.modem import pdu
from gateway.modem.fields import PduError
from gateway.modem.tpdu import Deliver, StatusReport
from tests.modem.codec_vectors import CENTRE, DELIVERS, FROM_CENTRE, INCOMING, PATIENT, REPORTS, VECTORS, Vector


def _digits(vector: Vector) -> str:
    return vector.octets.hex().upper()


each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
each_timed = pytest.mark.parametrize(  # odd times leave a reading in doubt
    "vector", [each for each in INCOMING if "zeros" not in each.name], ids=lambda vector: vector.name
)
each_incoming = pytest.mark.parametrize("vector", INCOMING, ids=lambda vector: vector.name)


@each_vector
def test_a_pdu_is_read_as_the_table_says(vector: Vector) -> None:
    assert type(vector.value).decode(vector.octets) == vector.value


@each_vector
def test_a_pdu_is_written_as_the_table_says(vector: Vector) -> None:
    assert vector.value.encode().hex() == vector.octets.hex()


@each_incoming
def test_a_modem_hands_over_the_service_centre_too(vector: Vector) -> None:
    value = pdu.decode_incoming(FROM_CENTRE + _digits(vector))

    assert value == replace(vector.value, smsc=CENTRE)


@each_incoming
def test_a_modem_may_keep_the_service_centre_to_itself(vector: Vector) -> None:
    assert pdu.decode_incoming("00" + _digits(vector)) == vector.value


@each_vector
def test_cut_short_it_is_an_error_or_what_is_left_is_marked(vector: Vector) -> None:
    needed = len(vector.octets) - vector.may_be_cut
    for kept in range(needed):
        with pytest.raises(PduError) as caught:
            type(vector.value).decode(vector.octets[:kept])
        assert caught.value.octet == kept
        assert caught.value.field
    for kept in range(needed, len(vector.octets)):
        value = type(vector.value).decode(vector.octets[:kept])
        assert isinstance(value, StatusReport) or value.user_data.is_damaged


@each_incoming
def test_cut_short_behind_a_service_centre_the_error_counts_all_octets(vector: Vector) -> None:
    octets = bytes.fromhex(FROM_CENTRE) + vector.octets
    for kept in range(len(octets) - vector.may_be_cut):
        with pytest.raises(PduError) as caught:
            pdu.decode_incoming(octets[:kept].hex())
        assert caught.value.octet == kept


@each_incoming
def test_filling_behind_it_changes_nothing(vector: Vector) -> None:
    assert pdu.decode_incoming("00" + _digits(vector) + "FF" * 20) == vector.value


@each_timed
def test_a_whole_storage_record_is_recognised(vector: Vector) -> None:
    record = bytes.fromhex("01" + FROM_CENTRE + vector.hex).ljust(176, b"\xff")

    assert pdu.decode_incoming(record.hex()) == replace(vector.value, smsc=CENTRE)


WRONG_LENGTHS = {
    "counted in digits, the type too": "0D",
    "counted in digits": "0C",
    "counted in digits, odd": "0B",
    "without the type octet": "06",
}


@pytest.mark.parametrize("length", WRONG_LENGTHS.values(), ids=WRONG_LENGTHS)
@each_timed
def test_a_wrong_length_of_the_service_centre_is_seen_through(vector: Vector, length: str) -> None:
    value = pdu.decode_incoming(length + FROM_CENTRE[2:] + _digits(vector))

    assert value == replace(vector.value, smsc=CENTRE)


@pytest.mark.parametrize("odd", ["00" * 14, "FF" * 14], ids=["zeros", "filling"])
def test_the_header_lines_length_helps_where_the_times_are_odd_too(odd: str) -> None:
    report = "062A0B919700000000F1" + odd + "00"

    value = pdu.decode_incoming("0B" + FROM_CENTRE[2:] + report, tpdu_length=len(report) // 2)

    assert isinstance(value, StatusReport)
    assert (value.message_reference, value.recipient, value.status) == (0x2A, PATIENT, 0)


def test_a_wrong_length_in_the_header_line_does_no_harm() -> None:
    for vector in INCOMING:
        for length in (0, 1, 7, 22, 140, 1000):
            assert pdu.decode_incoming("00" + _digits(vector), tpdu_length=length) == vector.value


def test_what_stands_around_the_digits_is_passed_over() -> None:
    vector = INCOMING[0]

    assert pdu.decode_incoming("00 " + vector.hex) == vector.value
    assert pdu.decode_incoming(f' "00{_digits(vector).lower()}"\r\n') == vector.value


SPOILT_ENDS = {"half an octet": "E", "noise": "E8^RSSI:18"}


@pytest.mark.parametrize("end", SPOILT_ENDS.values(), ids=SPOILT_ENDS)
def test_an_sms_is_kept_up_to_where_its_digits_stop_and_a_report_is_not(end: str) -> None:
    deliver, report = "00040B919700000000F1000862112201035021040414" + end, "00" + _digits(REPORTS[0]) + end

    value = pdu.decode_incoming(deliver)
    with pytest.raises(PduError, match="PDU"):
        pdu.decode_incoming(report)

    assert isinstance(value, Deliver)
    assert (value.text, value.is_damaged) == ("Д", True)


def test_an_sms_with_noise_behind_its_end_is_marked() -> None:
    value = pdu.decode_incoming("00" + _digits(DELIVERS[0]) + "^RSSI:18")

    assert isinstance(value, Deliver)
    assert (value.text, value.is_damaged) == ("hellohello", True)


NOT_A_PDU = {
    "nothing": ("", "PDU", 0),
    "no digits": ("04XYZ", "PDU", 1),
    "half an octet": ("00040", "PDU", 2),
    "no TPDU": ("00", "TP-MTI", 1),
    "our own SUBMIT": ("0001000B919700000000F1000000", "TP-MTI", 1),
    "an address of 21 digits": ("00041591" + "11" * 40, "TP-OA", 2),
    "a service centre longer than all": ("FF91", "SMSC", 2),
}


@pytest.mark.parametrize(("hex", "field", "octet"), NOT_A_PDU.values(), ids=NOT_A_PDU)
def test_an_error_names_the_field_and_the_octet(hex: str, field: str, octet: int) -> None:
    with pytest.raises(PduError) as caught:
        pdu.decode_incoming(hex)

    assert (caught.value.field, caught.value.octet) == (field, octet)
    assert field in str(caught.value)
