"""What the fake network and operator do: registration, signal, SIM, clock, USSD, money, blocks, phones."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from tests.fake_modem import Bank, Personality
from tests.fake_modem.personality import load_all
from tests.fake_modem.process import BankProcess
from tests.fake_modem.scripts import HI, OK, TO, UNREPORTED, ready
from tests.fake_modem.terminal import Terminal


def test_registration_is_refused_lost_and_found_and_told_where_asked(bank: Bank, line: Terminal) -> None:
    line.ask("AT+CEREG=1")
    for stat in (3, 0, 2, 5):
        bank.modems[0].register(stat)
        assert line.until(f"+CEREG: {stat}\r\n") == f"\r\n+CEREG: {stat}\r\n"
    assert line.send(UNREPORTED).endswith(OK)


def test_a_device_may_show_its_signal_only_in_the_newer_way() -> None:
    with Bank(1, personality=Personality(has_csq=False)) as bank, ready(bank) as line:
        assert line.ask("AT+CSQ") == "\r\n+CSQ: 99,99\r\n" + OK
        assert line.ask("AT+CESQ") == "\r\n+CESQ: 99,99,255,255,255,64\r\n" + OK
        bank.modems[0].signal(99)
        assert line.ask("AT+CESQ") == "\r\n+CESQ: 99,99,255,255,255,255\r\n" + OK


def test_a_sim_is_pulled_out_and_put_back_while_it_runs(bank: Bank, line: Terminal) -> None:
    line.ask("AT+CREG=1")
    bank.modems[0].lock("1234")
    line.ask('AT+CPIN="1234"')
    bank.modems[0].pull_sim()
    assert line.until("+CREG: 0\r\n") == "\r\n+CPIN: NOT READY\r\n\r\n+CREG: 0\r\n"
    assert line.ask("AT+CPIN?") == "\r\n+CME ERROR: 10\r\n"
    bank.modems[0].push_sim()
    assert line.until("+CREG: 1\r\n") == "\r\n+CPIN: SIM PIN\r\n\r\n+CREG: 1\r\n"
    assert line.ask("AT+CNMI?") == "\r\n+CMS ERROR: 311\r\n"
    line.ask('AT+CPIN="1234"')
    assert line.ask("AT+CNMI?") == "\r\n+CNMI: 2,1,0,1,0\r\n" + OK


def test_a_store_is_nearly_full_of_old_messages(bank: Bank, line: Terminal) -> None:
    assert bank.modems[0].fill(18) == 18
    assert '"SM",18,20' in line.ask("AT+CPMS?")
    assert line.ask("AT+CMGL=0") == OK
    assert "+CMGL: 18,1,," in line.ask("AT+CMGL=4")
    assert bank.modems[0].fill(18) == 2


def test_the_devices_clock_may_be_off_or_never_set(bank: Bank, line: Terminal) -> None:
    def shown() -> datetime:
        found = re.search(r'"(.*)\+12"', line.ask("AT+CCLK?"))
        assert found
        return datetime.strptime(f"{found[1]} +0300", "%y/%m/%d,%H:%M:%S %z")

    assert abs((shown() - datetime.now(UTC)).total_seconds()) < 2
    bank.modems[0].clock(7200)
    assert 7190 < (shown() - datetime.now(UTC)).total_seconds() < 7210
    bank.modems[0].clock(None)
    assert '"80/01/06' in line.ask("AT+CCLK?")
    assert line.ask('AT+CCLK="26/11/22,08:00:00+12"') == OK
    assert abs((shown() - datetime.now(UTC)).total_seconds()) < 2
    assert "ERROR" in line.ask('AT+CCLK="tomorrow"')


def test_a_sim_may_not_know_its_own_number(bank: Bank, line: Terminal) -> None:
    assert line.ask("AT+CNUM") == '\r\n+CNUM: "","+79000009001",145\r\n' + OK
    with Bank(1, personality=Personality(own_number="")) as nameless, ready(nameless) as other:
        assert other.ask("AT+CNUM") == OK


REPLIES: dict[str, tuple[dict[str, object], str]] = {
    "plain": ({"text": "Balance 7"}, '+CUSD: 0,"Balance 7",15'),
    "packed": ({"text": "Balance 7", "form": "packed"}, '+CUSD: 0,"C2303BEC1E974137",15'),
    "packed, seven spare bits": ({"text": "Balance", "form": "packed"}, '+CUSD: 0,"C2303BEC1E971B",15'),
    "Cyrillic": ({"text": "Баланс", "form": "ucs2"}, '+CUSD: 0,"04110430043B0430043D0441",72'),
    "Cyrillic under a wrong scheme": ({"text": "Бал", "form": "ucs2_as_15"}, '+CUSD: 0,"04110430043B",15'),
    "hexadecimal ASCII": ({"text": "7.5", "form": "ascii_hex"}, '+CUSD: 0,"372E35",15'),
    "garbage behind it": ({"text": "7.5", "tail": "\x00\x7f@@"}, '+CUSD: 0,"7.5\x00\x7f@@",15'),
    "ended by the network": ({"kind": 2}, "+CUSD: 2"),
    "not supported": ({"kind": 4}, "+CUSD: 4"),
    "timed out": ({"kind": 5}, "+CUSD: 5"),
    "a line of its own": ({"line": '+CUSD:0, "x'}, '+CUSD:0, "x'),
    "late": ({"text": "7", "after_s": 0.2}, '+CUSD: 0,"7",15'),
}


@pytest.mark.parametrize("name", REPLIES)
def test_the_network_answers_a_code_in_every_form(bank: Bank, line: Terminal, name: str) -> None:
    reply, shown = REPLIES[name]
    bank.modems[0].ussd("*101#", **reply)  # type: ignore[arg-type]
    assert line.ask('AT+CUSD=1,"*101#",15') == OK
    assert line.until(shown + "\r\n") == f"\r\n{shown}\r\n"


def test_packed_text_is_read_back_as_it_was() -> None:
    """Seven spare bits hold a CR, which is no part of the text."""
    assert bytes.fromhex("C2303BEC1E971B")[-1] >> 1 == 0x0D


def test_a_code_may_be_refused_and_an_unknown_one_is_answered(bank: Bank, line: Terminal) -> None:
    bank.modems[0].ussd("*102#", error="CME 100")
    assert line.ask('AT+CUSD=1,"*102#"') == "\r\n+CME ERROR: 100\r\n"
    line.ask('AT+CUSD=1,"*999#"')
    assert line.until("15\r\n") == '\r\n+CUSD: 0,"Unknown request",15\r\n'
    bank.modems[0].register(2)
    assert line.ask('AT+CUSD=1,"*100#"') == "\r\n+CME ERROR: 30\r\n"


def test_a_menu_goes_on_until_its_end_or_until_it_is_cancelled(bank: Bank, line: Terminal) -> None:
    bank.modems[0].ussd("*110#", "1 Balance", kind=1)
    bank.modems[0].ussd("*110#>1", "12.50")
    line.ask('AT+CUSD=1,"*110#"')
    assert line.until('"1 Balance",15\r\n').startswith("\r\n+CUSD: 1,")
    line.ask('AT+CUSD=1,"1"')
    assert line.until('"12.50",15\r\n').startswith("\r\n+CUSD: 0,")
    line.ask('AT+CUSD=1,"*110#"')
    line.until("15\r\n")
    assert line.ask("AT+CUSD=2") == OK
    line.ask('AT+CUSD=1,"1"')
    assert "Unknown" in line.until("15\r\n")


@pytest.mark.parametrize(("wanted", "typed"), [("packed", "AA180C3602"), ("ucs2", "002A0031003000300023")])
def test_a_particular_device_takes_a_code_in_its_own_form_only(wanted: str, typed: str) -> None:
    with Bank(1, personality=replace(load_all()["default"], ussd_typed=wanted)) as bank, ready(bank) as line:
        line.ask(f'AT+CUSD=1,"{typed}",15')
        assert "Balance: 100.00" in line.until("15\r\n")
        line.ask('AT+CUSD=1,"*100#",15')
        assert line.until("4\r\n") == "\r\n+CUSD: 4\r\n"


def test_each_sms_costs_money_until_there_is_none(bank: Bank, line: Terminal) -> None:
    bank.modems[0].charge(balance=6.0, price=2.5)
    answers = [line.send(UNREPORTED) for _ in range(3)]
    assert [OK in answer for answer in answers] == [True, True, False]
    assert answers[-1] == "\r\n+CMS ERROR: 38\r\n"
    line.ask('AT+CUSD=1,"*100#"')
    assert "Balance: 1.00 RUB" in line.until("15\r\n")
    with pytest.raises(ValueError, match="block_after"):
        bank.modems[0].charge(gold=1)


@pytest.mark.parametrize(("code", "answer"), [("CMS 28", "\r\n+CMS ERROR: 28\r\n"), (None, "\r\n+CMGS: 2\r\n" + OK)])
def test_the_operator_blocks_a_sim_after_so_many_sms(bank: Bank, line: Terminal, code: str | None, answer: str) -> None:
    bank.modems[0].charge(block_after=2, block_code=code)
    assert [OK in line.send(UNREPORTED) for _ in range(2)] == [True, True]
    assert line.send(UNREPORTED) == answer
    assert bank.phones[TO] == ["hi", "hi"]
    with ready(bank, 1) as other:
        assert other.send(UNREPORTED).endswith(OK)
    bank.modems[0].charge(block_after=None)
    line.send(UNREPORTED)
    assert bank.phones[TO] == ["hi"] * 4


def test_a_handset_that_is_off_gets_all_when_it_is_on_again(bank: Bank, line: Terminal) -> None:
    bank.switch_off(TO)
    assert line.send(HI).endswith(OK)
    assert line.silence(0.05) == ""
    assert not bank.phones[TO]
    bank.switch_on(TO)
    assert line.until("+CDS: 25\r\n")
    assert bank.phones[TO] == ["hi"]


def test_a_congested_network_refuses_for_a_while(bank: Bank, line: Terminal) -> None:
    bank.congest(code="CMS 42", seconds=0.2)
    assert line.send(UNREPORTED) == "\r\n+CMS ERROR: 42\r\n"
    assert bank.wait_for(lambda: OK in line.send(UNREPORTED))
    bank.congest(0.5)
    assert len({line.send(UNREPORTED)[:6] for _ in range(30)}) == 2
    bank.congest(0)
    assert all(OK in line.send(UNREPORTED) for _ in range(10))


def test_a_loose_contact_comes_and_goes(bank: Bank) -> None:
    modem = bank.modems[0]
    modem.flap(3, gone_s=0.05, there_s=0.05)
    seen = []
    for is_there in (False, True) * 3:
        assert bank.wait_for(partial(lambda wanted: modem.is_there is wanted, is_there))
        seen.append(is_there)
    with Terminal(modem.port) as line:
        assert line.silence(0.2) == ""
        assert line.ask("AT").endswith(OK)


def test_a_device_begins_to_chatter_and_stops(bank: Bank, line: Terminal) -> None:
    bank.modems[0].chatter(0.005)
    assert line.silence(0.3).count("^RSSI") > 10
    bank.modems[0].chatter(None)
    line.silence(0.05)
    assert line.silence(0.1) == ""


def test_all_of_it_is_ordered_from_another_process() -> None:
    with BankProcess(2) as bank, Terminal(bank.ports[0]) as line:
        line.ask("ATE0")
        bank.order("charge", modem=1, balance=20.0, price=2.0, block_after=1)
        bank.order("ussd", modem=1, code="*100#", text="Rest {balance}")
        bank.order("clock", modem=1, offset_s=None)
        bank.order("fill", modem=1, count=3)
        bank.order("switch_off", number=TO)
        assert line.send(UNREPORTED).endswith(OK)
        assert "ERROR" in line.send(UNREPORTED)
        assert bank.order("phones") == {}
        bank.order("switch_on", number=TO)
        assert bank.order("phones") == {TO: ["hi"]}
        assert bank.order("balances") == {"modem-1": 18.0, "modem-2": 100.0}
        line.ask('AT+CUSD=1,"*100#"')
        assert "Rest 18.0" in line.until("15\r\n")
        bank.order("reset_as", modem=1, kind="ignores")
        bank.order("search", modem=1, seconds=0.1)
        bank.order("chatter", modem=1, every_s=None)
        bank.order("congest", share=1.0)
        bank.order("congest", share=0)
        assert bank.order("add", personality="huawei") == "modem-3"
        bank.order("move_sim", modem="modem-1", to="modem-3")
        line.silence(0.05)
        assert "ERROR" in line.ask("AT+CIMI")
        bank.order("forget_settings", modem=2)
        bank.order("hang_until", modem=2, remedy="radio")
        bank.order("pull_sim", modem=2)
        bank.order("push_sim", modem=2)
        bank.order("flap", modem=2, times=1)
        for wrong in ({"do": "hang_until", "remedy": "prayer"}, {"do": "charge", "gold": 1}):
            with pytest.raises(ValueError, match=r"no (remedy|gold)"):
                bank.order(**wrong)
