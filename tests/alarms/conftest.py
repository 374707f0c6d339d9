"""A fresh database for each test, a configuration, and the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.queue import db
from gateway.settings import ModemSettings, NotifySettings, Settings
from gateway.settings.models import GatewaySettings
from tests.alarms.watched import STAFF
from tests.conftest import TimeServer


@pytest.fixture(autouse=True)
def _no_time_server(time_server: TimeServer) -> None:
    """Unless a test says so."""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with closing(db.open_database(tmp_path / "gateway.db", create=True)) as made:
        yield made


@pytest.fixture
def now() -> datetime:
    """Rows that SQL writes bear the real time."""
    return datetime.now(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        tmp_path / "gateway.toml",
        GatewaySettings(database=tmp_path / "gateway.db"),
        modems=(ModemSettings(name="sim-1", port="/dev/ttyUSB0", balance_low=50.0),),
        notify=(NotifySettings(sms=(STAFF,), only=("balance_low",)),),
    )
