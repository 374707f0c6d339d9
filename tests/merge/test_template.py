"""The template: its placeholders, their formats, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

import pytest

from gateway.errors import UsageProblem
from gateway.merge.cells import Cell, Flaw
from gateway.merge.filling import Unfilled, render
from gateway.merge.layout import name_columns
from gateway.merge.template import Column, compile_template, names_in

HEADINGS = (
    "Имя",
    "Дата приёма",
    "Время",
    "№ каб.",
    "Сумма, руб.",
    "Приём: дата",
    "A|B",
    "{x}",
    "__class__",
    "Дата\nприёма врача",
)
COLUMNS = name_columns(HEADINGS, len(HEADINGS))
DAY, MARCH = date(2026, 12, 1), date(2026, 3, 9)
ROW: tuple[Cell, ...] = ("Анна", DAY, time(9, 5), "21а", 1500.0, "завтра", "ab", "x", "name", MARCH)


def filled(template: str, row: Sequence[Cell] = ROW, country: str = "RU") -> str:
    return render(compile_template(template, COLUMNS, country), row)


GOOD = {
    "no placeholder": ("Клиника закрыта", "Клиника закрыта"),
    "a heading": ("{Имя}!", "Анна!"),
    "blanks around it": ("{ Имя }!", "Анна!"),
    "another case": ("{имя}!", "Анна!"),
    "ё as е": ("{Дата приема:%d.%m}", "01.12"),
    "several blanks for one": ("{Дата  приёма:%d.%m}", "01.12"),
    "a line break in the heading": ("{Дата приёма врача:%d.%m}", "09.03"),
    "signs in the heading": ("каб. {№ каб.}, {Сумма, руб.} р.", "каб. 21а, 1500 р."),
    "a colon in the heading": ("{Приём: дата}", "завтра"),
    "a bar in the heading": ("{A|B}", "ab"),
    "braces": ("{{{Имя}}} {{}}", "{Анна} {}"),
    "a name of Python's": ("{__class__}", "name"),
    "a date without a format": ("{Дата приёма}", "01.12.2026"),
    "a time without a format": ("{Время}", "09:05"),
    "blanks at the ends": (" {Имя} ", "Анна"),
    "a format and a default": ("{Дата приёма:%d.%m|скоро}", "01.12"),
    "words in a format": ("{Дата приёма:%d %B, %A}", "1 декабря, вторник"),
    "short words in a format": ("{Дата приёма:%a %-d %b}", "вт 1 дек"),
    "English words": ("{Имя:}", "Анна"),
    "a percent sign": ("{Дата приёма:%d%%}", "01%"),
    "full-width signs": ("{Дата приёма：%d.%m｜скоро}", "01.12"),
    "a full-width bar behind a plain colon": ("{Дата приёма:%d.%m｜%Y}", "01.12｜2026"),
    "a full-width colon in a format": ("{Время:%H：%M}", "09：05"),
    "a clock of twelve hours": ("{Время:%-I:%M %p}", "9:05 AM"),
}


@pytest.mark.parametrize(("template", "text"), GOOD.values(), ids=GOOD)
def test_a_template_gives_its_text(template: str, text: str) -> None:
    assert filled(template) == text


def test_a_template_in_latin_letters_has_english_months() -> None:
    columns = (Column("Date", 0),)
    text = render(compile_template("On {Date:%A, %d %B %Y (%b %a)}", columns), [date(2026, 12, 1)])
    assert text == "On Tuesday, 1 December 2026 (Dec Tue)"


def test_a_date_without_a_format_is_written_as_in_its_country() -> None:
    assert filled("{Дата приёма}", country="CN") == "2026-12-01"


def test_the_language_is_that_of_the_words_and_not_of_the_headings() -> None:
    assert filled("See you on {Дата приёма:%d %B}, dear {Имя}") == "See you on 1 December, dear Анна"


ROOM: tuple[Cell, ...] = ("Анна", "21а")
NO_ROOM: tuple[Cell, ...] = ("Анна", None)
CONDITIONAL = {  # template, row, text
    "a cell with something": ("Ждём вас{?Каб.: в кабинете {Каб.}}.", ROOM, "Ждём вас в кабинете 21а."),
    "an empty cell": ("Ждём вас{?Каб.: в кабинете {Каб.}}.", NO_ROOM, "Ждём вас."),
    "a blank too many": ("Ждём вас {?Каб.: в кабинете {Каб.}}.", ROOM, "Ждём вас в кабинете 21а."),
    "a blank that stays behind": ("Ждём вас {?Каб.: в кабинете {Каб.}}.", NO_ROOM, "Ждём вас."),
    "a sentence": ("Ждём вас. {?Каб.: Кабинет {Каб.}.} До встречи!", NO_ROOM, "Ждём вас. До встречи!"),
    "a line": ("Ждём вас\n{?Каб.:Кабинет {Каб.}}\nДо встречи", NO_ROOM, "Ждём вас\nДо встречи"),
    "a line that is there": ("Ждём вас\n{?Каб.:Кабинет {Каб.}}\nДо встречи", ROOM, "Ждём вас\nКабинет 21а\nДо встречи"),
    "in front": ("{?Каб.: Кабинет {Каб.}.} Ждём", NO_ROOM, "Ждём"),
    "otherwise": ("{?Имя: {Имя}, ждём вас|Ждём вас}!", (None, "1"), "Ждём вас!"),
    "not otherwise": ("{?Имя: {Имя}, ждём вас|Ждём вас}!", ROOM, "Анна, ждём вас!"),
    "full-width signs": ("Ждём{？Каб.：, кабинет {Каб.}｜, спросите}", NO_ROOM, "Ждём, спросите"),
    "a full-width bar behind a plain colon": ("Ждём{?Каб.: ｜ кабинет {Каб.}|, спросите}", NO_ROOM, "Ждём, спросите"),
    "a default in it": ("Ждём{?Имя:, {Имя}, кабинет {Каб.|уточните}}", NO_ROOM, "Ждём, Анна, кабинет уточните"),
    "one in another": ("Ждём{?Имя:, {Имя}{?Каб.:, каб. {Каб.}}}!", ROOM, "Ждём, Анна, каб. 21а!"),
    "one in another, empty": ("Ждём{?Имя:, {Имя}{?Каб.:, каб. {Каб.}}}!", NO_ROOM, "Ждём, Анна!"),
    "braces in it": ("{?Имя:{{{Имя}}}}", ROOM, "{Анна}"),
    "braces around it": ("{{{?Имя:{Имя}}}}", ROOM, "{Анна}"),
    "a truth that is not": ("Ждём{?Каб.: натощак}", ("Анна", False), "Ждём"),
    "a truth that is not, of a text file": ("Ждём{?Каб.: натощак}", ("Анна", "FALSE"), "Ждём"),
    "the same in Russian": ("Ждём{?Каб.: натощак|, можно поесть}", ("Анна", "ЛОЖЬ"), "Ждём, можно поесть"),
    "a truth of a text file": ("Ждём{?Каб.: натощак}", ("Анна", "ИСТИНА"), "Ждём натощак"),
    "a nought": ("Ждём{?Каб.:, долг {Каб.}}", ("Анна", 0.0), "Ждём, долг 0"),
    "nothing of its own": ("Ждём{?Каб.:}", ROOM, "Ждём"),
}
TWO_COLUMNS = (Column("Имя", 0), Column("Каб.", 1))


@pytest.mark.parametrize(("template", "row", "text"), CONDITIONAL.values(), ids=CONDITIONAL)
def test_a_conditional_piece_stands_only_where_its_cell_holds_something(
    template: str, row: tuple[Cell, ...], text: str
) -> None:
    assert render(compile_template(template, TWO_COLUMNS), row) == text


def test_a_condition_on_an_error_is_no_condition() -> None:
    with pytest.raises(Unfilled) as raised:
        render(compile_template("Ждём{?Каб.: в {Каб.}}", TWO_COLUMNS), ("Анна", Flaw.CELL_ERROR))
    assert (raised.value.code, raised.value.column) == ("cell_error", "Каб.")


VALUES: dict[str, tuple[Cell, str, str]] = {
    "a whole float": (1500.0, "", "1500"),
    "a float": (0.1 + 0.2, "", "0.3"),
    "a large whole number": (123456789012.0, "", "123456789012"),
    "decimals": (1500.5, ".2f", "1500.50"),
    "decimals without f": (1500.5, ".2", "1500.50"),
    "thousands": (1500.5, ",.2f", "1,500.50"),
    "decimals of a text": ("1500,5", ".2f", "1500.50"),
    "thousands and decimals of a text": ("1,250.50", ".2f", "1250.50"),
    "thousands and decimals of a German text": ("-1.250,5", ".2f", "-1250.50"),
    "three decimals that are no thousand": ("0,125", ".2f", "0.12"),
    "thousands of a text": ("12 000,5", ".2f", "12000.50"),
    "thousands of a text, with blanks that don't break": ("1\u00a0234\u202f567", "", "1\u00a0234\u202f567"),
    "zeros in front": (7.0, "03", "007"),
    "zeros in front of a text": ("7", "03", "007"),
    "a width": (7.0, "3", "  7"),
    "to the left": (7.0, "<3", "7"),
    "a width for a text": ("ab", ">4", "  ab"),
    "a date with its time": (datetime(2026, 12, 1, 9, 5), "", "01.12.2026 09:05"),
    "a duration": (timedelta(hours=26, minutes=5), "", "26:05"),
    "a duration as a time": (timedelta(hours=9, minutes=5), "%H:%M", "09:05"),
    "a truth value": (True, "", "TRUE"),
    "a day of text": ("1.2.2026", "%d.%m", "01.02"),
    "a time with a dot": ("9.05", "%H:%M", "09:05"),
    "a moment of text": ("01.12.2026 в 9:05", "%d.%m %H:%M", "01.12 09:05"),
    "an ISO moment of text": ("2026-12-01T09:05:00", "%H:%M", "09:05"),
    "an American day that can be no other": ("12/31/2026", "%d.%m", "31.12"),
    "a Chinese day": ("2026年12月1日", "%m/%d", "12/01"),
    "a year of two digits": (date(2026, 12, 1), "%y", "26"),
    "seconds": (time(9, 5, 7), "%T", "09:05:07"),
    "an ISO day": (date(2026, 12, 1), "%F", "2026-12-01"),
}


@pytest.mark.parametrize(("value", "spec", "text"), VALUES.values(), ids=VALUES)
def test_a_value_is_written_as_the_format_says(value: Cell, spec: str, text: str) -> None:
    template = compile_template(f"<{{x:{spec}}}>" if spec else "<{x}>", (Column("x", 0),))
    assert render(template, [value]).replace("7  >", "7>") == f"<{text}>"


UNFILLED: dict[str, tuple[Cell, str, str]] = {
    "empty": (None, "", "empty_value"),
    "an error": (Flaw.CELL_ERROR, "", "cell_error"),
    "no stored value": (Flaw.FORMULA_WITHOUT_VALUE, "%d", "formula_without_value"),
    "a text for a date": ("завтра", "%d", "not_a_date"),
    "a day in two ways": ("01/02/2026", "%d", "not_a_date"),
    "a time for a date": (time(9), "%d", "not_a_date"),
    "a date for a time": (date(2026, 12, 1), "%H", "not_a_time"),
    "a long duration for a time": (timedelta(hours=30), "%H", "not_a_time"),
    "a truth value for a date": (True, "%d", "not_a_date"),
    "a text for a number": ("много", ".2f", "not_a_number"),
    "a thousand or one": ("1,250", ".2f", "not_a_number"),
    "a date for a number": (date(2026, 12, 1), ".2f", "not_a_number"),
    "hour 25": ("25:00", "%H", "not_a_time"),
    "a currency, which the text may not name": ("$1,250.00", ".2f", "not_a_number"),
    "a currency behind": ("1 200,50 руб.", ".2f", "not_a_number"),
}


@pytest.mark.parametrize(("value", "spec", "code"), UNFILLED.values(), ids=UNFILLED)
def test_a_value_that_does_not_fit_leaves_the_row_unfilled(value: Cell, spec: str, code: str) -> None:
    template = compile_template(f"{{x:{spec}}}" if spec else "{x}", (Column("x", 0),))
    with pytest.raises(Unfilled) as raised:
        render(template, [value])
    assert (raised.value.code, raised.value.column) == (code, "x")
    assert str(value) not in str(raised.value) or value in (None, True)


def test_a_format_that_does_not_fit_is_refused_with_the_way_out() -> None:
    with pytest.raises(Unfilled) as raised:
        render(compile_template("К оплате {Сумма долга:.2f}.", (Column("Сумма долга", 0),)), ["1 200,50 руб."])
    told = "such as a currency, and the template asks for a number alone. {Сумма долга} without the format writes"
    assert told in str(raised.value)


@pytest.mark.parametrize("value", [None, *Flaw])
def test_a_default_stands_for_every_cell_without_a_value(value: Cell) -> None:
    assert render(compile_template("{x:%d|скоро}", (Column("x", 0),)), [value]) == "скоро"


def test_an_empty_default_leaves_a_gap_on_purpose() -> None:
    assert render(compile_template("a{x|}b", (Column("x", 0),)), []) == "ab"


BAD = {
    "an unknown column": ("{Фамилия}", "“Фамилия”"),
    "a near one": ("{Имяя}", "nearest: “Имя”"),
    "all unknown ones at once": ("{Один} {Два} {Имя}", "“Один”.*“Два”.*Дата приёма"),
    "an opening brace": ("Уважаемый {Имя", "single { at character 11: where is its }"),
    "a closing brace": ("Имя} {Имя}", "single } at character 4: where is its {"),
    "a conditional piece without an end": ("Ждём {?Имя: {Имя}", "single { at character 6: where is its }"),
    "a conditional piece without its text": ("Ждём {?Имя}", "a colon and the text"),
    "a conditional piece without a name": ("{?}", "no column"),
    "an unknown column of one": ("{?Имяя: ждём}", "nearest: “Имя”"),
    "an unknown column in one": ("{?Имя: {Имяя}}", "nearest: “Имя”"),
    "conditional pieces without end": ("{?Имя:" * 9 + "}" * 9, "more than 5"),
    "a giant": ("а" * 50_001, "too long"),
    "nothing between braces": ("{}", "no column"),
    "an attribute": ("{Имя.__class__}", "“Имя.__class__”"),
    "an index": ("{Имя[0]}", "no column"),
    "a conversion": ("{Имя!r}", "no column"),
    "an unknown directive": ("{Дата приёма:%Q}", "%Q"),
    "a giant width": ("{Имя:>1000000000}", "format"),
    "a giant precision": ("{Сумма, руб.:.99f}", "format"),
    "a long format": ("{Дата приёма:" + "%d" * 30 + "}", "at most 40"),
    "a percent sign at the end": ("{Имя:10x}", "format"),
}


@pytest.mark.parametrize(("template", "sentence"), BAD.values(), ids=BAD)
def test_a_mistake_in_the_template_is_wrong_usage(template: str, sentence: str) -> None:
    with pytest.raises(UsageProblem, match=sentence):
        compile_template(template, COLUMNS)


def test_two_columns_of_one_name_must_be_told_apart() -> None:
    columns = name_columns(("Дата", "дата", "Имя"), 3)
    assert [column.name for column in columns] == ["Дата (1)", "дата (2)", "Имя"]
    assert render(compile_template("{Дата (2)}", columns), ["a", "b", "c"]) == "b"
    with pytest.raises(UsageProblem, match="several columns"):
        compile_template("{Дата}", columns)


def test_the_names_of_placeholders_are_known_without_the_list() -> None:
    assert names_in("{Имя|пациент}, {Дата:%d} {{нет}}") == ["Имя", "Дата"]
    assert names_in("{？Имя：{Имя}｜вы} {Дата：%d}") == ["Имя", "Имя", "Дата"]
