"""A bank of fake modems on real pseudo-terminals.

What it does not imitate: text mode (AT+CMGF=1 is taken, AT+CMGS then refused), calls, phone books, data connections,
line speed and flow control, TP-RD (duplicates are not rejected), the absolute and enhanced validity forms (taken, not
kept), expiry by the validity period (a rule says what a recipient's reports are), national shift tables, a SIM's files,
udev's events and the kernel's log (usb.py writes a fake sysfs where asked, but a port is a pseudo-terminal: its real
name is /dev/pts/N, it has no modem lines, and its name is free again at once while a program still holds it open),
the vote of a powered hub, commands of one stick on two ports at once beyond answering each on its own.

    with Bank(2, report_s=0.1) as bank:
        …                                  # the gateway talks to bank.modems[0].port
        bank.phones["+79000000001"]        # what the handset shows
        bank.modems[0].fault("no_answer", after="AT+CMGS")
        bank.modems[0].hang_until("replug")

It decodes and encodes with its own code; nothing here imports the gateway.
"""

from __future__ import annotations

from tests.fake_modem.bank import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality
from tests.fake_modem.process import BankProcess
from tests.fake_modem.radio import Submitted
from tests.fake_modem.rules import Rule

__all__ = ["Bank", "BankProcess", "Handle", "Personality", "Rule", "Submitted"]
