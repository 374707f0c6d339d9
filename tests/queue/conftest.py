"""A fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.queue import db
from tests.queue.clinic import Clinic


@pytest.fixture
def path(tmp_path: Path, empty: bytes) -> Path:
    file = tmp_path / "gateway.db"
    file.write_bytes(empty)
    return file


@pytest.fixture
def connection(path: Path) -> Iterator[db.Connection]:
    opened = db.open_database(path)
    yield opened
    opened.close()


@pytest.fixture
def clinic(path: Path) -> Iterator[Clinic]:
    opened = Clinic(path)
    yield opened
    opened.connection.close()
