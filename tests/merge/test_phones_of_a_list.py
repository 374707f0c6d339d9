"""The phones of a list: what a careful person would do with them (contract, section 4), through a real workbook."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from tests.merge.lists import (
    GOOD,
    HEADINGS,
    Read,
    person,
    plan_of_people,
    prepared,
    read_each,
    refused,
    sent,
    warned,
    write_xlsx,
)

REFUSED_PHONES = {
    "a landline": ("8 495 123-45-67", "landline"),
    "a toll-free number": ("8 800 200-00-00", "toll_free"),
    "an emergency number": ("112", "emergency_number"),
    "an emergency number as a number": (103, "emergency_number"),
    "a short code that isn't allowed": ("0500", "short_code"),
    "a digit missing": ("8 900 000-00-1", "too_short"),
    "a digit too many": ("8 900 000-00-012", "too_long"),
    "a letter O for a zero": ("8 9OO 000-00-01", "letters"),
    "a question mark behind it": ("8 900 000-00-01?", "invalid_recipient"),
    "a question mark behind one of two": ("8 900 000-00-01 ?, 8 900 000-00-02?", "ambiguous"),
    "a mail address": ("anna@example.org", "invalid_recipient"),
    "a date as text": ("01.12.1980", "invalid_recipient"),
    "a date as a date": (date(1980, 12, 1), "invalid_recipient"),
    "a time": (time(10, 30), "invalid_recipient"),
    "a truth value": (True, "invalid_recipient"),
    "a pension insurance number": ("112-233-445 95", "invalid_recipient"),
    "a fraction": (79000000001.5, "invalid_recipient"),
    "a negative number": (-79000000001, "invalid_recipient"),
    "scientific with digits lost": ("7,9161E+10", "precision_lost"),
    "scientific with one digit lost": ("7.916123456E+10", "precision_lost"),
    "sixteen digits as a number": (7900000000100000, "precision_lost"),
    "eighteen digits as a number": (110101199003070000, "precision_lost"),
    "zeros only": ("00000000000", "placeholder"),
    "nines only": ("89999999999", "placeholder"),
    "nines only as a number": (89999999999, "placeholder"),
    "no": ("нет", "no_phone"),
    "a dash": ("-", "no_phone"),
    "a long dash": ("—", "no_phone"),
    "blanks": ("  ", "no_phone"),
    "declined": ("отказ от смс", "no_phone"),
    "declined beside the number": ("8 900 000-00-01 отказ от смс", "no_phone"),
    "declined beside one of two": ("8 900 000-00-01, 8 900 000-00-02 отказ", "no_phone"),
    "empty": (None, "no_phone"),
    "two readings": ("7012345678", "ambiguous"),
    "a foreign number without plus": ("998 90 123 45 67", "too_long"),
    "two landlines": ("8 495 123-45-67, 8 495 123-45-68", "ambiguous"),
}

ACCEPTED_PHONES = {
    "with brackets": ("8 (900) 000-00-01", "+79000000001"),
    "without the eight": ("9000000001", "+79000000001"),
    "as a number": (79000000001, "+79000000001"),
    "as a number with an eight": (89000000001, "+79000000001"),
    "as a number without country code": (9000000001, "+79000000001"),
    "as a float": (9000000001.0, "+79000000001"),
    "an apostrophe in front": ("'89000000001", "+79000000001"),
    "with a label": ("тел.: 8 900 000-00-01", "+79000000001"),
    "with a note": ("8 900 000-00-01 (мама)", "+79000000001"),
    "with a note in English": ("8 900 000-00-01 (mother)", "+79000000001"),
    "with a note in Chinese": ("8 900 000-00-01（妈妈）", "+79000000001"),
    "with an extension": ("8 900 000-00-01 доб. 5", "+79000000001"),
    "hard spaces and hyphens": ("8\u00a0900\u00a0000\u201100\u201101", "+79000000001"),
    "invisible marks around it": ("\u202a+7 900 000-00-01\u202c", "+79000000001"),
    "full-width digits": ("８９０００００００１" + "０", "+79000000010"),
}

REPAIRED_PHONES = {
    "scientific, whole": ("7.9000000001E+10", "+79000000001"),
    "scientific with a comma": ("7,9000000001E+10", "+79000000001"),
    "a float as text": ("79000000001.0", "+79000000001"),
    "a float with a comma as text": ("79000000001,00", "+79000000001"),
}

FOREIGN_PHONES = {
    "with plus": ("+49 1512 3456789", "+4915123456789"),
    "with two zeros": ("00 49 1512 3456789", "+4915123456789"),
    "under the same country code": ("8 701 234-56-78", "+77012345678"),
    "the first of two": ("+49 1512 3456789; +49 1512 3456780", "+4915123456789"),
}

SEVERAL = {
    "semicolon": "8 900 000-00-01; 8 900 000-00-02",
    "comma": "8 900 000-00-01, 8 900 000-00-02",
    "slash": "89000000001/89000000002",
    "line break": "8 900 000-00-01\n8 900 000-00-02",
    "and": "8 900 000-00-01 и 8 900 000-00-02",
    "blank": "89000000001 89000000002",
    "blanks inside": "8 900 000-00-01 8 900 000-00-02",
    "plus signs": "+79000000001 +79000000002",
    "brackets": "8 900 000-00-01 (8 900 000-00-02)",
    "the landline first": "8 495 123-45-67, 8 900 000-00-01",
    "the landline last": "8 900 000-00-01; 8 495 123-45-67",
    "a broken one first": "8 900 000-00; 8 900 000-00-01",
    "with notes": "8 900 000-00-01 (мама), 8 900 000-00-02 (папа)",
}


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    tables = (
        {name: phone for name, (phone, _code) in REFUSED_PHONES.items()},
        {name: phone for name, (phone, _msisdn) in ACCEPTED_PHONES.items()},
        {name: phone for name, (phone, _msisdn) in REPAIRED_PHONES.items()},
        {name: phone for name, (phone, _msisdn) in FOREIGN_PHONES.items()},
        SEVERAL,
    )
    cells = {name: phone for table in tables for name, phone in table.items()}
    names = [f"Анна {number}" for number in range(len(cells))]  # no two texts are the same
    rows = [person(phone, name) for phone, name in zip(cells.values(), names, strict=True)]
    return dict(zip(cells, read_each(tmp_path_factory.mktemp("phones"), rows), strict=True))


@pytest.mark.parametrize(("name", "code"), [(name, code) for name, (_phone, code) in REFUSED_PHONES.items()])
def test_a_phone_that_cannot_be_written_to_is_refused_with_its_reason(
    phones: dict[str, Read], name: str, code: str
) -> None:
    assert (phones[name].refused, phones[name].msisdn) == ([("Телефон", code)], None)


@pytest.mark.parametrize(("name", "msisdn"), [(name, msisdn) for name, (_phone, msisdn) in ACCEPTED_PHONES.items()])
def test_a_phone_is_read_however_it_is_written(phones: dict[str, Read], name: str, msisdn: str) -> None:
    assert (phones[name].msisdn, phones[name].refused, phones[name].warned) == (msisdn, [], [])


@pytest.mark.parametrize(("name", "msisdn"), [(name, msisdn) for name, (_phone, msisdn) in REPAIRED_PHONES.items()])
def test_a_number_that_a_spreadsheet_calculated_is_repaired_with_a_warning(
    phones: dict[str, Read], name: str, msisdn: str
) -> None:
    assert (phones[name].msisdn, phones[name].refused) == (msisdn, [])
    assert phones[name].warned == [("Телефон", "repaired_number")]


@pytest.mark.parametrize(("name", "msisdn"), [(name, msisdn) for name, (_phone, msisdn) in FOREIGN_PHONES.items()])
def test_a_foreign_number_is_written_to_and_pointed_out(phones: dict[str, Read], name: str, msisdn: str) -> None:
    """A contract with one operator mostly says nothing of other countries."""
    assert (phones[name].refused, phones[name].msisdn) == ([], msisdn)
    assert ("Телефон", "foreign_number") in phones[name].warned


@pytest.mark.parametrize("name", SEVERAL)
def test_of_several_numbers_the_first_mobile_one_is_taken_with_a_warning(phones: dict[str, Read], name: str) -> None:
    assert (phones[name].msisdn, phones[name].refused) == ("+79000000001", [])
    assert phones[name].warned == [("Телефон", "several_numbers")]


def test_the_same_number_twice_in_a_cell_is_one_number(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person("8 900 000-00-01, +7 900 000-00-01"))
    assert (sent(plan), warned(plan)) == ([(2, "+79000000001")], [])


def test_an_allowed_short_code_is_sent_to(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("0500"), person(GOOD)])
    plan = prepared(path, short_codes=("0500",), phone_columns=("Телефон",)).plan
    assert sent(plan) == [(2, "0500"), (3, "+79000000001")]


def test_the_same_number_with_the_same_text_is_refused_and_harmless(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), person("+7 900 000 00 01"))
    assert refused(plan) == [(3, "Телефон", "duplicate")]
    assert (plan.bad, len(plan.duplicates)) == ((), 1)


def test_the_same_number_with_another_text_is_sent(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD, "Майя"), person(GOOD, "Тимофей"))
    assert sent(plan) == [(2, "+79000000001"), (3, "+79000000001")]
