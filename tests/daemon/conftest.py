"""What the tests of the fleet share: two sticks, and a clinic's fleet that uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.modem import pool
from gateway.modem.pool import Pool
from tests.daemon.clinic import Clinic
from tests.fake_modem import Bank


@pytest.fixture
def bank(tmp_path: Path) -> Iterator[Bank]:
    with Bank(2, personality="acm_stick", folder=tmp_path / "dev", sysfs=tmp_path / "sys") as bank:
        yield bank


@pytest.fixture
def clinic(tmp_path: Path, bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clinic]:
    assert bank.sysfs is not None
    monkeypatch.setattr(pool, "POOL", Pool(bank.sysfs, bank.folder, probe_s=0.1))
    opened = Clinic(tmp_path, bank)
    with closing(opened.connection):
        yield opened
        opened.stop()
