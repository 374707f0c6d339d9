"""`smsgw contacts import`: what becomes of a real workbook, when it comes again, and when it is broken off."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from gateway.contacts import importing
from gateway.contacts.columns import Named
from gateway.contacts.importing import Intention
from gateway.merge.preparing import Source
from gateway.queue import db
from gateway.queue.rules import IntakeRules
from tests.cli.conftest import Gateway
from tests.contacts.patients import ALL, ANNA, BORIS, CONSENT, HEADINGS, PHONES, VERA, brought, kept, keys, written
from tests.merge.lists import write_xlsx

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_list_becomes_contacts_with_numbers_fields_groups_and_consents(gateway: Gateway, tmp_path: Path) -> None:
    result = brought(gateway, tmp_path, ALL, "--group", "Кардиология")
    said = " ".join(result.stderr.split())
    for words in (
        "Persons are told apart by Карта.",
        "Ages are counted from “Дата рождения”.",
        "3 new, 0 changed, 0 the same.",
        "They join group “Кардиология”.",
        "Written: 3 new",
    ):
        assert words in said
    anna = gateway.json("contacts", "show", "104-22")
    assert anna["numbers"] == [{"msisdn": "+79000000001", "kind": "Телефон"}]
    assert anna["fields"] == {
        "Карта": "104-22", "ФИО": "Белова Анна", "Дата рождения": "1950-05-01", "Врач": "Петров", "Визиты": 7,
        "Язык": "ru", "Согласие": "да",
    }  # fmt: skip
    assert (anna["name"], anna["language"], anna["groups"]) == ("Белова Анна", "ru", ["Кардиология"])
    assert [(each["category"], each["is_given"], each["source"]) for each in anna["consents"]] == [
        ("marketing", True, "анкета")
    ]
    assert gateway.json("contacts", "groups") == [{"name": "Кардиология", "contacts": 3}]


def test_a_dry_run_writes_nothing_and_says_what_would_be(gateway: Gateway, tmp_path: Path) -> None:
    document = gateway.json("contacts", "import", written(tmp_path), "--key", "Карта", *PHONES, "--dry-run")
    assert (document["new"], document["written"]) == (3, False)
    assert document["columns"]["fields"] == ["Карта", "ФИО", "Дата рождения", "Врач", "Визиты", "Язык", "Согласие"]
    assert kept(gateway) == []


def test_a_family_shares_a_number_and_everybody_of_it_is_a_contact(stocked: Gateway) -> None:
    result = stocked.run("contacts", "show", "8 900 000-00-01")
    assert result.exit_code == 1
    assert "#1, #3" in result.stderr


def test_new_values_replace_old_ones_and_empty_cells_erase_nothing(stocked: Gateway, tmp_path: Path) -> None:
    gateway = stocked
    later = ("104-22", None, None, "8 900 000-00-09", None, "Сидорова", None, None, None)
    result = brought(gateway, tmp_path, [later, BORIS])
    assert "0 new, 1 changed, 1 the same." in result.stderr
    assert "Changed: Телефон 1×, Врач 1×." in " ".join(result.stderr.split())
    anna = gateway.json("contacts", "show", "104-22")
    assert [each["msisdn"] for each in anna["numbers"]] == ["+79000000009"]  # the old one may be somebody else's
    assert (anna["name"], anna["fields"]["Врач"], anna["fields"]["Визиты"]) == ("Белова Анна", "Сидорова", 7)


def test_a_column_that_is_now_taken_for_the_time_zone_is_said_to_change_that(gateway: Gateway, tmp_path: Path) -> None:
    """The field stays as it is written; the contact has a time zone now."""
    file = written(
        tmp_path, [("К-1", "Белова Анна", "8 900 000-00-01", "Asia/Omsk")], ("Карта", "ФИО", "Телефон", "Город")
    )
    command = ("contacts", "import", file, "--key", "Карта", "--yes")
    gateway.run(*command)
    assert "Changed: time zone 1×." in gateway.run(*command, "--timezone-column", "Город").stderr


def test_a_row_without_a_number_is_taken_only_for_a_contact_that_has_one(stocked: Gateway, tmp_path: Path) -> None:
    rows = [("104-22", None, None, None, None, "Сидорова"), ("104-99", "Ким", None, None, None, None), BORIS]
    path = written(tmp_path, [(*row, *[None] * (len(HEADINGS) - len(row))) for row in rows])
    document = stocked.json("contacts", "import", path, "--key", "Карта", *PHONES, "--skip-bad", "--yes")
    assert [(each["row"], each["code"]) for each in document["refused"]] == [(3, "no_phone")]
    anna = stocked.json("contacts", "show", "104-22")
    assert (anna["fields"]["Врач"], anna["numbers"][0]["msisdn"]) == ("Сидорова", "+79000000001")
    assert len(kept(stocked)) == 3


def test_a_number_from_another_column_stays_behind_the_new_one(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, [VERA])
    brought(gateway, tmp_path, [(*VERA[:3], "8 900 000-00-05", None, *VERA[5:])])
    numbers = gateway.json("contacts", "show", "104-24")["numbers"]
    assert [each["kind"] for each in numbers] == ["Телефон", "Тел. мамы"]


def test_the_same_list_again_changes_nothing(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, ALL, "--group", "Дети", "--consent-date", "2026-01-01")
    before = gateway.execute("SELECT * FROM persons") + gateway.execute("SELECT * FROM consents")
    result = brought(gateway, tmp_path, ALL, "--group", "дети", "--consent-date", "2026-01-01")
    assert "0 new, 0 changed, 3 the same." in result.stderr
    assert gateway.execute("SELECT * FROM persons") + gateway.execute("SELECT * FROM consents") == before


def test_rows_of_one_person_are_put_together_unless_they_contradict(gateway: Gateway, tmp_path: Path) -> None:
    second = ("104-22", None, None, "8 900 000-00-07", None, None, None, None, None)
    other = ("104-22", None, None, "8 900 000-00-08", None, "Сидорова", None, None, None)
    options = ("--key", "Карта", *PHONES, "--skip-bad", "--yes")
    document = gateway.json("contacts", "import", written(tmp_path, [ANNA, second, other]), *options)
    assert [(each["row"], each["column"], each["code"]) for each in document["refused"]] == [
        (4, "Врач", "contradiction")
    ]
    numbers = gateway.json("contacts", "show", "104-22")["numbers"]
    assert [each["msisdn"] for each in numbers] == ["+79000000001", "+79000000007"]


def test_without_a_key_a_family_is_told_apart_by_its_names(gateway: Gateway, tmp_path: Path) -> None:
    rows = [("Белова Анна", "8 900 000-00-01"), ("Белова Вера", "8 900 000-00-01"), ("белова  анна", "89000000001")]
    path = written(tmp_path, rows, ("ФИО", "Телефон"))
    result = gateway.run("contacts", "import", path, "--yes")
    assert "told apart by ФИО and their first number" in result.stderr
    assert [each["name"] for each in kept(gateway)] == ["Белова Анна", "Белова Вера"]


REFUSED = {
    "a landline": (("1", "А", None, "8 495 123-45-67"), "landline"),
    "no number": (("1", "А", None, None), "no_phone"),
    "no key": ((None, "А", None, "8 900 000-00-01"), "empty_key"),
    "an unknown language": (("1", "А", None, "8 900 000-00-01", None, None, None, "клингонский"), "unknown_language"),
    "an unclear consent": (("1", "А", None, "8 900 000-00-01", *[None] * 4, "позже"), "unclear_consent"),
}


@pytest.mark.parametrize(("row", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_row_stops_the_import_unless_a_person_says_otherwise(
    gateway: Gateway, tmp_path: Path, row: tuple[object, ...], code: str
) -> None:
    path = written(tmp_path, [ANNA, (*row, *[None] * (len(HEADINGS) - len(row))), BORIS])
    command = ("contacts", "import", path, "--key", "Карта", *PHONES, *CONSENT, "--yes")
    result = gateway.run(*command)
    assert (result.exit_code, kept(gateway)) == (1, [])
    assert code in result.stderr
    assert gateway.run(*command, "--skip-bad").exit_code == 0
    assert len(kept(gateway)) == 2


def test_titles_totals_and_hidden_rows_are_no_contacts(gateway: Gateway, tmp_path: Path) -> None:
    rows = [("Пациенты кардиологии",), HEADINGS, ANNA, BORIS, ("Итого", 2)]
    path = str(write_xlsx(tmp_path / "list.xlsx", rows, hidden_rows=[4]))
    document = gateway.json("contacts", "import", path, "--key", "Карта", *PHONES, "--yes")
    assert (document["new"], document["hidden"]) == (1, 1)
    assert [each["row"] for each in document["passed_over"]] == [1, 5]


def test_an_impossible_birth_date_is_kept_and_no_age_counted_from_it(gateway: Gateway, tmp_path: Path) -> None:
    row = (*ANNA[:2], "01.05.2950", *ANNA[3:])
    document = gateway.json("contacts", "import", written(tmp_path, [row]), "--key", "Карта", *PHONES, "--yes")
    assert [(each["row"], each["code"]) for each in document["warnings"]] == [(2, "birth_date")]
    anna = gateway.json("contacts", "show", "104-22")
    assert (anna["fields"]["Дата рождения"], anna["age"]) == ("01.05.2950", None)
    assert keys(gateway, "age >= 0") == []


def test_what_is_odd_about_a_number_is_pointed_out_as_an_import_does(gateway: Gateway, tmp_path: Path) -> None:
    headings = ("ФИО", "Телефон")
    rows = [headings, ("А", "+44 7400 123456"), ("Б", "7.9000000001E+10"), ("В", "8 900 000-00-02, 8 900 000-00-03")]
    path = str(write_xlsx(tmp_path / "list.xlsx", [*rows, ("Г", "8 900 000-00-04")]))
    result = gateway.run("contacts", "import", path, "--yes", "--json")
    document = json.loads(result.stdout)
    assert document["new"] == 4
    assert [(each["row"], each["column"], each["code"]) for each in document["warnings"]] == [
        (2, "Телефон", "foreign_number"),
        (3, "Телефон", "repaired_number"),
    ]
    assert "The number is of another country (GB)" in " ".join(result.stderr.split())


MISTAKES = {
    "no source": (("--consent", "marketing"), "--consent-source"),
    "a column without a category": (("--consent-column", "Согласие"), "--consent marketing"),
    "no date": ((*CONSENT, "--consent-date", "вчера"), "is no date"),
    "a date to come": ((*CONSENT, "--consent-date", "2999-01-01"), "still to come"),
    "no such column": (("--birth-column", "Дата рожд"), "nearest"),
    "no such key": (("--key", "Номер карты"), "no column"),
    "an odd group": (("--group", " "), "group's name"),
    "a source without a category": (("--consent-source", "анкета"), "--consent marketing"),
    "a date without a category": (("--consent-date", "2026-11-01"), "--consent marketing"),
}
OF_THE_LIST = {"no such column", "no such key"}  # what only the list can tell


@pytest.mark.parametrize("mistake", [name for name in MISTAKES if name not in OF_THE_LIST])
def test_an_option_that_is_wrong_by_itself_is_told_before_the_list_is_read(
    gateway: Gateway, tmp_path: Path, mistake: str
) -> None:
    options, words = MISTAKES[mistake]
    result = gateway.run("contacts", "import", str(tmp_path / "none.xlsx"), *options, "--yes")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert words in result.stderr


@pytest.mark.parametrize(("options", "words"), MISTAKES.values(), ids=MISTAKES)
def test_an_option_that_does_not_fit_is_refused_before_anything_is_shown(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    result = gateway.run("contacts", "import", written(tmp_path), *PHONES, *options, "--yes")
    assert result.exit_code == 2
    assert words in result.stderr
    assert kept(gateway) == []


def test_without_a_terminal_nobody_is_asked_and_nothing_written(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("contacts", "import", written(tmp_path), "--key", "Карта", *PHONES)
    assert (result.exit_code, kept(gateway)) == (1, [])
    assert "Add --yes" in result.stderr


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8, 11])
def test_a_list_that_is_broken_off_leaves_nothing(gateway: Gateway, tmp_path: Path, steps: int) -> None:
    """Whatever ends the writing, be it a full disk or a power cut: the transaction is not there."""
    source = Source(Path(written(tmp_path)), "RU", phone_columns=("Телефон", "Тел. мамы"))
    read = importing.read(source, Named(key=("Карта",)), date(2026, 11, 22))
    told = Intention(("Дети",), ("marketing",), "анкета")
    with closing(db.open_database(gateway.database)) as connection:
        compared = importing.compare(connection, read)
        _break_off(connection, steps)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            importing.keep(connection, read, compared, told, IntakeRules(), NOW)
    for table in ("persons", "person_numbers", "person_fields", "fields", "contact_groups", "members", "consents"):
        assert gateway.execute(f"SELECT count(*) FROM {table}") == [(0,)]


def _break_off(connection: sqlite3.Connection, steps: int) -> None:
    """After so many hundreds of SQLite's own steps."""
    left = iter(range(steps))
    connection.set_progress_handler(lambda: int(next(left, None) is None), 100)
