"""What the fake bank's own tests start from: two modems, and the line of the first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake_modem.bank import Bank
from tests.fake_modem.scripts import ready
from tests.fake_modem.terminal import Terminal


@pytest.fixture
def bank() -> Iterator[Bank]:
    with Bank(2) as bank:
        yield bank


@pytest.fixture
def line(bank: Bank) -> Iterator[Terminal]:
    """The first modem with echo off and reports routed."""
    with ready(bank) as terminal:
        yield terminal
