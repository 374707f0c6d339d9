"""Defects of well-known modem libraries' codecs, each reproduced once and never to come here."""

from __future__ import annotations

import pytest

from gateway.carrier import ReportStatus, Submission
from gateway.modem import codes, pdu
from gateway.modem.address import to_address
from gateway.modem.fields import PduError
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.modem.user_data import UserData
from gateway.modem.validity import RelativeValidity
from gateway.sms.message import Alphabet, Concatenation, Segment
from gateway.sms.segmentation import split
from gateway.sms.user_data_header import Element
from tests.modem.codec_vectors import AT_HALF_PAST_TEN, PATIENT

DAY_S = 86400


def submission(text: str, **fields: int) -> Submission:
    (segment,) = split(text, 0)
    return Submission(1, "+79000000001", segment, **fields)  # type: ignore[arg-type]


def written(text: str) -> Submit:
    """What a strict reader makes of the SUBMIT for `text`."""
    encoded = pdu.encode_submit(submission(text))
    return Submit.decode(bytes.fromhex(encoded.hex), 1)


def received(text: str, header: tuple[Element, ...] = (), data_coding: int = 0x00) -> str:
    octets = Deliver(PATIENT, UserData(text, header), AT_HALF_PAST_TEN, data_coding).encode()
    value = pdu.decode_incoming("00" + octets.hex())
    assert isinstance(value, Deliver)
    assert not value.is_damaged
    return value.text


@pytest.mark.parametrize("length", range(1, 153))
def test_p1_a_16_bit_reference_costs_no_first_letter(length: int) -> None:
    text = ("Appointment tomorrow. " * 8)[:length]

    assert received(text, (Element(0x08, bytes([0x12, 0x34, 2, 1])),)) == text


def test_p2_an_emoji_is_written_and_read_whole() -> None:
    assert written("Ждём вас 😀").user_data.text == "Ждём вас 😀"
    assert received("😀", data_coding=0x08) == "😀"


def test_p2_half_an_emoji_from_outside_can_be_stored() -> None:
    value = pdu.decode_incoming("00040B919700000000F1000862112201035021" + "04" + "0410D83D")

    assert isinstance(value, Deliver)
    assert value.is_damaged
    value.text.encode()  # raises for a surrogate


def test_p3_a_paragraph_sign_is_gsm_7_bit_and_a_backtick_is_not() -> None:
    assert written("§").data_coding == 0x00
    assert written("§").user_data.text == "§"
    assert written("`").data_coding == 0x08
    assert written("`").user_data.text == "`"


def test_p4_y_with_diaeresis_and_form_feed_arrive() -> None:
    assert written("ÿ").user_data.text == "ÿ"
    assert written("a\fb").data_coding == 0x00
    assert written("a\fb").user_data.text == "a\fb"
    assert received("a\fb") == "a\fb"


@pytest.mark.parametrize("length", range(1, 161))
def test_p5_a_final_at_sign_is_kept_at_every_length(length: int) -> None:
    text = "a" * (length - 1) + "@"

    assert received(text) == text


def test_p6_a_16_bit_reference_can_be_written() -> None:
    segment = Segment("hi", Alphabet.GSM7, Concatenation(0xFFFF, 255, 255, is_wide=True))

    encoded = pdu.encode_submit(Submission(1, "+79000000001", segment))

    assert encoded.hex == "0061000B919700000000F100000A0608" + "04FFFFFFFF" + "E834"


@pytest.mark.parametrize("text", ["hi", "Да", "a" * 160])
def test_p7_the_length_leaves_the_service_centre_out(text: str) -> None:
    encoded = pdu.encode_submit(submission(text))

    assert encoded.length == len(encoded.hex) // 2 - 1


NO_NUMBERS = {
    "spaces": "+7 900 000",
    "brackets": "(900)0000001",
    "nothing": "",
    "plus alone": "+",
    "power": "7²",
    "name": "Иван",
}


@pytest.mark.parametrize("number", NO_NUMBERS.values(), ids=NO_NUMBERS)
def test_p8_what_is_no_number_never_becomes_a_sender_name(number: str) -> None:
    with pytest.raises(PduError, match="TP-DA") as caught:
        to_address(number)
    assert len(number) < 2 or number not in str(caught.value)


def test_p8_a_number_without_plus_is_of_unknown_type() -> None:
    assert Submit(to_address("1234"), UserData()).encode().hex() == "0100" + "04812143" + "000000"


def test_p9_ucs2_with_message_waiting_is_read() -> None:
    assert received("Да", data_coding=0xE8) == "Да"


@pytest.mark.parametrize("odd", ["00" * 7, "FF" * 7])
def test_p10_a_report_with_odd_time_stamps_is_kept(odd: str) -> None:
    value = pdu.decode_incoming("00062A0B919700000000F1" + odd + odd + "00")

    assert isinstance(value, StatusReport)
    assert (value.message_reference, value.submitted_at, value.discharged_at, value.status) == (0x2A, None, None, 0)


def test_p10_a_report_about_a_name_is_kept() -> None:
    value = pdu.decode_incoming("00062A0BD04376DA9D1E036211220103502162112211000021" + "46")

    assert isinstance(value, StatusReport)
    assert (value.recipient.number, value.status) == ("Clinic", 0x46)


def test_p12_a_validity_is_rounded_up_and_never_refused() -> None:
    assert pdu.encode_submit(submission("hi", validity_s=1)).hex[26:28] == "00"
    assert pdu.encode_submit(submission("hi", validity_s=33 * DAY_S)).hex[26:28] == "C5"  # 197: five weeks
    assert Submit.decode(
        bytes.fromhex(pdu.encode_submit(submission("hi", validity_s=33 * DAY_S)).hex), 1
    ).validity_period == RelativeValidity(35 * DAY_S)


def test_p13_8_bit_data_and_its_header_are_kept() -> None:
    value = pdu.decode_incoming("00440B919700000000F100046211220103502109" + "0605040B8423F0" + "0106")

    assert isinstance(value, Deliver)
    assert value.user_data == UserData(header=(Element(0x05, bytes.fromhex("0B8423F0")),), data=b"\x01\x06")
    assert value.text == "01 06"


def test_p13_a_turkish_phone_is_understood() -> None:
    value = pdu.decode_incoming("00440B919700000000F100006211220103502107" + "03240101" + "D84C01")

    assert isinstance(value, Deliver)
    assert value.user_data.header == (Element(0x24, b"\x01"),)
    assert (value.text, value.is_damaged) == ("Ş", False)


def test_g14_still_trying_is_not_failed() -> None:
    assert codes.report_status(0x30) is ReportStatus.PENDING


def test_g16_a_report_and_a_validity_are_written_as_wanted() -> None:
    assert Submit(PATIENT, UserData("hi")).encode()[0] == 0x01
    assert Submit(PATIENT, UserData("hi"), status_report_request=True).encode()[0] == 0x21
    assert Submit(PATIENT, UserData("hi"), validity_period=RelativeValidity(300)).encode()[0] == 0x11
    assert pdu.encode_submit(submission("hi"), reject_duplicates=True).hex[2:4] == "25"


@pytest.mark.parametrize("hex", ["", "+CDS", "0006", "00062A", "00062AFF91"])
def test_g19_a_bad_report_is_our_own_error(hex: str) -> None:
    with pytest.raises(PduError):
        pdu.decode_incoming(hex)


def test_no_number_text_or_pdu_shows_in_a_repr() -> None:
    submission_of_secret = submission("secret")
    encoded = pdu.encode_submit(submission_of_secret)
    values = (submission_of_secret, encoded, Submit.decode(bytes.fromhex(encoded.hex), 1))

    assert not any("secret" in repr(value) or "7900" in repr(value) or encoded.hex in repr(value) for value in values)
