"""A fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from sqlite3 import Connection

import pytest

from gateway.queue import db
from tests.conftest import TimeServer


@pytest.fixture(autouse=True)
def _no_time_server(time_server: TimeServer) -> None:
    """Unless a test says so."""


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with closing(db.open_database(tmp_path / "gateway.db", create=True)) as made:
        yield made
