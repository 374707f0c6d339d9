"""[pure] A template without a list: filled with made-up values, once with every cell and once with as few as can be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import count

from gateway.merge.cells import Cell, folded
from gateway.merge.filling import Unfilled, render
from gateway.merge.formats import is_date_format
from gateway.merge.template import Column, Template, compile_template, holes, names_in

# By a word of the heading; the first that fits. No real person's.
MADE_UP: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), value)
    for words, value in (
        (r"фамил|фио|ф\.и\.о", "Иванова Анна Петровна"),
        (r"отчеств", "Петровна"),
        (r"врач|доктор", "Белова И. И."),
        (r"им[яе]|пациент", "Анна"),
        (r"каб|палат|этаж|room|诊室", "12"),
        (r"сумм|цен|долг|стоим|price|sum|amount|金额", "1500"),
        (r"тел|phone|моб|mobile|电话|手机", "+7 900 000-00-01"),
        (r"doctor|physician", "Dr Brown"),
        (r"surname|last", "Smith"),
        (r"name|patient", "Anna"),
        (r"姓名|患者|名字", "王芳"),
        (r"医生|大夫", "李医生"),
    )
)
DAY = re.compile(r"дат|день|date|day|日期", re.IGNORECASE)
HOUR = re.compile(r"врем|час|time|hour|时间", re.IGNORECASE)


def columns_for(text: str) -> tuple[Column, ...]:
    """A column for each placeholder, as far as its name can be told without a list. Raises UsageProblem."""
    names = {folded(name): name for name in names_in(text)}
    return tuple(Column(name, index) for index, name in zip(count(), names.values(), strict=False))


def samples(text: str, at: datetime, country: str = "RU") -> list[str]:
    """The text with every cell filled, and, where that is another one, with as few as it needs.

    `at` is the day and time that dates get. Raises UsageProblem for a template with mistakes.
    """
    columns = columns_for(text)
    template = compile_template(text, columns, country)
    values = [_made_up(column, template, at) for column in columns]
    return list(dict.fromkeys([render(template, values), _sparse(template, values)]))


def _sparse(template: Template, values: Sequence[Cell]) -> str:
    """Fills a cell only when the text can't do without it."""
    cells: list[Cell] = [None] * len(values)
    places = {hole.column.name: hole.column.index for hole in holes(template.pieces)}
    while True:
        try:
            return render(template, cells)
        except Unfilled as problem:
            place = places[problem.column]
            cells[place] = values[place]


def _made_up(column: Column, template: Template, at: datetime) -> Cell:
    """What suits its formats, else its name; a column that nothing is known of shows its own name."""
    specs = [hole.spec for hole in holes(template.pieces) if hole.column == column and hole.spec]
    if any(map(is_date_format, specs)):
        return at
    if specs:
        return 1500.0
    if DAY.search(column.name):
        return at.date()
    if HOUR.search(column.name):
        return at.time()
    return next((value for words, value in MADE_UP if words.search(column.name)), column.name)
