"""The database's file under its name: the same one, another one, none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.queue.presence import Presence


def test_a_file_that_is_written_to_stays_the_same(tmp_path: Path) -> None:
    database = tmp_path / "gateway.db"
    database.write_text("a")
    presence = Presence(database)
    database.write_text("b")
    assert presence.is_the_same()


@pytest.mark.parametrize("how", ["removed", "renamed", "replaced", "folder gone"])
def test_a_file_that_is_no_longer_there_under_its_name_is_noticed(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "clinic"
    folder.mkdir()
    database, other = folder / "gateway.db", folder / "other.db"
    database.write_text("a")
    other.write_text("a")
    presence = Presence(database)
    moves = {
        "removed": database.unlink,
        "renamed": lambda: database.rename(folder / "old.db"),
        "replaced": lambda: os.replace(other, database),
        "folder gone": lambda: folder.rename(tmp_path / "elsewhere"),
    }
    moves[how]()
    assert not presence.is_the_same()


def test_a_name_that_is_a_link_counts_by_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "disk.db").write_text("a")
    (tmp_path / "gateway.db").symlink_to("disk.db")
    presence = Presence(tmp_path / "gateway.db")
    assert presence.is_the_same()
    (tmp_path / "disk.db").unlink()
    assert not presence.is_the_same()
