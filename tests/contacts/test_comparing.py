"""What a list says against what is kept: which numbers stay, in which order, and what counts as changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.contacts.comparing import Fate, Stored, compare, merged
from gateway.contacts.person import Number, Person, laid_out, made_key, own_key
from gateway.contacts.values import Value

KINDS = ["Тел.", "Дом.", "Мама"]
NUMBERS = st.lists(
    st.builds(Number, st.integers(1, 6).map("+7900000000{}".format), st.sampled_from(KINDS)),
    max_size=4,
    unique_by=lambda number: number.msisdn,
)


@given(NUMBERS, NUMBERS)
def test_numbers_of_the_list_come_first_and_others_stay_only_from_other_columns(
    told: list[Number], kept: list[Number]
) -> None:
    numbers = merged(told, kept)
    assert list(numbers[: len(told)]) == told
    assert len({number.msisdn for number in numbers}) == len(numbers)
    rest = numbers[len(told) :]
    assert set(rest) <= set(kept)
    assert not {number.kind for number in rest} & {number.kind for number in told}


@given(NUMBERS, NUMBERS)
def test_the_same_list_a_second_time_changes_nothing(told: list[Number], kept: list[Number]) -> None:
    once = merged(told, kept)
    assert merged(told, once) == once


def test_a_list_that_says_less_changes_nothing() -> None:
    number = Number("+79000000001", "Тел.")
    kept = Stored(1, "7", "Анна", "ru", "Asia/Omsk", (number,), {"врач": ("Петров", "text")})
    told = Person(2, own_key(["7"]), "7", "", (number,), (), ())
    change = compare(told, kept)
    assert (change.fate, change.own) == (Fate.SAME, ("Анна", "ru", "Asia/Omsk"))


def test_what_the_list_says_anew_counts_as_changed_and_what_it_leaves_empty_stays() -> None:
    kept = Stored(1, "7", "Анна", "ru", "Asia/Omsk", (), {"врач": ("Петров", "text"), "каб.": ("5.0", "number")})
    headings, values = laid_out({"врач": Value("Сидорова", "text", "сидорова"), "каб.": Value("5.0", "number", "5")})
    change = compare(Person(2, own_key(["7"]), "7", "Анна Белова", (), headings, values, "ru"), kept)
    assert (change.fate, change.own) == (Fate.CHANGED, ("Анна Белова", "ru", "Asia/Omsk"))
    assert (change.fields, change.renamed, change.has_other_numbers) == (("врач",), ("name",), False)


def test_the_parts_of_a_person_say_nothing_of_them_where_they_are_shown() -> None:
    number, value = Number("+79000000001", "Тел."), Value("Белова", "text", "белова", None, "белова")
    headings, values = laid_out({"фамилия": value})
    person = Person(2, "key:7", "7", "Анна", (number,), headings, values)
    shown = f"{number!r} {value!r} {person!r} {compare(person, None)!r}"
    assert not [word for word in ("9000000001", "елова", "Анна", "key:7") if word in shown]


def test_a_key_that_was_made_is_never_taken_for_a_card_number() -> None:
    made = made_key("Анна", "+79000000001")
    assert made == made_key(" анна ", "+79000000001")
    assert own_key([made]) != made
    assert own_key(["104", "22"]) != own_key(["10422"])
