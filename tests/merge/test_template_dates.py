"""Dates in words: months and weekdays in the case that the words around ask for, in the template's language."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from gateway.merge.cells import Cell
from gateway.merge.filling import render
from gateway.merge.template import Column, compile_template

WEEKDAYS = [date(2026, 11, 30 - 7 + day) for day in range(7)]  # from Monday, 23 November 2026

WORDED = {  # template, date, text
    "a day and its month": ("Приём {x:%d %B}", date(2026, 12, 5), "Приём 5 декабря"),
    "a day with its zero in figures": ("Приём {x:%d.%m}", date(2026, 12, 5), "Приём 05.12"),
    "a month alone": ("Отчёт: {x:%B %Y}", date(2026, 12, 5), "Отчёт: декабрь 2026"),
    "in a month": ("Ждём вас в {x:%B}", date(2026, 12, 5), "Ждём вас в декабре"),
    "until a month": ("Запись до {x:%B}", date(2026, 5, 5), "Запись до мая"),
    "a day and its month in two placeholders": ("{x:%d} {x:%B} ждём", date(2026, 8, 5), "05 августа ждём"),
    "a day and words between": ("Число {x:%-d}, месяц {x:%B}", date(2026, 8, 5), "Число 5, месяц август"),
    "a month in its own case": ("Ждём: {x:%d, %OB}", date(2026, 3, 5), "Ждём: 05, март"),
    "a month in the genitive": ("Начало {x:%EB}", date(2026, 3, 5), "Начало марта"),
    "short": ("Ждём {x:%a, %d %b}", date(2026, 5, 5), "Ждём вт, 5 мая"),
    "short, alone": ("Ждём: {x:%b %Y}", date(2026, 5, 5), "Ждём: май 2026"),
    "on Monday": ("Ждём в {x:%A}", WEEKDAYS[0], "Ждём в понедельник"),
    "on Tuesday": ("Ждём в {x:%A}", WEEKDAYS[1], "Ждём во вторник"),
    "on Wednesday": ("В {x:%A, %d %B}, ждём", WEEKDAYS[2], "В среду, 25 ноября, ждём"),
    "on Tuesday, in front": ("В {x:%A} ждём", WEEKDAYS[1], "Во вторник ждём"),
    "on Friday, written for Tuesday": ("ждём во {x:%A}", WEEKDAYS[4], "ждём в пятницу"),
    "from Wednesday": ("Закрыто с {x:%A}", WEEKDAYS[2], "Закрыто со среды"),
    "by Tuesday": ("Сдайте к {x:%A}", WEEKDAYS[1], "Сдайте ко вторнику"),
    "until Saturday": ("Открыто до {x:%A}", WEEKDAYS[5], "Открыто до субботы"),
    "for Sunday": ("Запись на {x:%A}", WEEKDAYS[6], "Запись на воскресенье"),
    "a word that only ends so": ("Приёмов {x:%A}", WEEKDAYS[2], "Приёмов среда"),
    "a preposition within the format": ("Ждём {x:%d %B в %A}", WEEKDAYS[2], "Ждём 25 ноября в среду"),
    "an address among Russian words": ("Приём {x:%B} https://clinic.example/a/b", WEEKDAYS[0], None),
    "English": ("See you on {x:%A, %d %B}", date(2026, 12, 5), "See you on Saturday, 5 December"),
    "English, a Russian name": ("See you with Иванов on {x:%A}", WEEKDAYS[2], "See you with Иванов on Wednesday"),
    "Chinese": ("请于{x:%-m月%-d日}（{x:%A}）{x:%p}前来", datetime(2026, 12, 5, 9), "请于12月5日（星期六）上午前来"),
    "Chinese, short": ("请于{x:%B%-d日}{x:%a}前来", date(2026, 12, 5), "请于12月5日周六前来"),
}


@pytest.mark.parametrize(("template", "day", "text"), WORDED.values(), ids=WORDED)
def test_a_date_in_words_reads_well_in_the_template_s_language(template: str, day: Cell, text: str | None) -> None:
    expected = text or "Приём ноябрь https://clinic.example/a/b"
    assert render(compile_template(template, (Column("x", 0),)), [day]) == expected
