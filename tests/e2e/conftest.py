"""One clinic per test: its folder, its daemon, its bank of modems; nothing runs on afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.installation import Installation
from tests.fake_modem.bank import Bank

OpenClinic = Callable[..., tuple[Installation, Bank]]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A clinic's folder without any modem."""
    made = Installation(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def open_clinic(installation: Installation, tmp_path: Path) -> Iterator[OpenClinic]:
    """`open_clinic(2, bank={"radio_s": 0.1}, uncertain_wait=1)`: bank and configuration; tests start the daemon."""
    banks: list[Bank] = []

    def build(
        count: int = 1, *, modem: dict[str, Any] | None = None, bank: dict[str, Any] | None = None, **gateway: Any
    ) -> Any:
        made = Bank(count, folder=tmp_path / "modems", **(bank or {}))
        banks.append(made)
        made.start()
        tables = [{"name": f"sim-{i}", "port": each.port, **(modem or {})} for i, each in enumerate(made.modems, 1)]
        installation.configure(tables, **gateway)
        return installation, made

    yield build
    installation.stop()
    for bank in banks:
        bank.stop()
