"""What most tests of the live modem start from: a bank of one modem, and its carrier."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.modem import pool
from gateway.modem.carrier import ModemCarrier
from gateway.modem.pool import Pool
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.modem.live import opened
from tests.modem.sticks import STICKS


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


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bank]:
    with Bank(len(STICKS), personality=STICKS, folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        yield bank


@pytest.fixture
def sticks(bus: Bank, monkeypatch: pytest.MonkeyPatch) -> Pool:
    assert bus.sysfs is not None
    made = Pool(bus.sysfs, bus.folder, probe_s=0.1)
    monkeypatch.setattr(pool, "POOL", made)
    return made
