"""Finding the heading row and the phone column."""

from __future__ import annotations

import gettext
import time
from collections.abc import Sequence

import pytest

from gateway.errors import UsageProblem
from gateway.i18n import DOMAIN, LOCALE_FOLDER
from gateway.merge.cells import Cell
from gateway.merge.handed_back import ENGLISH
from gateway.merge.layout import Layout, find_layout

PHONES = ("8 900 000-00-01", 79000000002.0, "+79000000003", "нет")


def laid_out(*rows: Sequence[Cell], wanted: Sequence[str] = (), phone_columns: Sequence[str] = ()) -> Layout:
    sample = [(number, list(cells)) for number, cells in enumerate(rows, start=1) if any(cells)]
    return find_layout(sample, wanted, "RU", phone_columns=phone_columns)


def people(*columns: Sequence[Cell]) -> list[tuple[Cell, ...]]:
    return list(zip(*columns, strict=True))


NAMES = ("Анна", "Вера", "Глеб", "Дарья")


@pytest.mark.parametrize(
    "heading",
    [
        "Телефон",
        "Моб. тел.",
        "Контакт",
        "Phone",
        "mobile",
        "手机",
        "сотовый",
        "SMS",
        "Номер телефона пациента",
        "Связь",
    ],
)
def test_the_phone_column_is_found_by_its_content_whatever_it_is_called(heading: str) -> None:
    layout = laid_out(("Имя", "Адрес", heading), *people(NAMES, ("Мира, 1",) * 4, PHONES), wanted=["Имя"])
    assert (layout.heading_row, layout.phone.name) == (1, heading)


def test_a_heading_decides_when_no_cell_holds_a_number() -> None:
    layout = laid_out(("Имя", "Телефон", "Полис"), *people(NAMES, ("нет",) * 4, ("1234 5678",) * 4))
    assert layout.phone.name == "Телефон"


def test_the_mobile_column_wins_over_the_one_at_home() -> None:
    numbers = ("8 900 000-00-01",) * 4
    layout = laid_out(("Имя", "Домашний телефон", "Мобильный"), *people(NAMES, numbers, numbers))
    assert (layout.phone.name, layout.other_phones) == ("Мобильный", ("Домашний телефон",))


@pytest.mark.parametrize("heading", ["Телефон врача", "Врач, моб.", "Doctor's mobile", "医生电话", "Контакт менеджера"])
def test_the_patient_s_number_wins_over_that_of_the_staff(heading: str) -> None:
    layout = laid_out(("Имя", heading, "Телефон"), *people(NAMES, ("8 900 000-00-09",) * 4, PHONES))
    assert (layout.phone.name, layout.other_phones) == ("Телефон", (heading,))


def test_a_line_about_the_doctor_is_no_heading() -> None:
    layout = laid_out(("Врач:", "Белова Н. П."), ("Имя", "Связь"), *people(NAMES, PHONES), wanted=["Имя"])
    assert layout.heading_row == 2


def test_of_equal_columns_the_first_is_taken_and_the_other_named() -> None:
    numbers = ("8 900 000-00-01",) * 4
    layout = laid_out(("Имя", "Телефон матери", "Телефон отца"), *people(NAMES, numbers, numbers))
    assert (layout.phone.name, layout.other_phones) == ("Телефон матери", ("Телефон отца",))


def test_a_second_phone_that_few_have_does_not_win_over_a_column_with_some_bad_numbers() -> None:
    numbers = ("8 900 000-00-01", "see other", "07900 000402", "8 900 000-00-04")
    layout = laid_out(("Name", "Mobile", "Alt phone"), *people(NAMES, numbers, (None, "8 900 000-00-02", None, None)))
    assert (layout.phone.name, layout.other_phones) == ("Mobile", ("Alt phone",))


@pytest.mark.parametrize("heading", ["No SMS", "Согласие на СМС", "Телефон проверен"])
def test_a_column_without_any_number_is_not_said_to_hold_phones(heading: str) -> None:
    layout = laid_out(("Имя", heading, "Телефон"), *people(NAMES, ("x", None, "да", "x"), PHONES))
    assert (layout.phone.name, layout.other_phones) == ("Телефон", ())


def test_a_fax_and_landlines_are_no_mobile_column() -> None:
    landlines = ("8 495 123-45-67",) * 4
    layout = laid_out(("Имя", "Факс", "Связь"), *people(NAMES, landlines, PHONES))
    assert layout.phone.name == "Связь"


def test_identity_numbers_are_not_taken_for_phones() -> None:
    layout = laid_out(("Имя", "СНИЛС", "Связь"), *people(NAMES, ("112-233-445 95",) * 4, PHONES))
    assert layout.phone.name == "Связь"


CARDS = (89001234501, 89001234502, 89001234503, 89001234504)
OF_CARDS = ["№ карты", "Код пациента", "Лицевой счёт", "Card no.", "Patient ID", "会员卡号"]


@pytest.mark.parametrize("heading", OF_CARDS)
@pytest.mark.parametrize("beside", [None, "Мама", "家长"])
def test_cards_numbered_like_mobiles_do_not_win_over_a_column_without_a_telling_heading(
    heading: str, beside: str | None
) -> None:
    layout = laid_out((heading, "Имя", beside), *people(CARDS, NAMES, PHONES), wanted=["Имя"])
    assert (layout.phone.index, layout.other_phones) == (2, ())


@pytest.mark.parametrize("heading", OF_CARDS)
def test_cards_numbered_like_mobiles_are_taken_only_where_a_person_names_them(heading: str) -> None:
    rows = [(heading, "Имя"), *people(CARDS, NAMES)]
    with pytest.raises(UsageProblem, match="--phone-column"):
        laid_out(*rows, wanted=["Имя"])
    assert laid_out(*rows, wanted=["Имя"], phone_columns=[heading]).phone.name == heading


@pytest.mark.parametrize(
    "heading",
    [
        "Телефон (карта)",
        "Код и номер телефона",
        "Cell (policy)",
        "联系电话/卡号",
        "Tel (policy holder)",
        "Contact / ID",
        "MSISDN (account)",
        "Ватсап, код",
    ],
)
def test_a_heading_with_a_word_for_phones_is_one_of_phones_whatever_else_it_names(heading: str) -> None:
    assert laid_out(("Имя", heading), *people(NAMES, PHONES), wanted=["Имя"]).phone.name == heading


def test_a_number_of_something_else_is_the_word_of_a_heading_row_too() -> None:
    title, heading = ("Отделение", "Кабинет"), ("Кому", "Номер полиса")
    assert laid_out(title, heading, *people(PHONES, ("А-1", "Б-2", "В-3", "Г-4"))).heading_row == 2


def test_without_a_phone_column_the_option_is_named() -> None:
    with pytest.raises(UsageProblem, match=r"--phone-column.*Имя, Адрес"):
        laid_out(("Имя", "Адрес"), *people(NAMES, ("Мира, 1",) * 4))


@pytest.mark.parametrize("name", ["Связь", "связь ", "C"])
def test_the_phone_column_can_be_named_by_heading_or_letter(name: str) -> None:
    rows = people(NAMES, PHONES, PHONES)
    assert laid_out(("Имя", "Телефон", "Связь"), *rows, phone_columns=[name]).phone.name == "Связь"


def test_a_wrong_phone_column_is_wrong_usage() -> None:
    with pytest.raises(UsageProblem, match="Имя, Телефон"):
        laid_out(("Имя", "Телефон"), *people(NAMES, PHONES), phone_columns=["Мобильный"])


def test_the_heading_row_is_the_one_with_the_placeholders() -> None:
    titles = [("Поликлиника", "тел. 8 495 000-00-99", "каб.", "окно", "стол"), ("Список", None, None, None, None)]
    layout = laid_out(*titles, ("Имя", "Связь"), *people(NAMES, PHONES), wanted=["имя"])
    assert layout.heading_row == 3


def test_a_title_with_a_phone_is_not_the_heading() -> None:
    layout = laid_out(("Телефон регистратуры: 8 495 000-00-99",), ("Имя", "Связь"), *people(NAMES, PHONES))
    assert layout.heading_row == 2


def test_a_heading_repeated_further_down_does_not_move_the_beginning() -> None:
    heading = ("Имя", "Телефон")
    layout = laid_out(heading, *people(NAMES, PHONES), heading, *people(NAMES, PHONES), wanted=["Имя"])
    assert layout.heading_row == 1


TWO_LINES = (("Пациент", None, "Связь", "Врач"), ("Фамилия", "Имя", None, None))


@pytest.mark.parametrize("wanted", [["Имя"], ["Имя", "Врач"], ["Связь", "Имя"]], ids=str)
def test_a_column_of_a_heading_of_two_lines_has_its_name_in_either(wanted: list[str]) -> None:
    """`Связь` and `Врач` are merged over both lines."""
    layout = laid_out(("Список",), *TWO_LINES, *people(NAMES, NAMES, PHONES, NAMES), wanted=wanted)
    assert (layout.heading_row, layout.phone.name) == (3, "Связь")
    assert [column.name for column in layout.columns] == ["Фамилия", "Имя", "Связь", "Врач"]


ABOVE = {
    "a title": ("Список на понедельник",),
    "a phone": ("Регистратура", "8 495 000-00-99", "каб. 1"),
    "a label": ("Врач:", "Белова Н. П.", "каб. 1"),
    "a sentence": ("Список", "к нам", "Просим всех прийти за четверть часа до начала приёма и взять с собой полис"),
}


@pytest.mark.parametrize("above", ABOVE.values(), ids=ABOVE)
def test_what_is_no_line_of_a_heading_names_no_column(above: Sequence[Cell]) -> None:
    layout = laid_out(above, ("Имя", "Связь"), *people(NAMES, PHONES, NAMES), wanted=["Имя"])
    assert [column.name for column in layout.columns] == ["Имя", "Связь", "C"]


def test_a_person_without_a_phone_below_the_heading_is_no_line_of_it() -> None:
    heading, person = ("Имя", "Связь", "Врач", None), ("Анна", None, None, "Мира, 1")
    layout = laid_out(heading, person, *people(NAMES, PHONES, NAMES, NAMES), wanted=["Врач"])
    assert (layout.heading_row, [column.name for column in layout.columns][3]) == (1, "D")


def test_words_in_a_row_of_people_are_no_heading() -> None:
    layout = laid_out(("Анна", "8 900 000-00-01"), ("Вера", "нет"), ("Глеб", "8 900 000-00-03"))
    assert layout.heading_row == 0
    assert [column.name for column in layout.columns] == ["A", "B"]


def test_a_column_without_a_heading_is_called_by_its_letter() -> None:
    layout = laid_out(("Имя", None, "Телефон"), *people(NAMES, ("x",) * 4, PHONES))
    assert [column.name for column in layout.columns] == ["Имя", "B", "Телефон"]


REPORTS = {
    "English": ("Verdict", "Reason", "Number used", "SMS", "Sent", "Delivered", "Reply (by number)"),
    "Russian": tuple(gettext.translation(DOMAIN, LOCALE_FOLDER, ["ru"]).gettext(name) for name in ENGLISH),
    "Chinese": tuple(gettext.translation(DOMAIN, LOCALE_FOLDER, ["zh_CN"]).gettext(name) for name in ENGLISH),
}
TOLD = ("delivered", None, "+79000000009", 1, None, None, None)


@pytest.mark.parametrize("added", REPORTS.values(), ids=REPORTS)
def test_a_report_is_known_in_any_language_and_the_phones_are_those_of_the_list(added: tuple[str, ...]) -> None:
    """`Связь` says nothing of phones, `Number used` does."""
    layout = laid_out(("Имя", "Связь", *added), *((name, phone, *TOLD) for name, phone in people(NAMES, PHONES)))
    assert (layout.phone.name, layout.other_phones) == ("Связь", ())
    assert [column.name for column in layout.of_report] == list(added)


def test_of_a_report_of_a_report_none_of_the_columns_is_the_list_s_own() -> None:
    layout = laid_out(("Имя", "Связь", *2 * ENGLISH), *((name, PHONES[0], *2 * TOLD) for name in NAMES))
    assert (layout.phone.name, len(layout.of_report)) == ("Связь", 14)


def test_where_a_report_alone_has_numbers_they_are_taken() -> None:
    """Of a campaign to contacts."""
    layout = laid_out(("Contact", "ФИО", *ENGLISH), *((number, "Анна", *TOLD) for number in range(4)))
    assert layout.phone.name == "Number used"


def test_a_list_with_a_few_such_headings_is_no_report() -> None:
    layout = laid_out(("Имя", "Sent", "Delivered", "SMS"), *((name, None, None, PHONES[0]) for name in NAMES))
    assert (layout.phone.name, layout.of_report) == ("SMS", ())


def test_a_cell_as_long_as_excel_lets_it_be_does_not_keep_anybody_waiting() -> None:
    rows = [("Телефон", "Имя"), ("нет", "номера " * 4000), *[("89000000001", "Анна")] * 5]
    began_s = time.process_time()
    assert laid_out(*rows).phone.name == "Телефон"
    assert time.process_time() - began_s < 5.0
