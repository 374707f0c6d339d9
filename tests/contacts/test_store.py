"""What is kept of contacts is read whole, also while another program adds to it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from gateway.contacts import store
from gateway.queue import db

PERSON = "INSERT INTO persons (id, key, created_at, changed_at) VALUES (1, 'a', '', '')"
HEADING = "INSERT INTO fields (id, key, name) VALUES (?, ?, ?)"
VALUE = "INSERT INTO person_fields (person, field, value, kind, words) VALUES (1, ?, ?, 'text', '')"


def test_a_heading_that_comes_meanwhile_has_its_name(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    db.create_or_upgrade(path)
    with closing(db.open_database(path)) as mine, closing(db.open_database(path)) as other:
        other.execute(PERSON)

        def add_once(statement: str) -> None:
            if "json_group_array" in statement:
                mine.set_trace_callback(None)
                other.execute(HEADING, (7, "врач", "Врач"))
                other.execute(VALUE, (7, "Белова"))

        mine.set_trace_callback(add_once)
        assert store.fields_of(mine, [1]) == {1: {"врач": ("Белова", "text")}}
