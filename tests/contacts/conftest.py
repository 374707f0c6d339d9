"""The command on a gateway of its own, as in tests/cli, and on one that knows the patients already."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.queue import db
from tests.cli.conftest import CONFIGURATION, Gateway, gateway, now, running
from tests.contacts.patients import ALL, brought

__all__ = ["gateway", "now", "running"]


@pytest.fixture(scope="session")
def _stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which the list was imported once."""
    folder = tmp_path_factory.mktemp("stock")
    config = folder / "gateway.toml"
    config.write_text(CONFIGURATION.format(folder=folder))
    made = Gateway(config, folder / "gateway.db")
    db.create_or_upgrade(made.database)
    brought(made, folder, ALL, "--group", "Кардиология", "--consent-date", "2026-01-01")
    return made.database


@pytest.fixture
def stocked(gateway: Gateway, _stock: Path) -> Gateway:
    """A gateway with the patients as contacts, all of them in one group."""
    shutil.copy(_stock, gateway.database)
    return gateway
