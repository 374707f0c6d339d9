"""What most tests of the live modem start from: a bank of one modem."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank(1) as bank:
        yield bank


@pytest.fixture
def modem(bank: Bank) -> Handle:
    return bank.modems[0]
