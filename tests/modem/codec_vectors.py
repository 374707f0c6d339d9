"""PDUs worked out by hand from 3GPP TS 23.040 and 23.038, each with what it means; the same table is read both ways.

The packing of "hellohello" (E8329BFD4697D9EC37) is the example found in many tutorials; the others are short enough to
be checked with a pencil: "hi" is 68 69, packed E8 34, and behind one fill bit D0 69. Numbers are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from gateway.modem.address import Address, TypeOfNumber
from gateway.modem.tpdu import Deliver, StatusReport, Submit
from gateway.modem.user_data import UserData
from gateway.modem.validity import AbsoluteValidity, EnhancedValidity, RelativeValidity
from gateway.sms.user_data_header import Element

HELLO = "0A E8329BFD4697D9EC37"  # TP-UDL and TP-UD
PATIENT = Address("79000000001", TypeOfNumber.INTERNATIONAL)  # 0B 91 9700000000F1
CENTRE = Address("79000000009", TypeOfNumber.INTERNATIONAL)
FROM_CENTRE = "07919700000000F9"
MOSCOW = timezone(timedelta(hours=3))  # 12 quarters, written 21
AT_HALF_PAST_TEN = datetime(2026, 11, 22, 10, 30, 5, tzinfo=MOSCOW)  # 62112201035021
AT_ELEVEN = datetime(2026, 11, 22, 11, 0, 0, tzinfo=MOSCOW)  # 62112211000021
NEWFOUNDLAND = timezone(-timedelta(hours=3, minutes=30))  # 14 quarters, written 41, and 08 for the minus: 49
FIRST_OF_TWO = Element(0x00, bytes.fromhex("050201"))
FIRST_OF_TWO_WIDE = Element(0x08, bytes.fromhex("12340201"))
UNKNOWN_ELEMENT = Element(0x7F, bytes.fromhex("ABCD"))


@dataclass(frozen=True)
class Vector:
    name: str
    hex: str  # the TPDU, without the service centre
    value: Submit | Deliver | StatusReport
    may_be_cut: int = 0  # so many octets at the end may be missing and the rest is still worth something

    @property
    def octets(self) -> bytes:
        return bytes.fromhex(self.hex)


HI, HELLO_TEXT = UserData("hi"), UserData("hellohello")

SUBMITS = (
    Vector(
        "GSM 7-bit, with a report",
        f"21 00 0B919700000000F1 00 00 {HELLO}",
        Submit(PATIENT, HELLO_TEXT, status_report_request=True),
        9,
    ),
    Vector(
        "no report wanted",
        f"01 00 0B919700000000F1 00 00 {HELLO}",
        Submit(PATIENT, HELLO_TEXT),
        9,
    ),
    Vector(
        "UCS-2 with an emoji, a surrogate pair",
        "21 00 0B919700000000F1 00 08 08 04140430D83DDE00",
        Submit(PATIENT, UserData("Да😀"), data_coding=0x08, status_report_request=True),
        8,
    ),
    Vector(
        "8-bit reference: 6 octets of header, one fill bit",
        "61 00 0B919700000000F1 00 00 09 050003050201 D069",
        Submit(PATIENT, UserData("hi", (FIRST_OF_TWO,)), status_report_request=True),
        8,
    ),
    Vector(
        "16-bit reference: 7 octets of header, no fill bit",
        "61 00 0B919700000000F1 00 00 0A 06080412340201 E834",
        Submit(PATIENT, UserData("hi", (FIRST_OF_TWO_WIDE,)), status_report_request=True),
        9,
    ),
    Vector(
        "one hour of validity",
        f"31 00 0B919700000000F1 00 00 0B {HELLO}",
        Submit(PATIENT, HELLO_TEXT, validity_period=RelativeValidity(3600), status_report_request=True),
        9,
    ),
    Vector(
        "valid until eleven",
        f"39 00 0B919700000000F1 00 00 62112211000021 {HELLO}",
        Submit(PATIENT, HELLO_TEXT, validity_period=AbsoluteValidity(AT_ELEVEN), status_report_request=True),
        9,
    ),
    Vector(
        "enhanced validity in seconds, tried once",
        f"09 00 0B919700000000F1 00 00 425A0000000000 {HELLO}",
        Submit(PATIENT, HELLO_TEXT, validity_period=EnhancedValidity(90, is_single_shot=True)),
        9,
    ),
    Vector(
        "enhanced validity in hours, minutes and seconds",
        f"09 00 0B919700000000F1 00 00 03213254000000 {HELLO}",
        Submit(PATIENT, HELLO_TEXT, validity_period=EnhancedValidity(12 * 3600 + 23 * 60 + 45)),
        9,
    ),
    Vector(
        "duplicates rejected, reply path, TP-MR and TP-PID kept",
        f"A5 2A 0B919700000000F1 41 00 {HELLO}",
        Submit(PATIENT, HELLO_TEXT, 0x00, None, 0x2A, 0x41, True, True, True),
        9,
    ),
    Vector(
        "a short code is of unknown type",
        f"21 00 04812143 00 00 {HELLO}",
        Submit(Address("1234"), HELLO_TEXT, status_report_request=True),
        9,
    ),
    Vector(
        "8-bit data",
        "01 00 0B919700000000F1 00 04 03 00FF10",
        Submit(PATIENT, UserData(data=bytes.fromhex("00FF10")), data_coding=0x04),
        3,
    ),
    Vector(
        "seven letters leave seven bits empty",
        "01 00 0B919700000000F1 00 00 07 61F1985C369F01",  # abcdefg
        Submit(PATIENT, UserData("abcdefg")),
        7,
    ),
)

DELIVERS = (
    Vector(
        "GSM 7-bit",
        f"04 0B919700000000F1 00 00 62112201035021 {HELLO}",
        Deliver(PATIENT, HELLO_TEXT, AT_HALF_PAST_TEN),
        9,
    ),
    Vector(
        "more messages wait",
        f"00 0B919700000000F1 00 00 62112201035021 {HELLO}",
        Deliver(PATIENT, HELLO_TEXT, AT_HALF_PAST_TEN, more_messages_to_send=True),
        9,
    ),
    Vector(
        "every flag",
        f"A8 0B919700000000F1 00 00 62112201035021 {HELLO}",
        Deliver(PATIENT, HELLO_TEXT, AT_HALF_PAST_TEN, 0, 0, True, True, True, True),
        9,
    ),
    Vector(
        "a sender name of six letters: 42 bits, 11 semi-octets",
        f"04 0BD0 4376DA9D1E03 00 00 62112201035021 {HELLO}",
        Deliver(Address("Clinic", TypeOfNumber.ALPHANUMERIC, 0), HELLO_TEXT, AT_HALF_PAST_TEN),
        9,
    ),
    Vector(
        "a sender name of seven letters: 49 bits, 13 semi-octets",
        f"04 0DD0 4376DA9D1ECF01 00 00 62112201035021 {HELLO}",
        Deliver(Address("Clinics", TypeOfNumber.ALPHANUMERIC, 0), HELLO_TEXT, AT_HALF_PAST_TEN),
        9,
    ),
    Vector(
        "a national number with star, hash and letters",
        f"04 06A1 1AB0DC 00 00 62112201035021 {HELLO}",
        Deliver(Address("*10#ab", TypeOfNumber.NATIONAL), HELLO_TEXT, AT_HALF_PAST_TEN),
        9,
    ),
    Vector(
        "west of Greenwich",
        f"04 0B919700000000F1 00 00 62112201035049 {HELLO}",
        Deliver(PATIENT, HELLO_TEXT, datetime(2026, 11, 22, 10, 30, 5, tzinfo=NEWFOUNDLAND)),
        9,
    ),
    Vector(
        "UCS-2",
        "04 0B919700000000F1 00 08 62112201035021 0C 041F04400438043204350442",
        Deliver(PATIENT, UserData("Привет"), AT_HALF_PAST_TEN, data_coding=0x08),
        12,
    ),
    Vector(
        "UCS-2 with message waiting, group E",
        "04 0B919700000000F1 00 E8 62112201035021 04 04140430",
        Deliver(PATIENT, UserData("Да"), AT_HALF_PAST_TEN, data_coding=0xE8),
        4,
    ),
    Vector(
        "voice mail, group C",
        "04 0B919700000000F1 00 C8 62112201035021 02 E834",
        Deliver(PATIENT, HI, AT_HALF_PAST_TEN, data_coding=0xC8),
        2,
    ),
    Vector(
        "message waiting to be kept, group D",
        "04 0B919700000000F1 00 D0 62112201035021 02 E834",
        Deliver(PATIENT, HI, AT_HALF_PAST_TEN, data_coding=0xD0),
        2,
    ),
    Vector(
        "class 1, group F",
        "04 0B919700000000F1 00 F1 62112201035021 02 E834",
        Deliver(PATIENT, HI, AT_HALF_PAST_TEN, data_coding=0xF1),
        2,
    ),
    Vector(
        "8-bit data of class 1, group F",
        "04 0B919700000000F1 00 F5 62112201035021 02 E834",
        Deliver(PATIENT, UserData(data=b"\xe8\x34"), AT_HALF_PAST_TEN, data_coding=0xF5),
        2,
    ),
    Vector(
        "UCS-2 for immediate display and automatic deletion",
        "04 0B919700000000F1 00 58 62112201035021 04 04140430",
        Deliver(PATIENT, UserData("Да"), AT_HALF_PAST_TEN, data_coding=0x58),
        4,
    ),
    Vector(
        "compressed text is kept as it is",
        "04 0B919700000000F1 00 20 62112201035021 03 ABCDEF",
        Deliver(PATIENT, UserData(data=b"\xab\xcd\xef"), AT_HALF_PAST_TEN, data_coding=0x20),
        3,
    ),
    Vector(
        "16-bit reference, no fill bit",
        "44 0B919700000000F1 00 00 62112201035021 0A 06080412340201 E834",
        Deliver(PATIENT, UserData("hi", (FIRST_OF_TWO_WIDE,)), AT_HALF_PAST_TEN),
        9,
    ),
    Vector(
        "an unknown element before a known one",  # 10 octets: 80 bits, 4 fill bits, 12 septets
        "44 0B919700000000F1 00 00 62112201035021 0E 09 7F02ABCD 0003050201 804E03",
        Deliver(PATIENT, UserData("hi", (UNKNOWN_ELEMENT, FIRST_OF_TWO)), AT_HALF_PAST_TEN),
        13,
    ),
    Vector(
        "no text at all",
        "04 0B919700000000F1 00 00 62112201035021 00",
        Deliver(PATIENT, UserData(), AT_HALF_PAST_TEN),
    ),
    Vector(
        "a time stamp of zeros",
        f"04 0B919700000000F1 00 00 00000000000000 {HELLO}",
        Deliver(PATIENT, HELLO_TEXT, None),
        9,
    ),
)

REPORTS = (
    Vector(
        "delivered",
        "06 2A 0B919700000000F1 62112201035021 62112211000021 00",
        StatusReport(0x2A, PATIENT, AT_HALF_PAST_TEN, AT_ELEVEN, 0x00),
    ),
    Vector(
        "still trying, more to come",
        "02 FF 0B919700000000F1 62112201035021 62112211000021 30",
        StatusReport(0xFF, PATIENT, AT_HALF_PAST_TEN, AT_ELEVEN, 0x30, more_messages_to_send=True),
    ),
    Vector(
        "of a command",
        "2E 2A 0B919700000000F1 62112201035021 62112211000021 46",
        StatusReport(
            0x2A, PATIENT, AT_HALF_PAST_TEN, AT_ELEVEN, 0x46, is_loop_prevented=True, status_report_qualifier=True
        ),
    ),
    Vector(
        "protocol identifier only",
        "06 2A 0B919700000000F1 62112201035021 62112211000021 00 01 41",
        StatusReport(0x2A, PATIENT, AT_HALF_PAST_TEN, AT_ELEVEN, 0x00, protocol_identifier=0x41),
        2,
    ),
    Vector(
        "with all that is optional",
        "06 2A 0B919700000000F1 62112201035021 62112211000021 00 07 00 08 04 04140430",
        StatusReport(0x2A, PATIENT, AT_HALF_PAST_TEN, AT_ELEVEN, 0x00, 0x00, 0x08, UserData("Да")),
        8,
    ),
    Vector(
        "in UTC",
        "06 00 0B919700000000F1 62112201035000 62112211000000 00",
        StatusReport(0, PATIENT, *(at.replace(tzinfo=UTC) for at in (AT_HALF_PAST_TEN, AT_ELEVEN)), 0x00),
    ),
)

VECTORS = SUBMITS + DELIVERS + REPORTS
INCOMING = DELIVERS + REPORTS
