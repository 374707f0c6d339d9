"""An upgrade that is not possible leaves everything as it was, and says what is in the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from gateway.queue import db, upgrade
from gateway.queue.db import UnusableError
from tests.queue.clinic import NOW


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database of the schema that was released first."""
    path = tmp_path / "gateway.db"
    with monkeypatch.context() as patch:
        steps = db._steps()[:2]
        patch.setattr(db, "_steps", lambda: steps)
        db.create_or_upgrade(path)
    return path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program keeps a transaction open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def copies(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir() if ".schema-" in each.name]


@pytest.mark.parametrize(
    ("added", "words"),
    [
        ("ALTER TABLE outbox ADD COLUMN campaign TEXT", "duplicate column name: campaign"),
        ("CREATE TABLE templates (name TEXT)", "table templates already exists"),
    ],
)
def test_what_another_program_has_put_in_the_way_is_named_and_each_try_leaves_no_copy(
    older: Path, added: str, words: str
) -> None:
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        connection.execute(added)
    for _ in range(2):
        with pytest.raises(UnusableError, match=words):
            upgrade.create_or_upgrade(older, NOW)
    assert copies(older) == []
    assert upgrade.version(older) == 2


def test_one_that_finds_the_database_locked_leaves_no_copy(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "MIGRATION_TIMEOUT_S", 0.01)
    with held(older), pytest.raises(UnusableError, match="locked by another program"):
        upgrade.create_or_upgrade(older, NOW)
    assert copies(older) == []
    done = upgrade.create_or_upgrade(older, NOW)
    assert done.copy is not None
    assert copies(older) == [done.copy.path.name]
