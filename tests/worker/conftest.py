"""A fresh database for each test, and a worker with a modem that does as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.queue import db
from tests.worker.patient import Ward


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[db.Connection]:
    db.create_or_upgrade(tmp_path / "gateway.db")
    with closing(db.open_database(tmp_path / "gateway.db")) as opened:
        yield opened


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with Ward(tmp_path) as made:
        yield made
