"""Scripted sessions with the fake modems, byte by byte: what a gateway may rely on when it is tested against them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fake_modem import Bank, Rule
from tests.fake_modem.process import BankProcess
from tests.fake_modem.scripts import HI, OK, TO, UNREPORTED, ready
from tests.fake_modem.sim import PUK
from tests.fake_modem.terminal import Terminal

PART_1, PART_2 = (f"0041000B919700000000F1000808050003070{total}0416" for total in ("201", "202"))
SENDER = "+79000000005"


def report(line: Terminal) -> str:
    """The next routed report's PDU."""
    line.until("+CDS: 25\r\n")
    return line.until("\r\n").strip()


def test_a_whole_session_is_answered_byte_for_byte(bank: Bank) -> None:
    script = [
        ("ATZ", "ATZ\r" + OK),
        ("ATE0", "ATE0\r" + OK),
        ("AT+CPIN?", "\r\n+CPIN: READY\r\n" + OK),
        ("at+csq", "\r\n+CSQ: 18,99\r\n" + OK),
        ("AT+CMGF=0;+CSMS?", "\r\n+CSMS: 0,1,1,1\r\n" + OK),
        ("AT+CPMS=?", '\r\n+CPMS: ("SM","ME","SR"),("SM","ME"),("SM","ME")\r\n' + OK),
        ('AT+CPMS="SM","SM","SM"', "\r\n+CPMS: 0,20,0,20,0,20\r\n" + OK),
        ("AT+CIMI", "\r\n250990000000001\r\n" + OK),
        ("AT+NONSENSE", "\r\nERROR\r\n"),
        ("AT+CMGR=21", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMGS=15", "\r\n> "),
    ]
    with Terminal(bank.modems[0].port) as line:
        assert [line.ask(command) for command, _ in script] == [answer for _, answer in script]
        line.type(HI.encode() + b"\x1a")
        assert line.until(OK) == "\r\n+CMGS: 0\r\n" + OK


def test_a_submit_reaches_the_handset_and_comes_back_as_report(bank: Bank, line: Terminal) -> None:
    assert line.send(HI) == "\r\n+CMGS: 0\r\n" + OK
    report = line.until("00\r\n")
    assert report.startswith("\r\n+CDS: 25\r\n07919700000099F006000B919700000000F1")
    assert bank.phones == {TO: ["hi"]}
    assert [(s.modem, s.tp_mr, s.hex, s.decoded.text) for s in bank.submitted] == [("modem-1", 0, HI, "hi")]
    assert bank.submitted[0].commanded_at <= bank.submitted[0].answered_at


def test_the_message_reference_counts_per_sim_and_wraps(bank: Bank, line: Terminal) -> None:
    bank.modems[0].sim.last_reference = 254
    assert ["+CMGS: 255" in line.send(HI), "+CMGS: 0" in line.send(HI)] == [True, True]
    with ready(bank, 1) as other:
        assert "+CMGS: 0" in other.send(HI)


def test_a_handset_joins_parts_in_any_order(bank: Bank, line: Terminal) -> None:
    line.send(PART_2)
    assert (bank.phones.get(TO), len(bank.incomplete)) == (None, 1)
    line.send(PART_1)
    assert (bank.phones[TO], len(bank.incomplete)) == (["ЖЖ"], 0)


@pytest.mark.parametrize("typed", [HI[:-2], HI + "00", "zz" + HI[2:], f"AT+CMGD=1\r{HI}"])
def test_what_is_no_submit_of_the_announced_length_is_refused(bank: Bank, line: Terminal, typed: str) -> None:
    assert line.send(typed, 15) == "\r\n+CMS ERROR: 304\r\n"
    assert not bank.submitted


def test_escape_leaves_the_prompt_without_sending(bank: Bank, line: Terminal) -> None:
    line.ask("AT+CMGS=15")
    line.type(HI.encode() + b"\x1b")
    assert line.until(OK) == OK
    assert line.ask("AT") == OK
    assert not bank.submitted


def test_one_byte_at_a_time_is_understood(bank: Bank, line: Terminal) -> None:
    for octet in f"AT+CMGS=15\r{HI}\x1a".encode():
        line.type(bytes((octet,)))
    assert line.until(OK) == "\r\n> \r\n+CMGS: 0\r\n" + OK


def test_while_the_radio_works_urcs_come_and_commands_wait() -> None:
    with Bank(1, radio_s=0.3) as bank, ready(bank) as line:
        line.ask("AT+CMGS=15")
        line.type(HI.encode() + b"\x1aAT+CSQ\r")
        bank.modems[0].say("^RSSI: 3")
        came = line.until("+CSQ: 18,99\r\n" + OK)
        assert came == "\r\n^RSSI: 3\r\n" + "\r\n+CMGS: 0\r\n" + OK + "\r\n+CSQ: 18,99\r\n" + OK


@pytest.mark.parametrize(
    ("rule", "statuses"),
    [
        ("delivered", ["00"]),
        ("fail", ["46"]),
        ("incompatible", ["41"]),
        ("pending", ["30", "00"]),
        ("twice", ["00", "00"]),
        ("none", []),
    ],
)
def test_a_rule_decides_the_reports(bank: Bank, line: Terminal, rule: str, statuses: list[str]) -> None:
    bank.on_submit(TO, rule)
    line.send(HI)
    assert [report(line)[-2:] for _ in statuses] == statuses
    assert line.silence(0.03) == ""
    assert (TO in bank.phones) == (rule not in ("fail", "incompatible"))


def test_an_early_report_comes_before_the_result(bank: Bank, line: Terminal) -> None:
    bank.on_submit(None, "early")
    answer = line.send(HI)
    assert answer.index("+CDS:") < answer.index("+CMGS:")


def test_reports_change_places_with_the_delays_of_a_rule(bank: Bank, line: Terminal) -> None:
    bank.on_submit(TO, Rule(delays_s=(0.3, 0.0)))
    for _ in range(2):
        line.send(HI)
    assert [report(line)[18:20] for _ in range(2)] == ["01", "00"]  # TP-MR after service centre and first octet


def test_without_a_wish_for_reports_there_are_none(bank: Bank, line: Terminal) -> None:
    line.send(UNREPORTED)
    assert line.silence(0.05) == ""


def test_reports_are_stored_and_told_by_cdsi_when_cnmi_says_so(bank: Bank) -> None:
    with ready(bank, cnmi="2,1,0,2,0") as line:
        line.send(HI)
        assert line.until("1\r\n") == '\r\n+CDSI: "SM",1\r\n'
        assert "07919700000099F00600" in line.ask("AT+CMGR=1")
        assert line.ask("AT+CMGD=1") == OK
        assert bank.modems[0].stored() == []


def test_a_stored_message_is_listed_once_as_unread(bank: Bank, line: Terminal) -> None:
    bank.modems[0].deliver(SENDER, "Да")
    assert line.until("1\r\n") == '\r\n+CMTI: "SM",1\r\n'
    assert line.ask("AT+CMGL=0").startswith("\r\n+CMGL: 1,0,,23\r\n07919700000099F0040B919700000000F50008")
    assert line.ask("AT+CMGL=0") == OK
    assert "+CMGL: 1,1,,23" in line.ask("AT+CMGL=4")


def test_a_full_store_keeps_the_rest_with_the_network(bank: Bank, line: Terminal) -> None:
    bank.modems[0].sim.store.capacity = 2
    assert bank.modems[0].deliver(SENDER, "x" * 400, order=[3, 1, 1, 2]) == 3
    line.until('"SM",2\r\n')
    assert (bank.modems[0].stored(), bank.modems[0].kept_back) == ([1, 2], 2)
    line.ask("AT+CMGD=1")
    assert line.until('"SM",1\r\n')
    assert bank.modems[0].kept_back == 1


def test_with_csms_1_the_next_routed_message_waits_for_cnma(bank: Bank) -> None:
    with ready(bank, cnmi="2,2,0,1,0") as line:
        line.ask("AT+CSMS=1")
        bank.modems[0].deliver(SENDER, "one")
        bank.modems[0].deliver(SENDER, "two")
        assert line.until("\r\n07").startswith("\r\n+CMT: ,")
        assert "+CMT" not in line.silence(0.05)
        assert line.ask("AT+CNMA") == OK
        assert line.until("+CMT: ,")
        line.ask("AT+CNMA")
        assert line.ask("AT+CNMA") == "\r\n+CMS ERROR: 340\r\n"


def test_without_cnma_routing_stops_and_the_network_tries_again(bank: Bank, line: Terminal) -> None:
    bank.modems[0].patience(0.05, 0.05)
    line.ask("AT+CSMS=1")
    line.send(HI)
    assert line.until("+CDS: 25")
    assert bank.wait_for(lambda: bank.modems[0].settings.cnmi == [2, 0, 0, 0, 0])
    assert bank.modems[0].kept_back == 1
    line.ask("AT+CNMI=2,1,0,1,0")
    assert line.until("+CDS: 25")


def test_three_wrong_pins_ask_for_the_puk(bank: Bank) -> None:
    bank.modems[0].lock("1234")
    with ready(bank) as line:
        assert line.ask("AT+CPIN?") == "\r\n+CPIN: SIM PIN\r\n" + OK
        assert line.ask("AT+CIMI") == "\r\n+CME ERROR: 11\r\n"
        assert line.ask("AT+CMGS=15") == "\r\n+CMS ERROR: 311\r\n"
        answers = [line.ask('AT+CPIN="0000"') for _ in range(3)]
        assert answers == ["\r\n+CME ERROR: 16\r\n"] * 2 + ["\r\n+CME ERROR: 12\r\n"]
        assert "SIM PUK" in line.ask("AT+CPIN?")
        assert line.ask(f'AT+CPIN="{PUK}","4321"') == OK
        assert "READY" in line.ask("AT+CPIN?")


def test_without_registration_nothing_is_sent(bank: Bank, line: Terminal) -> None:
    line.ask("AT+CREG=1")
    bank.modems[0].register(2)
    assert line.until("2\r\n") == "\r\n+CREG: 2\r\n"
    assert line.send(HI) == "\r\n+CMS ERROR: 331\r\n"
    assert not bank.submitted


def test_pulled_out_and_put_back_under_another_name(bank: Bank, line: Terminal) -> None:
    before = bank.modems[0].port
    old_device = os.path.realpath(before)
    bank.modems[0].unplug()
    with pytest.raises(OSError, match="Input/output"):
        line.type(b"AT\r")
    assert not os.path.lexists(before)
    after = bank.modems[0].plug("usb-7")
    assert (Path(after).name, os.path.realpath(after) != old_device) == ("usb-7", True)
    with Terminal(after) as again:
        assert again.ask("AT") == "AT\r" + OK


def test_the_port_may_be_closed_and_opened_again(bank: Bank) -> None:
    for _ in range(3):
        with Terminal(bank.modems[0].port) as line:
            assert line.ask("ATE0").endswith(OK)


def test_as_a_process_it_takes_orders_keeps_a_journal_and_leaves_nothing_behind() -> None:
    with BankProcess(2, radio_s=0.01, options=("--rule", "+79000000002=fail")) as bank:
        assert [Path(port).name for port in bank.ports] == ["modem-1", "modem-2"]
        bank.order("fault", modem="modem-2", kind="refuse", code="CMS 38")
        with Terminal(bank.ports[1]) as line:
            line.ask("ATE0")
            assert line.send(HI) == "\r\n+CMS ERROR: 38\r\n"
            assert line.send(HI) == "\r\n+CMGS: 1\r\n" + OK
        assert bank.order("phones") == {TO: ["hi"]}
        for wrong in ({"do": "dance"}, {"do": "unplug", "modem": 3}, {"do": "fault", "kind": "explode"}):
            with pytest.raises(ValueError, match=r"no (order|modem|fault)"):
                bank.order(**wrong)
        assert bank.stop() == 0
        assert sorted(path.name for path in bank.folder.rglob("*")) == ["journal.jsonl", "ports"]
        assert {event["event"] for event in bank.events()} == {"fault", "refused", "delivered", "submitted", "report"}
        (submitted,) = bank.events("submitted")
        assert submitted["answer_at"] - submitted["command_at"] >= 0.01


@pytest.mark.parametrize(
    "command",
    [
        *("+CPIN=", "+CMEE=", "+CMEE=9", "+CPMS=", '+CPMS="XX"', "+CSCA=", "+CUSD=", "+CMGS=", "+CMGS=²", "+CMGS=7"),
        *("+CNMI=", "+CNMI=9", "+CMGR=x", "+CMGD=", "+CMGD=99", "+CSCS=x", "+CFUN=", "+CSMS=7", "+CREG=", "+CMGL=9"),
        *("=", "?", "+", "+CMGS"),
    ],
)
def test_a_broken_command_gets_an_error(line: Terminal, command: str) -> None:
    line.type(b"AT" + command.encode("latin-1") + b"\r")
    assert "ERROR" in line.final()
