"""Lists of Russian administrators: an export with titles and filters, a hand-made .xls, 1C's text file, and others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlwt

from tests.merge.clinic_lists import BLANK, ClinicList
from tests.merge.lists import write_xlsx
from tests.merge.test_formats_of_files import write_csv, write_ods
from tests.merge.xlsb import write_xlsb

Rows = Sequence[Sequence[object]]
DAY, NEXT = date(2026, 12, 1), date(2026, 12, 2)


def _export(path: Path, rows: Rows) -> Path:
    """Titles merged over all columns, each doctor's name too, an autofilter that hides who was called already."""

    def finish(book: Any, page: Any) -> None:
        bold = book.add_format({"bold": True, "align": "center", "text_wrap": True, "border": 1})
        page.set_row(3, 30, bold)
        page.set_column(1, 1, 34)
        page.freeze_panes(4, 0)
        page.autofilter(3, 0, len(rows) - 1, 6)
        page.filter_column(6, "x == Нет")

    merged = [(0, 0, 0, 6), (1, 0, 1, 6), (4, 0, 4, 6), (8, 0, 8, 6)]
    return write_xlsx(path, rows, sheet="Запись", merged=merged, hidden_rows=[8], finish=finish)


EXPORT = ClinicList(
    "Запись на 01.12.2026.xlsx",
    "the clinic's own system, then filtered by hand",
    "{Пациент}, ждём вас {Дата приёма:%d %B} в {Время:%H:%M}. {Кабинет|Регистратура}",
    [
        ("title", "ООО «Клиника Заря»"),
        ("title", "Запись на приём за период с 01.12.2026 по 02.12.2026"),
        (BLANK,),
        ("heading", "№\nп/п", "Пациент", "Телефон\nпациента", "Дата\nприёма", "Время", "Кабинет", "Обзвон"),
        ("title", "Терапевт Выдумкина А. А., тел. каб. 8 495 123-45-67"),
        ("+79000000001", 1, "Примеров Иван", 79000000001.0, DAY, time(9, 0), "каб. 12", "Нет"),
        ("+79000000002", 2, "Образцова Анна", "8 (900) 000-00-02", DAY, time(9, 30), None, "Нет"),
        ("hidden", 3, "Вымыслов Пётр", 79000000003.0, DAY, time(10, 0), "каб. 12", "Да"),
        ("title", "Хирург Небылицын Б. Б."),
        ("!landline", 4, "Сочинская Вера", "8 495 123-45-67", DAY, time(11, 0), "каб. 3", "Нет"),
        ("+79000000005", 5, "Придуманная Ольга", "+7-900-000-00-05", DAY, time(11, 30), "каб. 3", "Нет"),
        ("!empty_value", 6, "Никтоев Глеб", "89000000006", DAY, None, "каб. 3", "Нет"),
        ("!duplicate", 7, "Примеров Иван", "8 900 000 00 01", DAY, time(9, 0), "каб. 12", "Нет"),
        ("total", "Итого пациентов:", None, 7),
        (BLANK,),
        ("signature", "Исполнитель: Регистраторова В. В. ____________"),
    ],
    _export,
    {
        6: "Примеров Иван, ждём вас 1 декабря в 09:00. каб. 12",
        7: "Образцова Анна, ждём вас 1 декабря в 09:30. Регистратура",
    },
)


def _by_hand(path: Path, rows: Rows) -> Path:
    """An .xls of the reception, with numbers as numbers and as text beside each other."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("ноябрь")
    day = xlwt.easyxf("pattern: pattern solid, fore_colour yellow", num_format_str="DD.MM.YYYY")
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(number, column, value, day if isinstance(value, date) else xlwt.Style.default_style)
    book.save(str(path))
    return path


BY_HAND = ClinicList(
    "осмотр.xls",
    "the reception, by hand over a month",
    "{ФИО|Уважаемый пациент}, напоминаем об осмотре {Когда:%d.%m}.",
    [
        ("heading", "ФИО", "тел.", "Когда", "прим."),
        ("+79000000011", "Примеров И. И.", 89000000011, DAY, None),
        ("+79000000012 ?several_numbers", "Образцова А. А.", "8(900)000-00-12, 8(900)000-00-13 дочь", DAY, None),
        ("+79000000014 ?several_numbers", "Вымыслов П. П.", "8-495-123-45-67; 8-900-000-00-14", DAY, None),
        ("!no_phone", "Сочинская В. В.", "нет", DAY, "позвонить соседке"),
        ("!no_phone", "Придуманная О. О.", "8 900 000-00-15 отказ от смс", DAY, None),
        ("!too_short", "Никтоев Г. Г.", "8 900 000-00-1", DAY, None),
        ("!letters", "Небылицын Б. Б.", "8 9OO 000-00-16", DAY, None),
        ("+79000000017", None, "тел. 8 900 000 00 17", NEXT, "имя не разобрал"),
        ("!precision_lost", "Выдумкина А. А.", 7.9e15, NEXT, None),
        ("!emergency_number", "Дозвонов Д. Д.", 103, NEXT, None),
        ("!empty_value", "Бездатов Е. Е.", 89000000018, None, None),
        ("+79000000019", "Итогова Ж. Ж.", 89000000019, NEXT, None),
        (BLANK, None, None, None, None),
        ("total", "ВСЕГО", 13, None, None),
    ],
    _by_hand,
    {2: "Примеров И. И., напоминаем об осмотре 01.12.", 9: "Уважаемый пациент, напоминаем об осмотре 02.12."},
)

OF_1C = ClinicList(
    "выгрузка.csv",
    "1C, as text in Windows-1251, once opened and saved by Excel",
    "{Контрагент}, сумма к оплате {Сумма:.2f} руб. до {Срок:%d.%m.%Y}",
    [
        ("heading", "Контрагент", "Контактный телефон", "Сумма", "Срок"),
        ("+79000000021", "Примеров Иван", "89000000021", "1500", "05.12.2026"),
        ("+79000000022 ?repaired_number", "Образцова Анна", "79000000022,0", "1500,5", "05.12.2026"),
        ("!precision_lost", "Вымыслов Пётр", "7,9E+10", "900", "05.12.2026"),
        ("+79000000024", "Сочинская Вера", "'89000000024", "0", "05.12.2026"),
        ("!not_a_date", "Придуманная Ольга", "89000000025", "700", "31.02.2026"),
        ("!cell_error", "#Н/Д", "89000000026", "700", "05.12.2026"),
        ("!not_a_number", "Никтоев Глеб", "89000000027", "семьсот", "05.12.2026"),
        ("!placeholder", "Небылицын Борис", "89999999999", "700", "05.12.2026"),
        ("repeated_heading", "Контрагент", "Контактный телефон", "Сумма", "Срок"),
        ("+79000000028", "Выдумкина Алла", "8-900-000-00-28", "12 000", "05.12.2026"),
        ("total", "Итого", "", "17300,5", ""),
    ],
    lambda path, rows: write_csv(path, rows, "cp1251"),
    {
        3: "Образцова Анна, сумма к оплате 1500.50 руб. до 05.12.2026",
        11: "Выдумкина Алла, сумма к оплате 12000.00 руб. до 05.12.2026",
    },
)


def _of_libreoffice(path: Path, rows: Rows) -> Path:
    """The writer lays two blank rows above everything."""
    return write_ods(path, rows[2:], hidden_rows=(6,))


OF_LIBREOFFICE = ClinicList(
    "анализы.ods",
    "the laboratory, in LibreOffice, filtered",
    "{Пациент}, анализы готовы{?Каб.: — каб. {Каб.}}.",
    [
        (BLANK,),
        (BLANK,),
        ("heading", "Пациент", "Мобильный", "Дом. телефон", "Каб.", "Дата"),
        ("+79000000031", "Примеров Иван", "8 900 000-00-31", "8 495 123-45-67", 5, DAY),
        ("+79000000032", "Образцова Анна", "8 900 000-00-32", None, None, DAY),
        ("hidden", "Вымыслов Пётр", "8 900 000-00-33", None, 5, DAY),
        ("!no_phone", "Сочинская Вера", None, "8 900 000-00-34", 5, DAY),
        ("section", "Биохимия", None, None, None, None),
        ("+79000000035", "Придуманная Ольга", "9000000035", None, 5, DAY),
        ("!no_phone", "Никтоев Глеб", "-", None, 5, DAY),
    ],
    _of_libreoffice,
    {4: "Примеров Иван, анализы готовы — каб. 5.", 5: "Образцова Анна, анализы готовы."},
)

WITH_FORMULAS = ClinicList(
    "сводная.xlsx",
    "the head of reception, with formulas that were never calculated and a moment in one cell",
    "{Имя}, ждём вас {Приём:%d.%m в %H:%M}.",
    [
        ("heading", "Имя", "Моб. тел.", "Приём", "Врач"),
        ("+79000000041", "Иван", "8 900 000-00-41", datetime(2026, 12, 1, 9, 15), "Выдумкина"),
        ("!formula_without_value", "=VLOOKUP(A2;B:C;2)", "8 900 000-00-42", datetime(2026, 12, 1, 9, 30), "Выдумкина"),
        ("+79000000043 ?number_as_date", "Пётр", "8 900 000-00-43", 46357.5, "Выдумкина"),
        ("!not_a_date", "Вера", "8 900 000-00-44", "завтра", "Выдумкина"),
        ("+79000000045", "Ольга", "8 900 000-00-45", "01.12.2026 10:30", "Выдумкина"),
        ("!not_a_date", "Глеб", "8 900 000-00-46", "01/12/2026", "Выдумкина"),
        ("!invalid_recipient", "Борис", date(1980, 12, 1), datetime(2026, 12, 1, 11, 0), "Выдумкина"),
    ],
    lambda path, rows: write_xlsx(path, rows, sheet="Сводная", more={"Справочник": [("Врач", "Каб.")]}),
    {
        2: "Иван, ждём вас 01.12 в 09:15.",
        4: "Пётр, ждём вас 01.12 в 12:00.",
        6: "Ольга, ждём вас 01.12 в 10:30.",
    },
)

BINARY = ClinicList(
    "диспансеризация.xlsb",
    "the statistician, saved small",
    "{Имя}, пройдите диспансеризацию.",
    [
        ("heading", "Имя", "Телефон", "Участок"),
        ("+79000000051", "Иван", 79000000051, "1"),
        ("hidden", "Анна", "8 900 000-00-52", "1"),
        ("!toll_free", "Пётр", "8 800 200-00-00", "2"),
        ("+79000000054", "Вера", "8 900 000-00-54", "2"),
        ("!ambiguous", "Ольга", "7012345678", "2"),
    ],
    lambda path, rows: write_xlsb(path, rows, hidden_rows=[3]),
    {2: "Иван, пройдите диспансеризацию."},
)

LISTS = (EXPORT, BY_HAND, OF_1C, OF_LIBREOFFICE, WITH_FORMULAS, BINARY)
