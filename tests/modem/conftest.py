"""What most tests of the live modem start from: a bank of one modem, and its carrier."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.modem.carrier import ModemCarrier
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import opened


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank(1) as bank:
        yield bank


@pytest.fixture
def modem(bank: Bank) -> Handle:
    return bank.modems[0]


@pytest.fixture
def carrier(modem: Handle) -> Iterator[ModemCarrier]:
    with opened(modem) as carrier:
        yield carrier
