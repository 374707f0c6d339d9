"""Several numbers in a row, in one cell or in several columns: `--phones` chooses, and nobody is written to unasked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from gateway.merge.recipients import Choice, Unreachable, choose
from gateway.merge.template import Column
from tests.merge.lists import plan_of, prepared, sent, warned, write_xlsx

ONE, TWO, THREE = "+79000000001", "+79000000002", "+79000000003"
LANDLINE = "8 495 123-45-67"
COLUMNS = (Column("Телефон", 0), Column("Телефон мамы", 1))
REFUSED = "refused: "

# The cells of a row, and what becomes of them by each choice: numbers, or why not.
CASES = {
    "one": (["89000000001"], ONE, ONE, ONE),
    "two": (["89000000001, 89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "two with plus signs and nothing between": (["+79000000001+79000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "three in lines": (["8 900 000-00-01\n8 900 000-00-02\n8 900 000-00-03"], ONE, *[f"{ONE} {TWO} {THREE}"] * 2),
    "two with a comma and no blank": (["89000000001,89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "two with a Chinese comma": (["89000000001、89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "two with a wide comma": (["89000000001，89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "two with a Chinese word": (["８９０００００００１0 或 89000000002"], "+79000000010", *[f"+79000000010 {TWO}"] * 2),
    "two with whose each is": (["8 900 000-00-01 (мама) 8 900 000-00-02 (папа)"], ONE, *[f"{ONE} {TWO}"] * 2),
    "two with whose each is and no blank": (["89000000001（父）89000000002（母）"], ONE, *[f"{ONE} {TWO}"] * 2),
    "two, of which one bears a name": (["8 900 000-00-01 (Анна) 8 900 000-00-02"], ONE, ONE, REFUSED + "letters"),
    "one behind a label of its own": (["(мама) 89000000001 (папа) 89000000002"], ONE, *[f"{ONE} {TWO}"] * 2),
    "a word within a foreign one": (["+1 (cell) 9161234567, 89000000002"], TWO, TWO, REFUSED + "letters"),
    "the same twice": (["8 900 000-00-01; +79000000001"], ONE, ONE, ONE),
    "a landline beside": ([f"{LANDLINE}; 89000000001"], ONE, ONE, REFUSED + "landline"),
    "a broken one beside": (["8 900 000-00; 89000000001"], ONE, ONE, REFUSED + "too_short"),
    "the last digits of another one": (["8 900 000-00-01,02"], ONE, ONE, REFUSED + "emergency_number"),
    "landlines alone": ([f"{LANDLINE}, 8 495 123-45-68"], *[REFUSED + "landline"] * 3),
    "two columns": (["89000000001", "89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
    "the same in two columns": (["89000000001", "+7 900 000 00 01"], ONE, ONE, ONE),
    "the first column empty": ([None, "89000000002"], TWO, TWO, TWO),
    "the first column says none": (["нет", "89000000002"], TWO, TWO, TWO),
    "the first column is a landline": ([LANDLINE, "89000000002"], TWO, TWO, REFUSED + "landline"),
    "the first column is damaged": (["7,9E+10", "89000000002"], TWO, TWO, REFUSED + "precision_lost"),
    "one of the columns declines": (["89000000001", "отказ от смс"], *[REFUSED + "no_phone"] * 3),
    "one of the columns declines beside a number": (["89000000001", "89000000002 стоп"], *[REFUSED + "no_phone"] * 3),
    "both empty": ([None, None], *[REFUSED + "no_phone"] * 3),
    "calculated": (["7.9000000001E+10", "89000000002"], ONE, f"{ONE} {TWO}", f"{ONE} {TWO}"),
}


def outcome(cells: Sequence[str | None], choice: Choice) -> str:
    try:
        return " ".join(choose(cells, COLUMNS, choice, "RU").numbers)
    except Unreachable as error:
        return REFUSED + error.code


@pytest.mark.parametrize("name", CASES)
def test_each_choice_takes_the_numbers_that_it_says(name: str) -> None:
    cells, first, mobile, every = CASES[name]
    chosen = (Choice.FIRST, Choice.MOBILE, Choice.ALL)
    assert [outcome(cells, choice) for choice in chosen] == [first, mobile, every]


ONE_CELL = {name: case for name, case in CASES.items() if len(case[0]) == 1 and name != "landlines alone"}


@pytest.mark.parametrize("name", ONE_CELL)
def test_one_column_alone_gives_the_same_first_number(name: str) -> None:
    cells, first, *_others = ONE_CELL[name]
    assert choose(cells, COLUMNS[:1], Choice.FIRST, "RU").numbers == (first,)


@pytest.mark.parametrize("choice", Choice)
def test_a_plain_number_in_the_only_column_is_taken_without_a_doubt_by_each_choice(choice: Choice) -> None:
    found = choose(["8 (900) 000-12-34"], COLUMNS[:1], choice, "RU")
    assert (found.numbers, found.doubts) == (("+79000001234",), ())


def test_a_row_s_several_numbers_get_one_message_each_with_a_warning(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон"), ("Анна", "89000000001, 89000000002"), ("Вера", "89000000003")]
    made = prepared(write_xlsx(tmp_path / "list.xlsx", rows), "{Имя}, позвоните нам", phones=Choice.ALL)
    assert sent(made.plan) == [(2, ONE), (2, TWO), (3, THREE)]
    assert warned(made.plan) == [(2, "Телефон", "several_numbers")]


def test_no_number_is_taken_from_a_column_that_nobody_named(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон", "Телефон врача"), ("Анна", "89000000001", "89000000002")]
    path = write_xlsx(tmp_path / "list.xlsx", rows)
    assert sent(prepared(path, "{Имя}!", phones=Choice.ALL).plan) == [(2, ONE)]
    named = prepared(path, "{Имя}!", phones=Choice.ALL, phone_columns=("Телефон", "C"))
    assert sent(named.plan) == [(2, ONE), (2, TWO)]


def test_a_number_that_had_the_text_from_a_row_above_gets_it_once(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон"), ("Анна", "89000000001, 89000000002"), ("Анна", "89000000002, 89000000003")]
    made = prepared(write_xlsx(tmp_path / "list.xlsx", rows), "Клиника закрыта", phones=Choice.ALL)
    assert sent(made.plan) == [(2, ONE), (2, TWO), (3, THREE)]
    assert plan_of(tmp_path, rows, "Клиника закрыта").refused == ()


@pytest.mark.parametrize("choice", Choice)
@pytest.mark.parametrize("columns", [COLUMNS[:1], COLUMNS], ids=["one column", "two columns"])
@pytest.mark.parametrize(
    ("cell", "code"), [("+49 1512 3456789", "foreign_number"), ("79000000001.0", "repaired_number")]
)
def test_what_is_doubtful_is_said_with_each_choice(
    columns: Sequence[Column], choice: Choice, cell: str, code: str
) -> None:
    assert [doubt.code for doubt in choose([cell, None], columns, choice, "RU").doubts] == [code]
