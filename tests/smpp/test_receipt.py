"""Receipts in all the forms that SMSCs give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.carrier import ReportStatus
from gateway.smpp import receipt, tlv
from gateway.smpp.coding import Coding, Codings
from gateway.smpp.messages import Address, DataSm, DeliverSm
from gateway.smpp.receipt import Receipt
from gateway.smpp.times import Zone
from gateway.smpp.tlv import Tlv

CLINIC = Address("Clinic", 5, 0)
PATIENT = Address("79000000001", 1, 1)
USUAL = "id:1a2b3c sub:001 dlvrd:001 submit date:2611221030 done date:2611221031 stat:DELIVRD err:000 text:Hello"
DELIVERED, UNDELIVERED, PENDING = ReportStatus.DELIVERED, ReportStatus.UNDELIVERED, ReportStatus.PENDING


def deliver(text: str = "", *tlvs: Tlv, esm_class: int = 0x04, **fields: object) -> DeliverSm:
    return DeliverSm(PATIENT, CLINIC, text.encode("latin-1"), esm_class=esm_class, tlvs=tlvs, **fields)  # type: ignore[arg-type]


def found_in(message: DeliverSm | DataSm) -> Receipt:
    found = receipt.find(message, Codings())
    assert found is not None
    return found


def state(number: int) -> Tlv:
    return tlv.of_integer(tlv.MESSAGE_STATE, number)


def receipted(message_id: str) -> Tlv:
    return tlv.of_string(tlv.RECEIPTED_MESSAGE_ID, message_id)


def test_the_usual_text_is_read_whole() -> None:
    found = found_in(deliver(USUAL))
    assert (found.message_id, found.code, found.status) == ("1a2b3c", "smpp_delivrd", DELIVERED)
    assert (found.submitted, found.done) == (datetime(2026, 11, 22, 10, 30), datetime(2026, 11, 22, 10, 31))
    assert found.recipient == "+79000000001"


# Each says of 1a2b3c that it is UNDELIV with error 011
TEXTS = {
    "appendix B": "id:1a2b3c sub:001 dlvrd:000 submit date:2611221030 done date:2611221031 stat:UNDELIV err:011 text:x",
    "capitals": "ID:1a2b3c SUB:001 DLVRD:000 SUBMIT DATE:2611221030 DONE DATE:2611221031 STAT:UNDELIV ERR:011 TEXT:x",
    "small letters": "id:1a2b3c stat:undeliv err:011",
    "another order": "stat:UNDELIV err:011 done date:2611221031 id:1a2b3c",
    "spaces behind the colons": "id: 1a2b3c sub: 001 stat: UNDELIV err: 011",
    "spaces before them": "id : 1a2b3c stat : UNDELIV err : 011",
    "quotes": 'id:"1a2b3c" stat:"UNDELIV" err:"011"',
    "equals signs and commas": "id=1a2b3c,stat=UNDELIV,err=011",
    "semicolons": "id:1a2b3c;stat:UNDELIV;err:011;",
    "lines": "id:1a2b3c\r\nstat:UNDELIV\r\nerr:011\r\n",
    "underscores in names": "id:1a2b3c submit_date:261122103000 done_date:261122103100 stat:UNDELIV err:011",
    "whole words": "id:1a2b3c status:UNDELIVERABLE error:011",
    "yet other words": "message_id:1a2b3c state:UNDELIV error:011",
    "an operator's own field": "id:1a2b3c stat:UNDELIV mccmnc:25001 err:011",
    "nothing behind text": "id:1a2b3c stat:UNDELIV err:011 text:",
    "the SMS's own text looks like a receipt": "id:1a2b3c stat:UNDELIV err:011 text:id:7 stat:DELIVRD err:000",
    "a field twice": "id:1a2b3c stat:UNDELIV err:011 id:7 stat:DELIVRD err:000",
    "NULs at the end": "id:1a2b3c stat:UNDELIV err:011\x00\x00",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_usual_form_of_the_text_is_read(text: str) -> None:
    found = found_in(deliver(text))
    assert (found.message_id, found.code, found.status) == ("1a2b3c", "smpp_undeliv_011", UNDELIVERED)


def test_what_the_smss_own_text_says_is_no_part_of_the_receipt() -> None:
    assert found_in(deliver("id:1a2b3c stat:UNDELIV text:err:099 done date:2611221031")).code == "smpp_undeliv"
    assert found_in(deliver("id:1a2b3c stat:UNDELIV text:done date:2611221031")).done is None


STATES = {
    "DELIVRD": ("smpp_delivrd", DELIVERED),
    "DELIVERED": ("smpp_delivrd", DELIVERED),
    "EXPIRED": ("smpp_expired", UNDELIVERED),
    "DELETED": ("smpp_deleted", UNDELIVERED),
    "UNDELIV": ("smpp_undeliv", UNDELIVERED),
    "FAILED": ("smpp_undeliv", UNDELIVERED),
    "REJECTD": ("smpp_rejectd", UNDELIVERED),
    "REJECTED": ("smpp_rejectd", UNDELIVERED),
    "SKIPPED": ("smpp_skipped", UNDELIVERED),
    "ACCEPTD": ("smpp_acceptd", PENDING),
    "ENROUTE": ("smpp_enroute", PENDING),
    "BUFFERED": ("smpp_buffered", PENDING),
    "SCHEDULED": ("smpp_schedld", PENDING),
    "UNKNOWN": ("smpp_unknown", PENDING),
    "DELIVERY FAILED": ("smpp_delivery", PENDING),
    "SPAMBLOCK": ("smpp_spamblock", PENDING),
    "": ("smpp_no_state", PENDING),
}


@pytest.mark.parametrize(("word", "wanted"), STATES.items())
def test_a_state_is_final_only_when_it_says_so(word: str, wanted: tuple[str, ReportStatus]) -> None:
    found = found_in(deliver(f"id:1 stat:{word} err:000"))
    assert (found.code, found.status) == wanted


NUMBERS = {0: PENDING, 1: PENDING, 2: DELIVERED, 3: UNDELIVERED, 4: UNDELIVERED, 5: UNDELIVERED, 6: PENDING, 7: PENDING,
           8: UNDELIVERED, 9: UNDELIVERED, 200: PENDING}  # fmt: skip


@pytest.mark.parametrize(("number", "status"), NUMBERS.items())
def test_a_parameter_says_the_state_by_its_number(number: int, status: ReportStatus) -> None:
    assert found_in(deliver("", receipted("7"), state(number))).status is status


ERRORS = {
    "none": ("err:000", ""),
    "decimal": ("err:045", "_045"),
    "hexadecimal": ("err:0x5D", "_0x5d"),
    "a word": ("err:ABSENT_SUB", "_absentsub"),
    "left empty": ("err:", ""),
    "missing": ("", ""),
}


@pytest.mark.parametrize(("text", "ending"), ERRORS.values(), ids=ERRORS)
def test_an_error_is_part_of_the_code(text: str, ending: str) -> None:
    assert found_in(deliver(f"id:1 stat:UNDELIV {text}")).code == f"smpp_undeliv{ending}"


def test_the_networks_error_counts_when_the_text_has_none() -> None:
    network_error = Tlv(tlv.NETWORK_ERROR_CODE, b"\x03\x00\x1b")
    assert found_in(deliver("", receipted("7"), state(5), network_error)).code == "smpp_undeliv_027"
    assert found_in(deliver("id:7 stat:UNDELIV err:011", network_error)).code == "smpp_undeliv_011"
    assert found_in(deliver("", receipted("7"), state(2), Tlv(tlv.NETWORK_ERROR_CODE, b"\x03\x00\x00"))).code == (
        "smpp_delivrd"
    )


def test_parameters_come_before_the_text_and_the_text_fills_what_they_lack() -> None:
    both = found_in(deliver("id:text stat:UNDELIV err:011", receipted("parameter"), state(2)))
    assert (both.message_id, both.status) == ("parameter", DELIVERED)
    only_id = found_in(deliver("id:text stat:EXPIRED", receipted("parameter")))
    assert (only_id.message_id, only_id.status) == ("parameter", UNDELIVERED)
    only_state = found_in(deliver("id:text", state(2)))
    assert (only_state.message_id, only_state.status) == ("text", DELIVERED)
    no_text = found_in(deliver("", receipted("parameter"), state(2)))
    assert (no_text.message_id, no_text.status) == ("parameter", DELIVERED)


# What is a receipt

A_PATIENTS = DeliverSm(PATIENT, Address("1234", 3, 0), b"id:1 stat:DELIVRD")
KINDS = {
    "a patient's text that looks like one": (A_PATIENTS, False),
    "marked": (replace(A_PATIENTS, esm_class=0x04), True),
    "marked, with other bits": (replace(A_PATIENTS, esm_class=0x07 | 0x80), True),
    "intermediate": (replace(A_PATIENTS, esm_class=0x20), True),
    "said to be the phone's": (replace(A_PATIENTS, esm_class=0x08), True),
    "a person's answer": (replace(A_PATIENTS, esm_class=0x10), False),
    "not marked, with its parameter": (replace(A_PATIENTS, tlvs=(receipted("1"),)), True),
    "not marked, with a state": (replace(A_PATIENTS, tlvs=(state(2),)), True),
    "a patient's text with another parameter": (replace(A_PATIENTS, tlvs=(Tlv(0x1400, b"1"),)), False),
    "an id beside a text that is none": (
        replace(A_PATIENTS, short_message=b"Thank you", tlvs=(receipted("receipted_message_id"),)),
        False,
    ),
    "marked, and not like one": (replace(A_PATIENTS, esm_class=0x04, short_message=b"Thank you"), False),
}


@pytest.mark.parametrize(("message", "is_one"), KINDS.values(), ids=KINDS)
def test_a_receipt_is_known_by_its_marks_and_never_by_a_text_alone(message: DeliverSm, is_one: bool) -> None:
    assert (receipt.find(message, Codings()) is not None) == is_one


def test_that_a_first_try_failed_is_no_end() -> None:
    text = "id:1 stat:UNDELIV err:011"
    assert found_in(deliver(text, esm_class=0x20)).status is PENDING
    assert found_in(deliver(text, esm_class=0x04)).status is UNDELIVERED
    assert found_in(deliver("id:1 stat:DELIVRD", esm_class=0x20)).status is DELIVERED


def test_a_data_sm_brings_a_receipt_in_its_payload() -> None:
    message = DataSm(PATIENT, CLINIC, esm_class=0x04, tlvs=(Tlv(tlv.MESSAGE_PAYLOAD, USUAL.encode("ascii")),))
    assert found_in(message).message_id == "1a2b3c"


def test_a_text_in_ucs_2_is_read_too() -> None:
    message = replace(deliver(), short_message=USUAL.encode("utf-16-be"), data_coding=8)
    assert found_in(message).code == "smpp_delivrd"


@pytest.mark.parametrize("how", [Coding.GSM, Coding.LATIN1, Coding.GSM_PACKED])
def test_an_id_with_an_underscore_is_not_read_as_gsm_7_bit(how: Coding) -> None:
    found = receipt.find(deliver("id:msg_id_1 stat:DELIVRD"), Codings({0: how}))
    assert found is not None
    assert found.message_id == "msg_id_1"


RECIPIENTS = {
    "from the patient": (PATIENT, CLINIC, "+79000000001"),
    "addresses left as in the submit_sm": (CLINIC, PATIENT, "+79000000001"),
    "without its type": (Address("79000000001"), CLINIC, "79000000001"),
    "from the patient to our short code": (PATIENT, Address("1234", 3, 0), "+79000000001"),
    "a short code and a number, either may be ours": (Address("1234", 3, 0), PATIENT, None),
    "from a short code to our name": (Address("1234", 3, 0), CLINIC, "1234"),
    "nobody": (Address(""), CLINIC, None),
}


@pytest.mark.parametrize(("source", "destination", "wanted"), RECIPIENTS.values(), ids=RECIPIENTS)
def test_the_recipient_is_the_number_among_both_addresses(
    source: Address, destination: Address, wanted: str | None
) -> None:
    message = replace(deliver(USUAL), source=source, destination=destination)
    assert found_in(message).recipient == wanted


# The report

MOSCOW = timezone(timedelta(hours=3))


def test_a_report_bears_the_likeliest_form_of_the_id_and_the_others() -> None:
    report = receipt.report(found_in(deliver(USUAL)), ("1A2B3C", "1715004"), Zone(MOSCOW), "print", "handle")
    assert (report.message_reference, report.other_forms, report.is_exact) == ("1A2B3C", ("1715004",), True)
    assert (report.status, report.code, report.fingerprint) == (DELIVERED, "smpp_delivrd", "print")
    assert report.handle == "handle"
    assert report.submitted_at == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
    assert report.discharged_at == datetime(2026, 11, 22, 7, 31, tzinfo=UTC)


def test_a_receipt_without_an_id_is_matched_by_what_else_it_says() -> None:
    found = found_in(deliver("submit date:2611221030 stat:DELIVRD"))
    report = receipt.report(found, (), Zone(MOSCOW), "print")
    assert (report.message_reference, report.is_exact) == ("", False)
    assert report.submitted_at == datetime(2026, 11, 22, 7, 30, tzinfo=UTC)


def test_neither_number_nor_text_shows_in_a_repr() -> None:
    assert "79000000001" not in repr(found_in(deliver(USUAL)))
    assert "Hello" not in repr(found_in(deliver(USUAL)))


@given(st.text(st.characters(max_codepoint=0xFF), max_size=200))
def test_any_text_marked_as_a_receipt_is_read_or_left_to_people(text: str) -> None:
    found = receipt.find(deliver(text), Codings())
    if found is not None:
        assert len(found.message_id) <= 64
        assert found.code.isascii()


FIELDS = [
    "id:1a2b3c",
    "sub:001",
    "dlvrd:001",
    "submit date:2611221030",
    "done date:2611221031",
    "stat:DELIVRD",
    "err:000",
]


@given(st.permutations(FIELDS), st.sampled_from((" ", ",", ";", "\r\n", "  ")), st.booleans())
def test_order_and_case_make_no_difference(fields: list[str], between: str, is_upper: bool) -> None:
    text = between.join(fields)
    found = found_in(deliver(text.upper() if is_upper else text))
    assert found.message_id.lower() == "1a2b3c"
    assert (found.code, found.done) == ("smpp_delivrd", datetime(2026, 11, 22, 10, 31))


IDS = st.one_of(
    st.sampled_from(["1a-2B", "sub", "stat", "id", "0007"]), st.from_regex(r"[0-9A-Za-z-]{1,12}", fullmatch=True)
)


@given(
    IDS,
    st.sampled_from(["DELIVRD", "UNDELIV", "err", "text"]),
    st.text(max_size=20),
    st.sampled_from([" text:", " Text:", ""]),
)
def test_the_usual_text_says_the_same_read_in_one_go_or_step_by_step(
    name: str, stat: str, words: str, key: str
) -> None:
    text = f"id:{name} sub:001 dlvrd:001 submit date:2611221200 done date:2611221201 stat:{stat} err:000{key}{words}"
    found = receipt.fields_in(text)
    assert found == receipt._fields_by_key(text)
    assert not key or (found["id"], found["stat"]) == (name, stat)
