"""What a modem announces as stored (+CMTI, +CDSI) is read there and then, not at the next look through its stores."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.carrier import Incoming, Report
from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import SENDER, opened, receive, sms

NEVER_S = 3600.0  # between two looks through the stores
Happens = Callable[[Handle, ModemCarrier], None]


def a_message(modem: Handle, _carrier: ModemCarrier) -> None:
    modem.deliver(SENDER, "Приду")


def a_report(_modem: Handle, carrier: ModemCarrier) -> None:
    carrier.submit(sms())


CASES = {
    "a message": ("default", a_message, Incoming),
    "a message at index 0": ("huawei", a_message, Incoming),
    "a report, in a store of its own": ("sr_store", a_report, Report),
}


@pytest.mark.parametrize(("name", "happens", "kind"), CASES.values(), ids=CASES)
def test_what_is_announced_is_read_at_once(name: str, happens: Happens, kind: type[Incoming | Report]) -> None:
    with Bank(1, personality=name) as bank, opened(bank.modems[0], sweep_s=NEVER_S) as carrier:
        assert receive(carrier, 1, within_s=0.2) == [], "the look at the start is over"
        happens(bank.modems[0], carrier)
        (found,) = receive(carrier, 1)
    assert isinstance(found, kind)
