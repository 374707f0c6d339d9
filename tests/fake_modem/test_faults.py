"""What goes wrong on command, once or as often as ordered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_modem import Bank
from tests.fake_modem.scripts import HI, OK, TO, UNREPORTED, ready
from tests.fake_modem.terminal import Terminal

FAULTS_AT_PDU = {
    "refuse": ({"code": "CMS 500"}, "\r\n+CMS ERROR: 500\r\n", 0),
    "no_reference": ({}, OK, 1),
    "lost": ({}, "\r\n+CMGS: 0\r\n" + OK, 0),
    "split_result": ({"seconds": 0.0005}, "\r\n+CMGS: 0\r\n" + OK, 1),
    "late_result": ({"seconds": 0.05}, "\r\n+CMGS: 0\r\n" + OK, 1),
    "slow_result": ({"seconds": 0.05}, "\r\n+CMGS: 0\r\n" + OK, 1),
    "urc_before_result": ({}, "\r\n+CMGS: 0\r\n" + OK, 1),
}


@pytest.mark.parametrize("kind", FAULTS_AT_PDU)
def test_a_fault_at_the_pdu_strikes_once(bank: Bank, line: Terminal, kind: str) -> None:
    options, answer, received = FAULTS_AT_PDU[kind]
    bank.modems[0].fault(kind, recipient=TO, **options)  # type: ignore[arg-type]
    assert line.send(UNREPORTED) == answer
    assert len(bank.phones[TO]) == received
    assert "+CMGS: 1\r\n" in line.send(UNREPORTED)


@pytest.mark.parametrize(("kind", "received"), [("swallow", 0), ("answer_lost", 1)])
def test_a_submit_without_an_answer(bank: Bank, line: Terminal, kind: str, received: int) -> None:
    bank.modems[0].fault(kind, after="PDU")
    line.ask("AT+CMGS=15")
    line.type(UNREPORTED.encode() + b"\x1a")
    assert line.silence(0.1) == ""
    assert len(bank.phones[TO]) == received


def test_a_fault_may_wait_for_a_later_occasion_and_tells_when_it_came(bank: Bank, line: Terminal) -> None:
    bank.modems[0].fault("refuse", code="CMS 500", skip=2)
    assert [OK in line.send(UNREPORTED) for _ in range(4)] == [True, True, False, True]
    assert [each.kind for each in bank.modems[0].struck] == ["refuse"]


def test_a_late_result_comes_after_the_next_answer(bank: Bank, line: Terminal) -> None:
    bank.modems[0].fault("late_result", seconds=0.05)
    line.ask("AT+CMGS=15")
    line.type(HI.encode() + b"\x1aAT+CSQ\r")
    answers = line.until("+CMGS: 0\r\n")
    assert answers.index("+CSQ") < answers.index("+CMGS")


def test_a_hang_in_the_prompt_swallows_all_until_it_recovers(bank: Bank, line: Terminal) -> None:
    bank.modems[0].fault("hang_in_prompt")
    line.ask("AT+CMGS=15")
    line.type(HI.encode() + b"\x1a\x1bAT\r")
    assert line.silence(0.1) == ""
    bank.modems[0].recover()
    assert line.ask("AT") == OK
    assert not bank.submitted


def test_faults_at_commands(bank: Bank, line: Terminal) -> None:
    modem = bank.modems[0]
    modem.fault("error", after="AT+CSCA", code="CME 14", count=2)
    assert [line.ask("AT+CSCA?") for _ in range(2)] == ["\r\n+CME ERROR: 14\r\n"] * 2
    modem.fault("garbage", after="AT+CSCA")
    assert "\xff\x00" in line.ask("AT+CSCA?")
    modem.fault("no_answer", after="AT+CSCA")
    line.type(b"AT+CSCA?\r")
    assert line.silence(0.05) == ""
    assert line.ask("AT+CSCA?") == '\r\n+CSCA: "+79000000990",145\r\n' + OK


def test_noise_between_a_report_and_its_pdu(bank: Bank, line: Terminal) -> None:
    bank.modems[0].fault("report_noise")
    line.send(HI)
    assert line.until("\r\n0791").startswith("\r\n+CDS: 25\r\n\r\n^RSSI: 18\r\n0791")


def test_an_unknown_fault_is_refused_with_the_known_ones(bank: Bank) -> None:
    with pytest.raises(ValueError, match="hang_in_prompt"):
        bank.modems[0].fault("explode", after="PDU")


def test_a_device_without_its_sim_says_so(bank: Bank) -> None:
    bank.modems[0].remove_sim()
    with ready(bank) as line:
        assert line.ask("AT+CPIN?") == "\r\n+CME ERROR: 10\r\n"
        assert line.ask("AT+CMGS=15") == "\r\n+CMS ERROR: 310\r\n"
        bank.modems[0].insert(bank.modems[0].sim)
        assert "READY" in line.ask("ATE0;+CPIN?")


@pytest.mark.parametrize(("kind", "received"), [("unplug", 0), ("sent_and_unplugged", 1)])
def test_the_port_may_vanish_in_the_middle_of_a_submit(bank: Bank, line: Terminal, kind: str, received: int) -> None:
    bank.modems[0].fault(kind, after="PDU")
    line.ask("AT+CMGS=15")
    line.type(UNREPORTED.encode() + b"\x1a")
    assert line.silence(0.1) == ""
    with pytest.raises(OSError, match="Input/output"):
        line.type(b"AT\r")
    assert len(bank.phones[TO]) == received
    with Terminal(bank.modems[0].plug()) as again:
        assert again.ask("AT") == "AT\r" + OK


def test_a_reset_brings_echo_back_and_forgets_the_routing(bank: Bank, line: Terminal) -> None:
    bank.modems[0].reset()
    assert line.ask("AT+CNMI?") == "AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n" + OK


def test_a_bank_that_breaks_down_says_so_at_the_end() -> None:
    bank = Bank(1)
    bank.start()
    bank.loop.failure = ValueError("for the test")
    with pytest.raises(RuntimeError):
        bank.stop()
    assert not bank.folder.exists()


PIECES = [b"AT", b"+CMGS=15", b"\r", b"\x1a", b"\x1b", b'="', b";", b"?", b"+CNMI", b"+CPMS=,", b"9" * 9, b"+CMGR="]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.binary()))
def test_no_bytes_whatever_break_it_down(typed: list[bytes]) -> None:
    with Bank(1) as bank, Terminal(bank.modems[0].port) as line:
        line.type(b"".join(typed)[:1000] + b"\x1b\rATE0\r\x1b\rATE0\r")
        line.silence(0.01)
        assert line.ask("AT").endswith(OK)


def test_a_bank_leaves_no_open_files_behind() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with Bank(8) as bank:
            for modem in bank.modems:
                modem.unplug()
                modem.plug()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_late_result_is_lost_with_the_device_that_owed_it(bank: Bank, line: Terminal) -> None:
    before = Path(bank.modems[0].port)
    bank.modems[0].fault("late_result", seconds=0.05)
    line.ask("AT+CMGS=15")
    line.type(UNREPORTED.encode() + b"\x1a")
    assert bank.wait_for(lambda: bank.submitted)
    with Terminal(bank.modems[0].plug("usb-2")) as again:
        assert again.silence(0.1) == ""
    assert [(bank.folder / "usb-2").exists(), before.exists()] == [True, False]
