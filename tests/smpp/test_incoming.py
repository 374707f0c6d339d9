"""Patients' SMS over SMPP: every coding, long ones by header or parameters, damaged ones; and those that come twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.smpp import incoming, tlv
from gateway.smpp.arrivals import Arrivals
from gateway.smpp.coding import Codings
from gateway.smpp.messages import Address, DataSm, DeliverSm
from gateway.smpp.tlv import Tlv
from gateway.sms.message import Concatenation

CLINIC = Address("1234", 3, 0)
PATIENT = Address("79000000001", 1, 1)
YES = DeliverSm(PATIENT, CLINIC, b"Yes")
ZHDU = "Жду".encode("utf-16-be")


def sar(reference: int, total: int, number: int) -> tuple[Tlv, ...]:
    values = (tlv.SAR_MSG_REF_NUM, reference), (tlv.SAR_TOTAL_SEGMENTS, total), (tlv.SAR_SEGMENT_SEQNUM, number)
    return tuple(tlv.of_integer(tag, value) for tag, value in values)


def payload(octets: bytes) -> Tlv:
    return Tlv(tlv.MESSAGE_PAYLOAD, octets)


WHOLE = {
    "7-bit": (YES, "Yes", None),
    "7-bit with an escape": (replace(YES, short_message=b"5\x1be"), "5€", None),
    "UCS-2": (replace(YES, short_message=ZHDU, data_coding=8), "Жду", None),
    "Latin-1": (replace(YES, short_message=b"na\xefve", data_coding=3), "naïve", None),
    "Cyrillic": (replace(YES, short_message=b"\xb6\xd4\xe3", data_coding=6), "Жду", None),
    "shown at once": (replace(YES, data_coding=0x10), "Yes", None),
    "in message_payload": (replace(YES, short_message=b"", tlvs=(payload(b"Yes" * 200),)), "Yes" * 200, None),
    "by data_sm": (DataSm(PATIENT, CLINIC, data_coding=8, tlvs=(payload(ZHDU),)), "Жду", None),
    "a part by header": (
        replace(YES, short_message=bytes.fromhex("0500034c0201") + ZHDU, data_coding=8, esm_class=0x40),
        "Жду",
        Concatenation(0x4C, 2, 1),
    ),
    "a part by a wide header": (
        replace(YES, short_message=bytes.fromhex("060804beef0202") + b"Yes", esm_class=0x40),
        "Yes",
        Concatenation(0xBEEF, 2, 2, is_wide=True),
    ),
    "a part by header in message_payload": (
        replace(YES, short_message=b"", tlvs=(payload(bytes.fromhex("0500034c0201") + b"Yes"),), esm_class=0x40),
        "Yes",
        Concatenation(0x4C, 2, 1),
    ),
    "a part by parameters": (replace(YES, tlvs=sar(0x14C, 3, 2)), "Yes", Concatenation(0x14C, 3, 2, is_wide=True)),
    "a part by data_sm": (
        DataSm(PATIENT, CLINIC, tlvs=(*sar(7, 2, 1), payload(b"Yes"))),
        "Yes",
        Concatenation(7, 2, 1, is_wide=True),
    ),
    "the only part": (replace(YES, tlvs=sar(7, 1, 1)), "Yes", None),
    "parts that can't be": (replace(YES, tlvs=sar(7, 2, 3)), "Yes", None),
    "parts of which one parameter is missing": (replace(YES, tlvs=sar(7, 2, 1)[:2]), "Yes", None),
    "an empty one": (replace(YES, short_message=b""), "", None),
    "one that looks like a receipt": (replace(YES, short_message=b"id:1 stat:DELIVRD"), "id:1 stat:DELIVRD", None),
}


@pytest.mark.parametrize(("message", "text", "place"), WHOLE.values(), ids=WHOLE)
def test_an_sms_is_read_whole(message: DeliverSm | DataSm, text: str, place: Concatenation | None) -> None:
    found = incoming.read(message, Codings(), "print", "handle")
    assert (found.text, found.concatenation, found.is_damaged) == (text, place, False)
    assert (found.sender, found.fingerprint, found.handle, found.sent_at) == ("+79000000001", "print", "handle", None)


DAMAGED = {
    "data": (replace(YES, short_message=b"\xde\xad", data_coding=4), "DE AD"),
    "half a character": (replace(YES, short_message=ZHDU[:-1], data_coding=8), "Жд"),
    "no septets": (replace(YES, short_message=b"na\xefve"), "naïve"),
    "a header that claims too much": (replace(YES, short_message=b"\x50Yes", esm_class=0x40), ""),
    "a header without sense": (replace(YES, short_message=b"\x02\x00\x09Yes", esm_class=0x40), "Yes"),
    "a header that is not there": (replace(YES, short_message=b"", esm_class=0x40), ""),
    "cut on the way": (replace(YES, is_whole=False), "Yes"),
}


@pytest.mark.parametrize(("message", "text"), DAMAGED.values(), ids=DAMAGED)
def test_what_can_not_be_read_whole_is_kept_and_marked(message: DeliverSm, text: str) -> None:
    found = incoming.read(message, Codings(), "print")
    assert (found.text, found.is_damaged) == (text, True)


@given(st.binary(max_size=254), st.integers(0, 255), st.integers(0, 255))
def test_any_sms_gives_something_that_can_be_stored(octets: bytes, data_coding: int, esm_class: int) -> None:
    message = replace(YES, short_message=octets, data_coding=data_coding, esm_class=esm_class)
    incoming.read(message, Codings(), "print").text.encode("utf-8")


# Those that come twice

BODY, OTHER = b"Yes", b"No"


def test_one_that_was_not_answered_comes_again_as_the_same() -> None:
    arrivals = Arrivals("start")
    assert arrivals.token(BODY, 0.0) == arrivals.token(BODY, 60.0)
    assert arrivals.token(OTHER, 60.0) != arrivals.token(BODY, 60.0)


def test_one_like_an_answered_one_is_another() -> None:
    arrivals = Arrivals("start")
    first = arrivals.token(BODY, 0.0)
    arrivals.answered(BODY, 0.0)
    second = arrivals.token(BODY, 0.1)
    assert second != first
    arrivals.answered(BODY, 0.2)
    assert arrivals.token(BODY, 0.3) not in (first, second)


def test_an_answer_of_the_last_moment_may_be_lost_with_the_link() -> None:
    arrivals = Arrivals("start")
    early, late = arrivals.token(BODY, 0.0), arrivals.token(OTHER, 0.0)
    arrivals.answered(BODY, 1.0)
    arrivals.answered(OTHER, 20.0)
    arrivals.fell(25.0, 25.0)
    assert arrivals.token(BODY, 30.0) != early  # the SMSC had its answer
    assert arrivals.token(OTHER, 30.0) == late


def test_an_answer_that_a_link_which_takes_nothing_never_took_is_lost_with_it() -> None:
    arrivals = Arrivals("start")
    first = arrivals.token(BODY, 0.0)
    arrivals.answered(BODY, 1.0)
    arrivals.fell(25.0, written_until=0.5)
    assert arrivals.token(BODY, 30.0) == first


def test_who_writes_the_same_long_after_has_written_again() -> None:
    arrivals = Arrivals("start")
    first = arrivals.token(BODY, 0.0)
    arrivals.answered(BODY, 1.0)
    arrivals.fell(2.0, 2.0)
    arrivals.bound(3.0)
    assert arrivals.token(BODY, 3.0 + Arrivals.DOUBT_S) != first


def test_an_smsc_that_was_away_for_hours_may_repeat_what_it_told_last() -> None:
    arrivals, hours = Arrivals("start"), 5 * 3600.0
    first = arrivals.token(BODY, 0.0)
    arrivals.answered(BODY, 1.0)
    arrivals.fell(2.0, 2.0)
    arrivals.bound(hours)
    assert arrivals.token(BODY, hours + 1.0) == first


def test_an_unanswered_one_may_come_again_hours_later() -> None:
    arrivals = Arrivals("start")
    first = arrivals.token(BODY, 0.0)
    arrivals.fell(1.0, 1.0)
    assert arrivals.token(BODY, 20 * 3600.0) == first
    assert arrivals.token(BODY, 25 * 3600.0) != first


def test_another_start_of_the_gateway_never_uses_a_token_again() -> None:
    assert Arrivals("one").token(BODY, 0.0) != Arrivals("two").token(BODY, 0.0)


def test_only_so_many_are_remembered() -> None:
    arrivals = Arrivals("start")
    first = arrivals.token(BODY, 0.0)
    for number in range(Arrivals.REMEMBERED):
        arrivals.token(b"%d" % number, 0.0)
    assert arrivals.token(BODY, 0.0) != first
