"""Which rows of a list are people, and what is hidden (contract, section 4), through a real workbook."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.merge.lists import (
    DAY,
    GOOD,
    HEADINGS,
    NINE,
    Read,
    person,
    plan_of,
    plan_of_people,
    prepared,
    read_each,
    refused,
    sent,
    warned,
    write_xlsx,
)

NO_PEOPLE = {
    "a section": ("Терапия", None, None, None, None, None),
    "a section with a phone in it": ("Хирургия, тел. 8 900 000-00-99", None, None, None, None, None),
    "a department with its phone": ("Детское отделение", None, "8 900 000-00-99", None, None, None),
    "the heading again": HEADINGS,
    "the heading again in capitals": tuple(heading.upper() for heading in HEADINGS),
    "column numbers": (1, 2, 3, 4, 5, 6),
    "column numbers as text": ("1", "2", "3", "4", "5", "6"),
    "a total": ("Итого:", None, 25, None, None, None),
    "a total in words": ("Всего пациентов", 25, None, None, None, None),
    "the total of a group, as a pivot table writes it": ("Белова Н. П. Итог", None, None, None, 4500, 12),
    "the total of a group, with sums as text": ("Белова Н. П. Итог", None, None, None, "4 500,00", "12"),
    "the total of a group in English": ("Dr. Smith Total", None, None, 12, None, None),
    "the total of a group in Chinese": ("内科 汇总", None, None, 12, None, None),
    "a sum of something": ("Sum of visits", None, None, 12, None, None),
    "a total with a phone": ("Итого:", 25, "8 900 000-00-99", None, None, None),
    "a signature": ("Главный врач", None, "____________", None, None, "Ветров Д. И."),
    "a signature with a phone": ("Главный врач ______ тел. 8 900 000-00-99", None, None, None, None, None),
    "a signature with a phone in its column": ("Исполнитель Ветрова", None, "8 900 000-00-99", None, None, None),
    "a label with what follows": ("Врач:", "Белова Н. П.", None, None, None, None),
    "the head doctor in one word": ("Главврач", "Ветров Д. И.", "8 900 000-00-99", None, None, None),
    "a number of a row alone": (26, None, None, None, None, None),
    "a section in the phone column": (None, None, "Хирургия, тел. 8 900 000-00-99", None, None, None),
    "a day in the phone column": (None, None, DAY, None, None, None),
    "a day as text in the phone column": (None, None, "01.12.2026", None, None, None),
    "a note": (None, "* приём по предварительной записи", None, None, None, None),
    "blanks": ("  ", None, "", None, "\u00a0", None),
}


@pytest.fixture(scope="module")
def no_people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Read]:
    return dict(zip(NO_PEOPLE, read_each(tmp_path_factory.mktemp("rows"), NO_PEOPLE.values()), strict=True))


@pytest.mark.parametrize("name", NO_PEOPLE)
def test_a_row_that_is_no_person_is_passed_over(no_people: dict[str, Read], name: str) -> None:
    assert no_people[name] == Read(None, None, [], [], is_person=False)


def test_titles_above_the_heading_are_passed_over_even_with_a_phone(tmp_path: Path) -> None:
    titles = [("Поликлиника № 0, тел. 8 900 000-00-99",), (), ("Список", "на 1 декабря", "8 900 000-00-98")]
    plan = plan_of(tmp_path, [*titles, HEADINGS, person(GOOD)], merged=[(0, 0, 0, 5)])
    assert (sent(plan), refused(plan)) == ([(5, "+79000000001")], [])


def test_a_line_merged_over_the_list_is_no_person(tmp_path: Path) -> None:
    rows = [HEADINGS, person(GOOD), (None, "Отпускники", None, None, None, None), person("8 900 000-00-02")]
    plan = plan_of(tmp_path, rows, merged=[(2, 1, 2, 4)])
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001"), (4, "+79000000002")], [])


def test_a_surname_that_looks_like_a_total_or_signature_is_a_person(tmp_path: Path) -> None:
    surnames = ("Завьялов", "Всеволодов", "Итоговская", "Директоренко", "Кабинетский", "Иван Итог", "Sum Li")
    rows = [(name, "Олег", f"8 900 000-01-{number:02}", DAY, NINE, "") for number, name in enumerate(surnames)]
    assert all(read.msisdn for read in read_each(tmp_path, rows))


def test_a_person_with_little_known_is_refused_and_not_dropped(tmp_path: Path) -> None:
    bare = ("Петров", None, "8 900 000-00-02", None, None, None)
    assert refused(plan_of_people(tmp_path, person(GOOD), bare)) == [(3, "Имя", "empty_value")]


def test_in_a_narrow_list_a_name_without_a_phone_is_refused(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, [("Имя", "Телефон"), ("Анна", GOOD), ("Борис", None)], "{Имя}, позвоните нам")
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001")], [(3, "Телефон", "no_phone")])


# -- hidden things ----------------------------------------------------------------------------------------------------


def test_hidden_rows_are_left_out_and_said(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), person("8 900 000-00-02"), hidden_rows=[3])
    assert sent(plan) == [(2, "+79000000001")]
    assert (warned(plan), plan.hidden, plan.bad) == ([(3, None, "hidden_row")], 1, ())


def test_hidden_rows_are_sent_when_asked(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "l.xlsx", [HEADINGS, person(GOOD), person("8 900 000-00-02")], hidden_rows=[3])
    assert len(prepared(path, is_hidden_included=True).plan.messages) == 2


def test_a_hidden_row_that_is_no_person_is_not_counted(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), ("Терапия", *[None] * 5), hidden_rows=[3])
    assert (plan.hidden, warned(plan)) == (0, [])


def test_a_hidden_column_is_neither_the_phone_nor_a_placeholder(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон", "Моб. телефон"), ("Анна", GOOD, "8 900 000-00-02")]
    plan = plan_of(tmp_path, rows, "Здравствуйте, {Имя}", hidden_columns=[2])
    assert sent(plan) == [(2, "+79000000001")]


def test_a_hidden_sheet_is_not_used(tmp_path: Path) -> None:
    rows = [HEADINGS, person(GOOD)]
    old = [HEADINGS, person("8 900 000-00-09")]
    path = write_xlsx(tmp_path / "l.xlsx", old, sheet="Старый", more={"Новый": rows}, hidden_sheets=["Старый"])
    made = prepared(path)
    assert (made.sheet, sent(made.plan), made.other_sheets) == ("Новый", [(2, "+79000000001")], ())


def test_a_phone_alone_in_its_row_is_a_person_of_whom_more_must_be_known(tmp_path: Path) -> None:
    plan = plan_of_people(tmp_path, person(GOOD), (None, None, "8 900 000-00-02", None, None, None))
    assert refused(plan) == [(3, "Имя", "empty_value")]


def test_many_sections_do_not_hide_how_full_a_row_is(tmp_path: Path) -> None:
    sections = [("Терапия", *[None] * 5), ("Хирургия", *[None] * 5), ("Итого:", 2, *[None] * 4)]
    plan = plan_of_people(tmp_path, sections[0], person(GOOD), sections[1], person("8 900 000-00-02"), sections[2])
    assert ([row for row, _msisdn in sent(plan)], refused(plan)) == ([3, 5], [])


PEOPLE = {
    "no phone in words, and a remark that says what stands over it": ("Анна", "тел. нет", "СМС", "врач"),
    "no phone in words, and two such remarks": ("Анна", "нет", "СМС", "Врач"),
    "the word for phones, and a day": ("Анна", "телефон", "да", DAY),
    "no phone, and two such remarks": ("Анна", None, "СМС", "Врач"),
    "no phone, and one beside the name": ("Анна", None, "СМС", None),
    "a name like a group's total, and no phone": ("Иван Итог", None, "да", "Белова"),
    "such a name in Chinese, and a remark": ("李汇总", None, "是", None),
    "such a name, and a day as text": ("李汇总", None, None, "05.12.2026"),
    "a name like a group's total, and a day": ("John Total", None, DAY, None),
}


@pytest.mark.parametrize("name", PEOPLE)
def test_a_person_without_a_phone_is_refused_and_those_below_are_sent(tmp_path: Path, name: str) -> None:
    rows = [("Имя", "Телефон", "СМС", "Врач"), ("Олег", GOOD, "да", "Белова"), PEOPLE[name]]
    plan = plan_of(tmp_path, [*rows, ("Глеб", "8 900 000-00-02", "да", "Белова")], "{Имя}, позвоните нам")
    assert (sent(plan), refused(plan)) == (
        [(2, "+79000000001"), (4, "+79000000002")],
        [(3, "Телефон", "no_phone")],
    )


@pytest.mark.parametrize("name", ["Sum Li", "Total John", "Итог Иван"])
def test_a_number_in_a_narrow_list_is_of_a_person_whatever_the_name(tmp_path: Path, name: str) -> None:
    rows = [("Имя", "Телефон"), ("Анна", GOOD), (name, "8 900 000-00-02"), ("Total", 2), ("Итого:", "8 900 000-00-99")]
    plan = plan_of(tmp_path, rows, "{Имя}, позвоните нам")
    assert (sent(plan), refused(plan)) == ([(2, "+79000000001"), (3, "+79000000002")], [])
