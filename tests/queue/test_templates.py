"""Saved texts of the mail merge: names, versions, and what removing leaves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.errors import GatewayError, UsageProblem
from gateway.queue import db, templates
from gateway.queue.templates import Saved
from tests.queue.clinic import NOW


@pytest.fixture
def connection(tmp_path: Path) -> sqlite3.Connection:
    return db.open_database(tmp_path / "gateway.db", create=True)


def test_a_saved_text_is_found_by_its_name_however_it_is_spelt(connection: sqlite3.Connection) -> None:
    templates.add(connection, "Приём  врача", "Ждём вас", NOW)
    assert templates.get(connection, " приеМ врача").name == "Приём врача"
    assert templates.get(connection, "Приём врача").body == "Ждём вас"


def test_a_name_is_given_once(connection: sqlite3.Connection) -> None:
    templates.add(connection, "Приём", "Ждём вас", NOW)
    with pytest.raises(GatewayError, match="smsgw template edit"):
        templates.add(connection, "ПРИЁМ", "Другой", NOW)
    assert templates.get(connection, "Приём").body == "Ждём вас"


def test_every_version_stays_readable(connection: sqlite3.Connection) -> None:
    templates.add(connection, "visit", "one", NOW)
    templates.edit(connection, "visit", "two", NOW + timedelta(hours=1))
    templates.remove(connection, "visit", NOW + timedelta(hours=2))
    assert templates.listed(connection) == []
    assert templates.get(connection, "visit", 1).body == "one"
    assert [(each.version, each.body) for each in templates.versions(connection, "visit")] == [
        (1, "one"),
        (2, "two"),
        (3, None),
    ]
    assert templates.add(connection, "Visit", "four", NOW).version == 4
    assert [each.name for each in templates.listed(connection)] == ["Visit"]


def test_the_same_text_makes_no_new_version(connection: sqlite3.Connection) -> None:
    first = templates.add(connection, "visit", "one", NOW)
    assert templates.edit(connection, "visit", "one", NOW + timedelta(hours=1)) == first


def test_a_version_never_changes(connection: sqlite3.Connection) -> None:
    templates.add(connection, "visit", "one", NOW)
    with pytest.raises(sqlite3.IntegrityError, match="never changes"):
        connection.execute("UPDATE templates SET body = 'two'")


MISSING = {
    "a near name": ("visti", None, "Did you mean “visit”"),
    "none like it": ("квитанция", None, "template list"),
    "another version": ("visit", 7, "no version 7; there are: 1"),
    "a removed one": ("gone", None, "was removed; `smsgw template show --version 1`"),
    "the version that removed it": ("gone", 2, "no version 2; there are: 1"),
}


@pytest.mark.parametrize(("name", "version", "sentence"), MISSING.values(), ids=MISSING)
def test_what_there_is_not_is_said_with_what_there_is(
    connection: sqlite3.Connection, name: str, version: int | None, sentence: str
) -> None:
    templates.add(connection, "visit", "one", NOW)
    templates.add(connection, "gone", "one", NOW)
    templates.remove(connection, "gone", NOW)
    with pytest.raises(GatewayError, match=sentence):
        templates.get(connection, name, version)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 61])
def test_a_name_is_a_short_line(connection: sqlite3.Connection, name: str) -> None:
    with pytest.raises(UsageProblem):
        templates.add(connection, name, "one", NOW)


def test_a_power_cut_before_the_commit_leaves_the_version_before(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with closing(db.open_database(path, create=True)) as connection:
        templates.add(connection, "visit", "one", NOW)
        connection.execute("BEGIN IMMEDIATE")
        templates.edit(connection, "visit", "two", NOW)
    with closing(db.open_database(path)) as connection:
        assert templates.get(connection, "visit").version == 1
        templates.edit(connection, "visit", "two", NOW)
        assert templates.get(connection, "visit").version == 2


def test_no_text_shows_in_a_repr() -> None:
    assert "Ждём" not in repr(Saved("visit", 1, "Ждём вас", ""))
