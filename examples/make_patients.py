"""Writes patients.xlsx: a list as a clinic makes it, with everything in it that makes such lists hard to read.

All people are invented, and all numbers are from the invented block +7 900 000-xx-xx or are landlines that nobody has.
Run it with `python examples/make_patients.py`; it needs xlsxwriter.
"""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

FILE = Path(__file__).with_name("patients.xlsx")
HEADINGS = ("№", "Фамилия", "Имя", "Отчество", "Телефон", "Дата приёма", "Время", "Врач", "Каб.", "Подготовка")
WIDTHS = (4, 14, 12, 16, 26, 12, 8, 24, 6, 50)
FASTING = (
    " Исследование проводится строго натощак: не ешьте 8 часов и не пейте 4 часа до приёма. Возьмите с собой паспорт,"
    " полис, направление и результаты прежних обследований."
)
TUESDAY, WEDNESDAY = date(2026, 12, 1), date(2026, 12, 2)
THERAPIST, SURGEON, CHILDREN = "Белова Н. П.", "Громов А. С.", "Лисицына О. В. 🦊"

Person = tuple[str, str, str, object, object, object, str, object, str]

MORNING: tuple[Person, ...] = (
    ("Иванова", "Анна", "Сергеевна", "8 900 000-00-01", TUESDAY, time(9, 0), THERAPIST, 12, ""),
    ("Петров", "Борис", "Ильич", "+7 (900) 000-00-02", TUESDAY, time(9, 20), THERAPIST, 12, ""),
    ("Сидорова", "Вера", "Павловна", 79000000003, TUESDAY, time(9, 40), THERAPIST, 12, ""),
    ("Кузнецов", "Глеб", "Олегович", 9000000004.0, TUESDAY, time(10, 0), THERAPIST, 12, FASTING),
    ("Смирнова", "Дарья", "Андреевна", "7.9000000005E+10", TUESDAY, time(10, 20), THERAPIST, 12, ""),
    ("Попов", "Егор", "Денисович", "'89000000006", TUESDAY, time(10, 40), THERAPIST, 12, ""),
    ("Соколова", "Жанна", "Игоревна", "8-900-000-00-07 (мама)", TUESDAY, "11:00", THERAPIST, 12, ""),
    ("Лебедев", "Захар", "Юрьевич", "8 495 000-00-08; 8 900 000-00-08", TUESDAY, time(11, 20), THERAPIST, 12, ""),
    ("Козлова", "Ирина", "Львовна", "тел. 8(900)0000009", "01.12.2026", time(11, 40), THERAPIST, 12, ""),
    ("Новиков", "Кирилл", "Петрович", "8.900.000.00.10", TUESDAY, time(12, 0), THERAPIST, 12, ""),
    ("Морозова", "Лариса", "Николаевна", "8 495 123-45-67", TUESDAY, time(12, 20), THERAPIST, 12, ""),
    ("Волков", "Максим", "Романович", "8 900 000-00", TUESDAY, time(12, 40), THERAPIST, 12, ""),
)
CHILD: tuple[Person, ...] = (
    ("Алексеева", "Майя", "Ивановна", "8 900 000 00 13", WEDNESDAY, time(9, 0), CHILDREN, 3, ""),
    ("Алексеев", "Тимофей", "Иванович", "8 900 000 00 13", WEDNESDAY, time(9, 15), CHILDREN, 3, ""),
    ("Фёдорова", "Нина", "Марковна", "+79000000015", WEDNESDAY, time(9, 30), CHILDREN, 3, FASTING),
    ("Орлов", "Олег", "Павлович", "", WEDNESDAY, time(9, 45), CHILDREN, 3, ""),
    ("Зайцева", "Полина", "Егоровна", "нет", WEDNESDAY, time(10, 0), CHILDREN, 3, ""),
    ("Беляев", "Роман", "Антонович", "8 900 000-00-18", WEDNESDAY, time(10, 15), CHILDREN, 3, ""),
    ("Беляев", "Роман", "Антонович", "+7 900 000 00 18", WEDNESDAY, time(10, 15), CHILDREN, 3, ""),
    ("Крылова", "София", "Тимуровна", "８９０００００００２０", WEDNESDAY, time(10, 30), CHILDREN, 3, ""),
)
SURGERY: tuple[Person, ...] = (
    ("Макаров", "Тарас", "Львович", "89000000021", WEDNESDAY, time(14, 0), SURGEON, "21а", FASTING),
    (
        "Андреева",
        "Ульяна",
        "Глебовна",
        "8 900 000-00-22 и 8 900 000-00-23",
        WEDNESDAY,
        time(14, 30),
        SURGEON,
        "21а",
        "",
    ),
    ("Ершов", "Филипп", "Ильич", "\u202a+7 900 000‑00‑24\u202c", WEDNESDAY, time(15, 0), SURGEON, "21а", ""),
    ("Никитина", "Христина", "Олеговна", "8 900 000 00 25 доб. 2", WEDNESDAY, time(15, 30), SURGEON, "21а", ""),
    ("Соловьёв", "Цезарь", "Маркович", "моб. 9000000026", WEDNESDAY, time(16, 0), SURGEON, "21а", ""),
    ("Шубина", "Элла", "Юрьевна", "007 900 000-00-27", WEDNESDAY, time(16, 30), SURGEON, "21а", FASTING),
    ("Щукин", "Юрий", "Якович", "8 900 000-00-28", WEDNESDAY, time(17, 0), SURGEON, "21а", ""),
    ("Яковлева", "Яна", "Фёдоровна", "8 900 000-00-29", WEDNESDAY, time(17, 30), SURGEON, "21а", ""),
)
HIDDEN = "Щукин"  # has called off: the clerk hid the row


def main() -> None:
    with xlsxwriter.Workbook(FILE) as book:
        sheet = book.add_worksheet("Запись на приём")
        formats = {
            date: book.add_format({"num_format": "dd.mm.yyyy", "border": 1}),
            time: book.add_format({"num_format": "hh:mm", "border": 1}),
            object: book.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
        }
        bold = book.add_format({"bold": True, "align": "center"})
        row = _top(sheet, bold)
        for title, people in (
            ("Терапия", MORNING),
            ("Детское отделение", CHILD),
            ("Хирургия, тел. 8 495 000-00-77", SURGERY),
        ):
            row = _section(sheet, row, title, people, formats, bold)
        _bottom(sheet, row)


def _top(sheet: Worksheet, bold: Format) -> int:
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    last = len(HEADINGS) - 1
    sheet.merge_range(0, 0, 0, last, "ГБУЗ «Поликлиника № 0», регистратура: 8 495 000-00-99", bold)
    sheet.merge_range(1, 0, 1, last, "Список пациентов на 1 и 2 декабря 2026 г.", bold)
    for column, heading in enumerate(HEADINGS):
        sheet.write_string(3, column, heading, bold)
    return 4


def _section(
    sheet: Worksheet, row: int, title: str, people: tuple[Person, ...], formats: dict[type, Format], bold: Format
) -> int:
    sheet.merge_range(row, 0, row, len(HEADINGS) - 1, title, bold)
    for number, person in enumerate(people, start=1):
        row += 1
        for column, value in enumerate((number, *person)):
            _write(sheet, row, column, value, formats)
        if person[0] == HIDDEN:
            sheet.set_row(row, None, None, {"hidden": True})
    return row + 1


def _write(sheet: Worksheet, row: int, column: int, value: object, formats: dict[type, Format]) -> None:
    if isinstance(value, date | time):
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif isinstance(value, str):
        sheet.write_string(row, column, value, formats[object]) if value else sheet.write_blank(row, column, None)
    else:
        sheet.write_number(row, column, float(str(value)), formats[object])


def _bottom(sheet: Worksheet, row: int) -> None:
    sheet.write_string(row, 1, "Итого:")
    sheet.write_number(row, 4, len(MORNING) + len(CHILD) + len(SURGERY))
    sheet.write_string(row + 2, 1, "Главный врач ____________ Ветров Д. И.")
    sheet.write_string(row + 2, 4, "тел. 8 900 000-00-98")


if __name__ == "__main__":
    main()
