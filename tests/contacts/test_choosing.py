"""`smsgw contacts list`, `show`, `remove`, `consent`: whom a condition fits, and what is done with one contact."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.queue import db
from tests.cli.conftest import Gateway
from tests.contacts.patients import ALL, ANNA, brought, kept, keys

FITTING = {
    "age >= 60": ["104-22"],
    "возраст < 18": ["104-24"],
    "Врач = петров": ["104-22", "104-23"],
    "Врач != Петров": ["104-24"],
    "ФИО содержит белова": ["104-22", "104-24"],
    "Визиты > 2": ["104-22"],
    "Визиты empty": ["104-24"],
    "Визиты != 7": ["104-23"],
    "Язык = en": ["104-24"],
    "Дата рождения between 1980-01-01 and 2000-01-01": ["104-23"],
    "Карта = 104-23": ["104-23"],
}


@pytest.mark.parametrize(("condition", "found"), FITTING.items(), ids=str)
def test_a_condition_chooses_whom_it_fits(stocked: Gateway, condition: str, found: list[str]) -> None:
    assert keys(stocked, condition) == found


def test_all_conditions_and_one_of_the_groups_must_fit(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, ALL[:2], "--group", "Взрослые")
    brought(gateway, tmp_path, ALL[2:], "--group", "Дети")
    assert keys(gateway, "Врач = Петров", "Визиты < 5") == ["104-23"]
    assert [each["key"] for each in kept(gateway, "--group", "дети")] == ["104-24"]
    assert len(kept(gateway, "--group", "Дети", "--group", "взрослые")) == 3


def test_what_an_age_is_counted_from_and_whom_it_can_not_be_asked_of_is_said(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, [ANNA, ("104-30", "Ким", None, "8 900 000-00-07", *[None] * 5)])
    result = gateway.run("contacts", "list", "--where", "age >= 60")
    assert "“age” is counted from Дата рождения." in result.stderr
    assert "1 contact has nothing in “age”" in result.stderr


@pytest.mark.parametrize("condition", ["Визиты empty", "Визиты not empty"])
def test_whether_there_is_a_value_can_be_asked_of_everybody(stocked: Gateway, condition: str) -> None:
    assert "nothing in" not in stocked.run("contacts", "list", "--where", condition).stderr


UNKNOWN = {
    ("--where", "Врачь = Петров"): "Did you mean “Врач”?",
    ("--where", "Врач > Петров"): "have an order",
    ("--where", "Врач"): "no operator",
    ("--group", "Кардилогия"): "Did you mean “Кардиология”?",
}


@pytest.mark.parametrize(("options", "words"), UNKNOWN.items(), ids=str)
def test_what_there_is_not_is_refused_with_the_nearest(stocked: Gateway, options: tuple[str, str], words: str) -> None:
    result = stocked.run("contacts", "list", *options)
    assert result.exit_code == 2
    assert words in result.stderr


@pytest.mark.parametrize("condition", ["Врач = '; DROP TABLE persons; --", "Врач = ' OR 1=1", "Врач contains %"])
def test_a_value_is_a_value_whatever_it_looks_like(stocked: Gateway, condition: str) -> None:
    assert keys(stocked, condition) == []
    assert len(kept(stocked)) == 3


@pytest.mark.parametrize("who", ["104-23", "#2", "2", "+79000000002", "8 (900) 000-00-02"])
def test_a_contact_is_named_by_key_id_or_number(stocked: Gateway, who: str) -> None:
    assert stocked.json("contacts", "show", who)["key"] == "104-23"


def test_who_names_a_contact_otherwise_is_told_how(stocked: Gateway) -> None:
    result = stocked.run("contacts", "show", "Анна")
    assert (result.exit_code, "Give a key, a number, or an id" in result.stderr) == (1, True)


def test_where_a_refusal_comes_from_is_told_in_words(stocked: Gateway) -> None:
    """What the gateway noted in its own words; in the document they stay codes."""
    opt_out = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES ('+79000000002', 1, ?, ?, ?)"
    for source in ("reply", "contact", "by phone"):
        stocked.execute(opt_out, source, "2026-11-22T09:00:00.000Z", "2026-11-22T09:00:00.000Z")
    told = stocked.run("contacts", "show", "#2").stdout.splitlines()[-3:]
    assert [line.partition(":00  ")[2].rstrip() for line in told] == [
        "an SMS from the number", "a contact that was removed", "by phone"
    ]  # fmt: skip
    assert [each["source"] for each in stocked.json("contacts", "show", "#2")["opt_outs"]] == [
        "reply", "contact", "by phone"
    ]  # fmt: skip


def test_who_wants_no_more_is_said_to_refuse_what_may_be_refused_and_no_more_than_that(stocked: Gateway) -> None:
    """A reminder whose category asks for no consent goes out all the same."""
    said = "INSERT INTO consents (person, category, is_given, source, at, noted_at) VALUES (2, '', 0, 'x', ?, ?)"
    stocked.execute(said, "2026-11-22T09:00:00.000Z", "2026-11-22T09:00:00.000Z")
    assert "withdrew everything that may be refused  " in stocked.run("contacts", "show", "#2").stdout


def test_a_card_that_looks_like_an_id_asks_for_the_sign(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, [ANNA, ("1", "Ким", None, "8 900 000-00-07", *[None] * 5)])
    result = gateway.run("contacts", "show", "1")
    assert (result.exit_code, "#1, #2" in result.stderr) == (1, True)
    assert gateway.json("contacts", "show", "#2")["key"] == "1"


def test_with_a_contact_everything_of_the_person_goes_but_the_opt_out_of_the_number(stocked: Gateway) -> None:
    opt_out = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES (?, 1, 'reply', '', '')"
    stocked.execute(opt_out, "+79000000002")
    assert stocked.run("contacts", "remove", "104-23").exit_code == 1  # there is nobody to ask
    assert stocked.run("contacts", "remove", "104-23", "--yes").exit_code == 0
    for table in ("person_numbers", "person_fields", "members", "consents"):
        assert stocked.execute(f"SELECT count(*) FROM {table} WHERE person = 2") == [(0,)]
        assert stocked.execute(f"SELECT count(*) > 0 FROM {table}") == [(1,)]
    assert [each["key"] for each in kept(stocked)] == ["104-22", "104-24"]
    assert stocked.execute("SELECT msisdn FROM opt_outs") == [("+79000000002",)]


def test_nothing_of_a_contact_that_is_removed_stays_in_the_files_while_the_daemon_has_them_open(
    stocked: Gateway,
) -> None:
    with closing(db.open_database(stocked.database)) as daemon:
        daemon.execute("SELECT count(*) FROM persons").fetchone()
        stocked.run("contacts", "consent", "104-23", "--given", "marketing", "--source", "анкета")
        assert stocked.run("contacts", "remove", "104-23", "--yes").exit_code == 0
        files = [path for path in stocked.database.parent.iterdir() if path.name.startswith(stocked.database.name)]
        found = [path.name for path in files for word in ("Глебов", "глебов") if word.encode() in path.read_bytes()]
    assert (len(files), found) == (3, [])


def test_who_leaves_a_group_stays_a_contact_and_so_do_all_when_it_is_dissolved(stocked: Gateway) -> None:
    assert stocked.run("contacts", "remove", "104-22", "--group", "кардиология").exit_code == 0
    assert stocked.json("contacts", "groups") == [{"name": "Кардиология", "contacts": 2}]
    assert stocked.run("contacts", "remove", "--group", "Кардиология", "--yes").exit_code == 0
    assert stocked.json("contacts", "groups") == []
    assert len(kept(stocked)) == 3


def test_what_a_person_says_is_added_and_the_latest_counts(stocked: Gateway) -> None:
    note = ("contacts", "consent", "104-22", "--source", "по телефону")
    assert stocked.run(*note, "--withdrawn", "marketing", "--date", "01.03.2026").exit_code == 0
    document = stocked.json(*note, "--given", "marketing", "--date", "2026-02-01")
    told = [(each["at"][:10], each["is_given"]) for each in document["consents"]]
    assert told == [("2025-12-31", True), ("2026-01-31", True), ("2026-02-28", False)]  # midnights in Moscow, in UTC


@pytest.mark.parametrize("statement", ["DELETE FROM consents", "UPDATE consents SET is_given = 0"])
def test_consents_are_only_ever_added(stocked: Gateway, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
        stocked.execute(statement)


def test_given_and_withdrawn_at_once_is_refused(stocked: Gateway) -> None:
    options = ("--given", "otp", "--withdrawn", "otp", "--source", "x")
    assert stocked.run("contacts", "consent", "104-22", *options).exit_code == 2
