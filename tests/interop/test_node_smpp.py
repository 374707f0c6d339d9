"""Our bind against an SMSC on the npm package `smpp`: each reads what the other wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.carrier import Accepted, ReportStatus
from gateway.errors import CarrierLost, Cause
from gateway.smpp.carrier import SmppCarrier
from tests.interop.node_smsc import NodeSmsc, NotHere, NotInstalled, installed
from tests.smpp.certificates import make_certificate
from tests.smpp.live import PHONE, Driver, bound, settings_for

IN_CI = bool(os.environ.get("CI"))  # where a test that does not run is one that fails

try:
    installed()
except NotHere as reason:
    pytest.skip(f"no SMSC by others: {reason}", allow_module_level=True)
except NotInstalled as reason:
    if IN_CI:
        raise
    pytest.skip(f"no SMSC by others: {reason}", allow_module_level=True)

RUSSIAN = "Здравствуйте, ждём Вас во вторник в 10:30. Возьмите, пожалуйста, полис и паспорт; до встречи! 🙂"
ENGLISH = "We expect you on Tuesday at 10:30 {room 5} [bring your passport] for €0, ~2 hours @ our place. " * 4
DIGITS = PHONE.removeprefix("+")


@pytest.fixture(scope="module")
def only_one() -> Iterator[NodeSmsc]:
    """It takes a second to start."""
    with NodeSmsc(receipts="none") as started:
        yield started


@pytest.fixture
def smsc(only_one: NodeSmsc) -> NodeSmsc:
    """One that has seen nothing yet."""
    only_one.forget()
    return only_one


def text_of(pdu: dict[str, Any]) -> str:
    """As the package has decoded it."""
    content = pdu["short_message"]
    if not content["message"] and pdu.get("message_payload"):
        content = pdu["message_payload"]
    return str(content["message"])


def headers_of(pdu: dict[str, Any]) -> list[str]:
    return [each["hex"] for each in pdu["short_message"].get("udh") or []]


@pytest.mark.parametrize("text", ["Hello, Anna", "@£$¥èéùìòÇØøÅå_ÆæßÉ¤¡ÄÖÑÜ§¿äöñüà^{}[~]|€\\", "ΔΦΓΛΩΠΨΣΘΞ"])
def test_the_gsm_alphabet_is_read_as_it_was_written(text: str, smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path) as driver:
        (key,) = driver.submit_long(text)
        assert isinstance(driver.outcome(key), Accepted)
        (pdu,) = smsc.pdus("submit_sm")
        assert (text_of(pdu), pdu["data_coding"], pdu["registered_delivery"]) == (text, 0, 1)
        assert (pdu["source_addr"], pdu["source_addr_ton"], pdu["source_addr_npi"]) == ("Clinic", 5, 0)
        assert (pdu["destination_addr"], pdu["dest_addr_ton"], pdu["dest_addr_npi"]) == (DIGITS, 1, 1)


def test_latin_1_is_read_where_the_bind_is_told_to_write_it(smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, gsm7="latin1", gsm7_coding=3) as driver:
        assert isinstance(driver.outcome(driver.submit("Before @ 10 {room 5} [passport]")), Accepted)
        (pdu,) = smsc.pdus("submit_sm")
        assert (text_of(pdu), pdu["data_coding"]) == ("Before @ 10 {room 5} [passport]", 3)


def test_how_long_it_is_good_for_and_who_sends_it_are_understood(smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, senders=["Lab"]) as driver:
        assert isinstance(driver.outcome(driver.submit(validity_s=3 * 3600, sender="Lab")), Accepted)
        (pdu,) = smsc.pdus("submit_sm")
        left = datetime.fromisoformat(pdu["validity_period"]) - datetime.now(UTC)
        assert timedelta(hours=2, minutes=55) < left < timedelta(hours=3, minutes=1)
        assert (pdu["source_addr"], pdu["source_addr_ton"]) == ("Lab", 5)


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH], ids=["UCS-2", "GSM"])
def test_the_parts_of_a_long_text_bear_a_header(text: str, smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path) as driver:
        keys = driver.submit_long(text)
        assert all(isinstance(driver.outcome(key), Accepted) for key in keys)
        pdus = smsc.pdus("submit_sm", len(keys))
        assert "".join(map(text_of, pdus)) == text
        assert [headers_of(pdu) for pdu in pdus] == [
            [f"000307{len(keys):02x}{number:02x}"] for number in range(1, len(keys) + 1)
        ]
        assert {pdu["esm_class"] for pdu in pdus} == {0x40}


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH], ids=["UCS-2", "GSM"])
def test_or_parameters_that_say_which_part_it_is(text: str, smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, long_messages="sar") as driver:
        keys = driver.submit_long(text)
        assert all(isinstance(driver.outcome(key), Accepted) for key in keys)
        pdus = smsc.pdus("submit_sm", len(keys))
        assert "".join(map(text_of, pdus)) == text
        names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
        assert [tuple(pdu[name] for name in names) for pdu in pdus] == [
            (7, len(keys), number) for number in range(1, len(keys) + 1)
        ]


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH], ids=["UCS-2", "GSM"])
def test_or_all_of_it_is_in_message_payload(text: str, smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, long_messages="payload") as driver:
        keys = driver.submit_long(text)
        assert all(isinstance(driver.outcome(key), Accepted) for key in keys)
        pdus = smsc.pdus("submit_sm", len(keys))
        assert "".join(map(text_of, pdus)) == text
        assert {pdu["short_message"]["message"] for pdu in pdus} == {""}


@pytest.mark.parametrize("receipts", ["text", "tlv"])
def test_receipts_come_back_to_the_sms_that_they_are_about(receipts: str, tmp_path: Path) -> None:
    with NodeSmsc(receipts=receipts) as smsc, bound(smsc, tmp_path) as driver:
        fine, not_there = driver.submit(), driver.submit(to="+79000000005")
        ids = [driver.outcome(key).message_reference for key in (fine, not_there)]  # type: ignore[attr-defined]
        driver.until(lambda: len(driver.reports) == 2)
        found = {each.message_reference: (each.recipient, each.status) for each in driver.reports}
        assert found == {
            ids[0]: (PHONE, ReportStatus.DELIVERED),
            ids[1]: ("+79000000005", ReportStatus.UNDELIVERED),
        }
        driver.until(lambda: len(smsc.saw("answer")) == 2)
        assert [each["status"] for each in smsc.saw("answer")] == [0, 0]


INCOMING: dict[str, tuple[dict[str, Any], str]] = {
    "the SMSC's default": ({"short_message": "Yes, I come {5 pm}"}, "Yes, I come {5 pm}"),
    "Latin-1": ({"short_message": "À bientôt", "data_coding": 3}, "À bientôt"),
    "UCS-2": ({"short_message": "Да, приду", "data_coding": 8}, "Да, приду"),
    "data_sm": ({"command": "data_sm", "message_payload": {"hex": b"Yes".hex()}, "data_coding": 3}, "Yes"),
    "payload": ({"message_payload": {"hex": "Да, приду".encode("utf-16-be").hex()}, "data_coding": 8}, "Да, приду"),
}


@pytest.mark.parametrize(("pdu", "text"), INCOMING.values(), ids=INCOMING)
def test_what_a_patient_writes_is_read_and_acknowledged(
    pdu: dict[str, Any], text: str, smsc: NodeSmsc, tmp_path: Path
) -> None:
    with bound(smsc, tmp_path) as driver:
        smsc.say(**pdu)
        driver.until(lambda: smsc.saw("answer"))
        assert [(each.sender, each.text) for each in driver.incoming] == [("+79000000009", text)]
        assert [each["status"] for each in smsc.saw("answer")] == [0]


def test_the_parts_of_a_patients_long_sms_are_known(smsc: NodeSmsc, tmp_path: Path) -> None:
    parts = [
        {"esm_class": 0x40, "data_coding": 8, "short_message": {"hex": f"0500032a02{number:02x}" + body}}
        for number, body in enumerate(("Да, ".encode("utf-16-be").hex(), "приду".encode("utf-16-be").hex()), 1)
    ]
    with bound(smsc, tmp_path) as driver:
        for part in parts:
            smsc.say(**part)
        driver.until(lambda: len(driver.incoming) == 2)
        places = [each.concatenation for each in driver.incoming]
        assert [(each.reference, each.total, each.number) for each in places if each] == [(0x2A, 2, 1), (0x2A, 2, 2)]
        assert "".join(each.text for each in driver.incoming) == "Да, приду"


def test_both_sides_ask_whether_the_other_is_there(smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, enquire_every=1.0) as driver:
        smsc.order("enquire")
        driver.until(lambda: smsc.saw("enquire_link_resp"))
        driver.until(lambda: smsc.saw("enquire_link"))
        settle(driver)
        assert driver.falls == []


def settle(driver: Driver) -> None:
    """What was asked has been answered by now: something later has been."""
    assert isinstance(driver.outcome(driver.submit()), Accepted)


def test_we_take_leave_and_so_does_the_smsc(tmp_path: Path) -> None:
    with NodeSmsc() as smsc:
        with bound(smsc, tmp_path):
            pass
        smsc.wait_for("unbind")
        with bound(smsc, tmp_path) as driver:
            smsc.order("unbind")
            driver.until(lambda: driver.falls)
            assert driver.falls[0].cause is Cause.UNREACHABLE
            smsc.wait_for("unbind_resp")


def test_a_pair_is_two_binds(smsc: NodeSmsc, tmp_path: Path) -> None:
    with bound(smsc, tmp_path, bind="pair") as driver:
        settle(driver)
        smsc.say(short_message="Yes")
        driver.until(lambda: driver.incoming)
        assert len(smsc.pdus("bind_transmitter")) == len(smsc.pdus("bind_receiver")) == 1


def test_a_wrong_password_is_said_so(smsc: NodeSmsc, tmp_path: Path) -> None:
    settings = settings_for(smsc, tmp_path)
    assert settings.password_file is not None
    settings.password_file.write_text("wrong", encoding="utf-8")
    with pytest.raises(CarrierLost, match="password") as lost:
        SmppCarrier(settings).open()
    assert lost.value.cause is Cause.DENIED


def test_tls_is_spoken_by_both(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    changes = {"tls": True, "ca_file": certificate[0], "server_name": "smsc.example"}
    with NodeSmsc(tls=certificate) as smsc, bound(smsc, tmp_path, **changes) as driver:
        driver.submit()
        driver.until(lambda: driver.reports)
