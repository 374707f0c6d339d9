"""`smsgw contacts send`: a campaign to contacts, with one text for each, and none for whom who wants none."""

from __future__ import annotations

import json
import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from gateway.queue import db, opt_outs
from tests.cli.conftest import Gateway, spawn
from tests.contacts.patients import ANNA, BORIS, bodies, brought, written

TO_ALL = ("contacts", "send", "--all", "--yes")
OPT_OUT = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES (?, ?, 'reply', ?, '')"
LATER = "2026-06-01T00:00:00.000Z"  # than the consents of the list


def test_each_contact_of_a_group_gets_a_text_of_their_own_fields(stocked: Gateway) -> None:
    template = "{ФИО}, {Дата рождения:%d.%m}: {Визиты|0}, врач {Врач}"
    result = stocked.run("contacts", "send", "--group", "кардиология", "--template", template, "--yes")
    assert result.exit_code == 0, result.stderr
    assert bodies(stocked) == [
        ("+79000000001", "Белова Анна, 01.05: 7, врач Петров"),
        ("+79000000002", "Глебов Борис, 01.01: 2, врач Петров"),
        ("+79000000001", "Белова Вера, 01.06: 0, врач Сидорова"),  # one number for two, and each her own text
    ]
    campaign = stocked.json("campaign", "list")[0]
    assert (campaign["name"], campaign["messages"], campaign["file"]) == ("Кардиология", 3, "")
    rows = stocked.execute("SELECT list_row FROM outbox ORDER BY id")
    assert rows == [(1,), (2,), (3,)]  # the contacts' ids


def test_the_preview_is_that_of_an_import_and_queues_nothing(stocked: Gateway) -> None:
    result = stocked.run("contacts", "send", "--where", "age >= 18", "--template", "{ФИО}: {age}", "--dry-run")
    said = " ".join(result.stderr.split())
    assert "2 contacts are meant." in said
    assert "“age” is counted from Дата рождения." in said
    assert "2 messages, 2 SMS." in said
    assert stocked.count() == 0


@pytest.mark.parametrize("language", ["C", "ru", "zh_CN"])
@pytest.mark.parametrize("name", ["age", "возраст", "年龄", "name of the contact", "имя контакта", "联系人的姓名"])
def test_an_own_column_has_its_names_on_machines_of_every_language(stocked: Gateway, language: str, name: str) -> None:
    send = ("contacts", "send", "--where", "age >= 18", "--template", f"{{{name}}}", "--dry-run", "--json")
    result = spawn("--config", str(stocked.config), *send, LANGUAGE=language)
    assert len(json.loads(result.stdout)["messages"]) == 2


def test_a_field_goes_before_an_own_column_of_its_name(gateway: Gateway, tmp_path: Path) -> None:
    people = [("Карта", "ФИО", "Дата рождения", "Телефон", "Возраст"), (*ANNA[:4], "пенсионный")]
    gateway.run("contacts", "import", written(tmp_path, people[1:], people[0]), "--key", "Карта", "--yes")
    document = gateway.json(*TO_ALL, "--template", "{Возраст}: {age}", "--dry-run")
    assert re.fullmatch(r"пенсионный: \d\d", document["messages"][0]["body"])


def test_a_wrong_placeholder_is_answered_with_each_column_once(stocked: Gateway) -> None:
    said = stocked.run(*TO_ALL, "--template", "{Врачь}").stderr
    assert "(nearest: “Врач”)" in said
    assert said.count(", age") == 1
    assert "возраст" not in said


def test_a_family_gets_the_same_text_once_and_the_preview_says_so(stocked: Gateway) -> None:
    document = stocked.json(*TO_ALL, "--template", "Клиника закрыта 1 января.")
    assert [each["row"] for each in document["messages"]] == [1, 2]
    assert [(each["row"], each["code"]) for each in document["refused"]] == [(3, "duplicate")]


def test_sent_again_to_the_same_nothing_is_queued_twice(stocked: Gateway) -> None:
    command = (*TO_ALL, "--template", "Здравствуйте, {ФИО}!")
    assert stocked.json(*command)["queued"] == 3
    again = stocked.json(*command)
    assert (again["queued"], again["already_queued"], stocked.count()) == (0, 3, 3)


@pytest.mark.parametrize(("phones", "count"), [("first", 1), ("mobile", 2), ("all", 2)])
def test_of_several_numbers_the_first_is_written_to_unless_all_are_asked_for(
    gateway: Gateway, tmp_path: Path, phones: str, count: int
) -> None:
    brought(gateway, tmp_path, [(*ANNA[:4], "8 900 000-00-05", *ANNA[5:])])
    document = gateway.json(*TO_ALL, "--template", "Здравствуйте!", "--phones", phones)
    assert [each["msisdn"] for each in document["messages"]] == ["+79000000001", "+79000000005"][:count]
    (told,) = document["warnings"]
    assert told["reason"].startswith("The contact has several numbers: ")


def left_out(gateway: Gateway, *options: str) -> dict[int, str]:
    document: dict[str, Any] = gateway.json(*TO_ALL, "--template", "Скидка, {ФИО}!", "--dry-run", *options)
    return {each["row"]: each["code"] for each in document["refused"]}


def test_an_offer_goes_to_those_who_have_agreed_and_stops_at_nobody_else(stocked: Gateway) -> None:
    result = stocked.run(*TO_ALL, "--template", "Скидка, {ФИО}!", "--category", "marketing")
    assert result.exit_code == 0
    assert "2 are left out for not having agreed, or wanting no more." in " ".join(result.stderr.split())
    assert bodies(stocked) == [("+79000000001", "Скидка, Белова Анна!")]
    assert left_out(stocked, "--category", "marketing") == {2: "opted_out", 3: "no_consent"}


def test_of_what_a_patient_has_to_know_nobody_is_asked(stocked: Gateway) -> None:
    assert left_out(stocked) == {}
    assert left_out(stocked, "--category", "otp") == {}


def test_a_clinic_may_ask_for_consent_to_reminders_too(stocked: Gateway) -> None:
    stocked.config.write_text(stocked.config.read_text() + '\n[category.notification]\nconsent = "until_withdrawn"\n')
    assert left_out(stocked) == {}
    note = ("--withdrawn", "notification", "--source", "по телефону")
    stocked.run("contacts", "consent", "104-23", *note)
    assert left_out(stocked) == {2: "opted_out"}


def test_a_number_that_answered_stop_gets_no_offer_whoever_has_agreed_before(stocked: Gateway) -> None:
    stocked.execute(OPT_OUT, "+79000000001", 1, LATER)
    assert left_out(stocked, "--category", "marketing") == {1: "opted_out", 2: "opted_out", 3: "no_consent"}


def test_a_consent_from_after_the_stop_counts_and_one_from_before_does_not(stocked: Gateway) -> None:
    stocked.execute(OPT_OUT, "+79000000001", 1, LATER)
    note = ("contacts", "consent", "104-22", "--given", "marketing", "--source", "анкета", "--date")
    stocked.run(*note, "2026-05-01")
    assert left_out(stocked, "--category", "marketing")[1] == "opted_out"
    stocked.run(*note, "2026-07-01")
    assert 1 not in left_out(stocked, "--category", "marketing")


def test_who_withdraws_gets_nothing_of_that_kind_that_waits_and_the_family_still_does(stocked: Gateway) -> None:
    stocked.run("contacts", "consent", "104-24", "--given", "marketing", "--source", "анкета")  # the same number
    stocked.run(*TO_ALL, "--template", "Скидка, {ФИО}!", "--category", "marketing")
    stocked.run(*TO_ALL, "--template", "Приём завтра, {ФИО}.")
    note = ("contacts", "consent", "104-22", "--source", "по телефону", "--withdrawn", "marketing")
    stocked.run(*note, "--date", "2025-12-01")  # before the consent: it says nothing any more
    states = "SELECT category, list_row, state, error_code FROM outbox WHERE list_row IN (1, 3) ORDER BY id"
    waiting = [(category, row, "queued", None) for category in ("marketing", None) for row in (1, 3)]
    assert stocked.execute(states) == waiting
    stocked.run(*note)
    assert stocked.execute(states) == [("marketing", 1, "rejected", "opted_out"), *waiting[1:]]


def test_a_list_in_which_somebody_says_no_takes_back_what_waits_for_them(stocked: Gateway, tmp_path: Path) -> None:
    stocked.run(*TO_ALL, "--template", "Скидка, {ФИО}!", "--category", "marketing")
    brought(stocked, tmp_path, [(*ANNA[:-1], "нет")])
    assert stocked.execute("SELECT list_row, state, error_code FROM outbox") == [(1, "rejected", "opted_out")]


def test_the_latest_that_a_person_said_counts_and_not_what_was_noted_last(stocked: Gateway) -> None:
    note = ("contacts", "consent", "104-22", "--source", "анкета")
    stocked.run(*note, "--withdrawn", "marketing", "--date", "2026-03-01")
    stocked.run(*note, "--given", "marketing", "--date", "2026-02-01")
    assert left_out(stocked, "--category", "marketing")[1] == "opted_out"


def test_an_import_leaves_out_numbers_that_answered_stop_too(stocked: Gateway, tmp_path: Path) -> None:
    stocked.execute(OPT_OUT, "+79000000001", 1, LATER)
    stranger = (*BORIS[:3], "8 900 000-00-09", *BORIS[4:])
    command = ("import", written(tmp_path, [ANNA, stranger]), "--template", "Скидка, {ФИО}!", "--yes")
    document = stocked.json(*command, "--phone-column", "Телефон", "--category", "marketing")
    assert [(each["row"], each["code"]) for each in document["refused"]] == [(2, "opted_out")]
    assert bodies(stocked) == [("+79000000009", "Скидка, Глебов Борис!")]


def test_whoever_prefers_a_language_gets_its_saved_text(stocked: Gateway) -> None:
    stocked.run("template", "add", "news-en", "Dear {ФИО}, welcome!")
    assert stocked.run(*TO_ALL, "--template", "{ФИО}, ждём вас!", "--language", "английский=news-en").exit_code == 0
    assert [body for _number, body in bodies(stocked)] == [
        "Белова Анна, ждём вас!",
        "Глебов Борис, ждём вас!",
        "Dear Белова Вера, welcome!",
    ]


def test_a_time_is_by_the_contacts_own_clock_where_it_is_known(stocked: Gateway) -> None:
    stocked.execute("UPDATE persons SET timezone = 'Asia/Omsk' WHERE id = 1")
    document = stocked.json(*TO_ALL, "--template", "{ФИО}", "--send-at", "2030-12-02 10:00", "--dry-run")
    assert [each["send_at"] for each in document["messages"]] == [
        "2030-12-02T04:00:00.000Z",  # Omsk
        "2030-12-02T07:00:00.000Z",  # the clinic's Moscow
        "2030-12-02T07:00:00.000Z",
    ]


def test_a_field_that_is_empty_refuses_the_contact_as_it_would_a_row(stocked: Gateway) -> None:
    command = ("contacts", "send", "--all", "--template", "Визитов: {Визиты}", "--yes")
    result = stocked.run(*command)
    assert (result.exit_code, stocked.count()) == (1, 0)
    assert stocked.json(*command, "--skip-bad")["queued"] == 2


MISTAKES = {
    "nobody named": ((), "Say who is meant"),
    "everybody and some": (("--all", "--group", "Кардиология"), "not both"),
    "no text": (("--all",), "Give the text"),
    "no such field": (("--all", "--template", "{Врачь}"), "nearest: “Врач”"),
    "no such group": (("--group", "Хирургия", "--template", "x"), "no group"),
    "an odd language": (("--all", "--language", "en"), "en=news-en"),
    "no such saved text": (("--all", "--language", "en=none"), "no template"),
    "two ways to choose a text": (("--all", "--language", "en=x", "--template-column", "Язык"), "not both"),
}


@pytest.mark.parametrize(("options", "words"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_and_nothing_is_queued(stocked: Gateway, options: tuple[str, ...], words: str) -> None:
    result = stocked.run("contacts", "send", "--yes", *options)
    assert result.exit_code in (1, 2)
    assert words in " ".join(result.stderr.split())
    assert stocked.count() == 0


def test_when_nobody_fits_that_is_said(stocked: Gateway) -> None:
    result = stocked.run("contacts", "send", "--where", "Врач = Петр", "--template", "x", "--yes")
    assert result.exit_code == 1
    assert "no contact fits" in result.stderr


def test_a_name_that_reads_like_a_total_is_a_person_all_the_same(gateway: Gateway, tmp_path: Path) -> None:
    brought(gateway, tmp_path, [("104-31", "Всегова Итога", None, "8 900 000-00-01", None, "Директоров", *[None] * 3)])
    gateway.execute("UPDATE persons SET name = 'Итого'")
    assert gateway.json(*TO_ALL, "--template", "Здравствуйте!")["queued"] == 1


def test_the_document_has_the_contracts_keys(stocked: Gateway) -> None:
    document = json.loads(stocked.run(*TO_ALL, "--template", "{ФИО}", "--json").stdout)
    assert {"rows", "accepted", "queued", "sms", "messages", "refused", "warnings", "campaign"} <= set(document)
    assert document["campaign"] == "contacts"


def test_an_import_leaves_out_a_number_whose_contacts_have_all_withdrawn(stocked: Gateway, tmp_path: Path) -> None:
    """Борис has the number alone; Анна shares hers with Вера, who has said nothing."""
    stocked.run("contacts", "consent", "104-22", "--withdrawn", "marketing", "--source", "по телефону")
    command = ("import", written(tmp_path, [ANNA, BORIS]), "--template", "Скидка, {ФИО}!", "--dry-run")
    offer = stocked.json(*command, "--phone-column", "Телефон", "--category", "marketing")
    assert [(each["row"], each["code"]) for each in offer["refused"]] == [(3, "opted_out")]
    assert stocked.json(*command, "--phone-column", "Телефон")["refused"] == []


def test_after_start_an_import_reaches_a_contact_who_had_answered_stop(stocked: Gateway, tmp_path: Path) -> None:
    stocked.config.write_text(stocked.config.read_text() + '\n[category.notification]\nconsent = "until_withdrawn"\n')
    moment = datetime(2026, 6, 1, tzinfo=UTC)
    left = []
    for is_out in (True, False):
        with closing(db.open_database(stocked.database)) as connection:
            opt_outs.note(connection, "+79000000002", opt_outs.REPLY, moment, moment, is_out=is_out)
        moment += timedelta(days=1)
        command = ("import", written(tmp_path, [ANNA, BORIS]), "--template", "Ждём вас, {ФИО}", "--dry-run")
        left.append([each["row"] for each in stocked.json(*command, "--phone-column", "Телефон")["refused"]])
    assert left == [[3], []]


def test_the_report_has_the_contacts_fields_beside_their_ids(stocked: Gateway, tmp_path: Path) -> None:
    stocked.run(*TO_ALL, "--template", "Здравствуйте, {ФИО}!", "--name", "Всем")
    stocked.run("contacts", "remove", "104-23", "--yes")
    target = tmp_path / "result.xlsx"
    result = stocked.run("campaign", "report", "Всем", "--to", str(target))
    assert result.exit_code == 0, result.stderr
    heading, *rows = openpyxl.load_workbook(target).worksheets[0].iter_rows(values_only=True)
    own = ("Карта", "ФИО", "Дата рождения", "Врач", "Визиты", "Язык", "Согласие")
    assert heading[:10] == ("Contact", *own, "Text", "Verdict")
    anna = ("104-22", "Белова Анна", datetime(1950, 5, 1), "Петров", 7, "ru", "да")
    assert rows[0][:10] == (1, *anna, "Здравствуйте, Белова Анна!", "waiting")
    assert rows[1][:10] == (2, *[None] * 7, "Здравствуйте, Глебов Борис!", "waiting")  # what is removed stays so
    assert rows[2][:3] == (3, "104-24", "Белова Вера")
