"""A fresh database for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.queue import db
from tests.queue.clinic import Clinic


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A new database's file, made once."""
    file = tmp_path_factory.mktemp("empty") / "gateway.db"
    db.create_or_upgrade(file)
    return file.read_bytes()


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
