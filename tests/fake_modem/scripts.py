"""What the tests of the bank have in common: a SUBMIT made by hand, and a modem made ready."""

from __future__ import annotations

from tests.fake_modem.bank import Bank
from tests.fake_modem.terminal import Terminal

TO = "+79000000001"
HI = "0021000B919700000000F1000002E834"  # SUBMIT of "hi" to TO, with a report
UNREPORTED = HI.replace("0021", "0001", 1)
OK = "\r\nOK\r\n"


def ready(bank: Bank, index: int = 0, cnmi: str = "2,1,0,1,0") -> Terminal:
    """A modem with echo off and reports routed."""
    terminal = Terminal(bank.modems[index].port)
    terminal.ask("ATE0")
    terminal.ask("AT+CMEE=1")
    terminal.ask(f"AT+CNMI={cnmi}")
    return terminal
