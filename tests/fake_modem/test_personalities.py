"""How the models differ, seen from the port."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.fake_modem import Bank
from tests.fake_modem.personality import load_all
from tests.fake_modem.scripts import HI, OK, TO, ready
from tests.fake_modem.terminal import Terminal

SENDER = "+79000000005"

SHAPES = {
    "huawei": [("AT+FOO", "\r\nCOMMAND NOT SUPPORT\r\n"), ('AT+CPMS="SM","SM","SM"', "\r\n+CMS ERROR: 302\r\n")],
    "wavecom": [("AT+CFUN=1", OK), ("AT+CSQ", "\r\n+CME ERROR: 515\r\n"), ("AT+CSQ", "\r\n+CME ERROR: 515\r\n"),
                ("AT+CSQ", "\r\n+CSQ: 18,99\r\n" + OK)],
    "qualcomm": [("AT+CPIN?", "\r\n+CPIN:READY\r\n" + OK), ("AT+CSMP=49,167,0,0", OK),
                 ("AT+CSCA?", "\r\n+CSCA: ,145\r\n" + OK)],
    "packets_only_cgreg": [("AT+CEREG?", "\r\n+CEREG: 0,0\r\n" + OK), ("AT+CGREG?", "\r\n+CGREG: 0,1\r\n" + OK)],
    "lte_only_cereg": [("AT+CREG?", "\r\n+CREG: 0,0\r\n" + OK), ("AT+CEREG?", "\r\n+CEREG: 0,1\r\n" + OK)],
    "nokia_no_cnmi": [("AT+CNMI=2,1,0,1,0", "\r\nERROR\r\n"), ("AT+CPMS=?", "\r\n+CPMS: (),(),()\r\n" + OK)],
    "cinterion": [
        ("AT+CMGF=0;+CSMS=0", "\r\nERROR\r\n"),
        ("AT+CNMI=2,1,0,1,0", "\r\n+CMS ERROR: 302\r\n"),
        ("AT+CNMI=2,1,0,1,1", OK),
    ],
    "iridium": [("AT+CREG?", "\r\n+CREG:000,001\r\n" + OK)],
    "k3715": [("AT+CSCA?", "\r\n+CME ERROR: SIM busy\r\n")],
    "no_reports": [("AT+CNMI=2,1,0,1,0", "\r\n+CMS ERROR: 302\r\n"), ("AT+CNMI=2,1,0,0,0", OK)],
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_a_personality_answers_in_its_own_way(name: str) -> None:
    with Bank(1, personality=name) as bank, Terminal(bank.modems[0].port) as line:
        line.ask("ATE0")
        line.ask("AT+CMEE=1")
        line.silence(0.02)
        assert [line.ask(command) for command, _ in SHAPES[name]] == [answer for _, answer in SHAPES[name]]


def test_wavecom_says_ready_without_ok() -> None:
    with Bank(1, personality="wavecom") as bank, ready(bank) as line:
        line.type(b"AT+CPIN?\r")
        assert line.until("READY\r\n").endswith("\r\n+CPIN: READY\r\n")
        assert line.silence(0.05) == ""


def test_the_android_simulator_ends_lines_by_cr_alone() -> None:
    with Bank(1, personality="android_cr_only") as bank, Terminal(bank.modems[0].port) as line:
        line.type(b"AT+CSQ\r")
        assert line.until("OK\r") == "+CSQ: 18,99\rOK\r"
        line.type(b"AT+CMGS=15\r")
        assert line.until(">") == ">"


def test_huawei_tells_of_a_message_before_it_can_be_read_at_index_0() -> None:
    slow = replace(load_all()["huawei"], indication_first_s=0.5)
    with Bank(1, personality=slow) as bank, ready(bank) as line:
        bank.modems[0].deliver(SENDER, "hi")
        line.until('+CMTI: "SM",0\r\n')
        assert line.ask("AT+CMGR=0").endswith("+CMS ERROR: 321\r\n")
        assert bank.wait_for(lambda: "+CMGR: 0," in line.ask("AT+CMGR=0"))


def test_m590_routes_a_message_and_stores_it_too() -> None:
    with Bank(1, personality="m590") as bank, ready(bank, cnmi="2,2,0,1,0") as line:
        bank.modems[0].deliver(SENDER, "hi")
        assert line.until("+CMT: ,")
        assert bank.modems[0].stored() == [1]


def test_a_reset_off_the_bus_comes_back_with_echo() -> None:
    with Bank(1, personality="resetting") as bank:
        with Terminal(bank.modems[0].port) as line:
            line.until("\r\nRDY\r\n")
            line.ask("AT+CFUN=1,1")
            assert bank.wait_for(lambda: not os.path.lexists(bank.modems[0].port))
        assert bank.wait_for(lambda: os.path.lexists(bank.modems[0].port))
        with Terminal(bank.modems[0].port) as line:
            line.until("\r\nRDY\r\n")
            assert line.ask("AT") == "AT\r" + OK


@pytest.mark.parametrize("name", sorted(load_all()))
def test_every_personality_sends(name: str) -> None:
    with Bank(1, personality=name) as bank, Terminal(bank.modems[0].port) as line:
        if bank.modems[0].settings.cmgf:
            line.ask("AT+CMGF=0")
        if name == "resetting":
            line.until("\r\nRDY\r\n")
        line.type(b"AT+CMGS=15\r")
        line.until(">")
        line.type(HI.encode() + b"\x1a")
        assert bank.wait_for(lambda: bank.phones[TO] == ["hi"])


def test_zte_sends_only_after_its_service_centre_was_written_back() -> None:
    with Bank(1, personality="zte") as bank, ready(bank) as line:
        answers = [line.ask("AT+CSCA?") for _ in range(3)]
        assert answers[:2] == ["\r\n+CME ERROR: 14\r\n"] * 2
        number = answers[2].split('"')[1]
        line.ask("AT+CSMP=49,167,0,0")
        assert line.send(HI) == "\r\n+CMS ERROR: 330\r\n"
        line.ask(f'AT+CSCA="{number}",145')
        assert line.ask("AT+CSCA?") == answers[2]
        assert line.send(HI) == "\r\n+CMGS: 1\r\n" + OK
        assert line.until("+CDS: 25\r\n0B91")  # the service centre's length counts digits
