"""A fresh database, and a moment to count from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.queue import db

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "gateway.db"
    db.create_or_upgrade(file)
    return file


@pytest.fixture
def connection(path: Path) -> Iterator[db.Connection]:
    opened = db.open_database(path)
    yield opened
    opened.close()
