"""Lists in .xls, .ods and .csv, written by independent libraries, and what is hidden or broken in them."""

from __future__ import annotations

import csv
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableColumn, TableRow
from odf.text import P

from gateway.merge.text_file import decode, delimiter_of
from tests.merge.lists import DAY, GOOD, HEADINGS, NINE, person, prepared, refused, sent, write_xlsx

PEOPLE = [HEADINGS, person(GOOD), person("8 900 000-00-02", "Вера"), person(79000000003, "Глеб")]
BODIES = [f"{name}, ждём вас 01.12 в 09:00" for name in ("Анна", "Вера", "Глеб")]


def write_xls(path: Path, rows: Any, hidden_rows: tuple[int, ...] = (), hidden_columns: tuple[int, ...] = ()) -> Path:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Лист1")
    styles = {date: xlwt.easyxf(num_format_str="DD.MM.YYYY"), time: xlwt.easyxf(num_format_str="HH:MM")}
    for number, cells in enumerate(rows):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(number, column, value, styles.get(type(value), xlwt.Style.default_style))
    for row in hidden_rows:
        sheet.row(row - 1).hidden = True
    for column in hidden_columns:
        sheet.col(column).hidden = True
    book.save(str(path))
    return path


ODS_CELLS: dict[type, Any] = {
    date: lambda value: {"valuetype": "date", "datevalue": value.isoformat()},
    time: lambda value: {"valuetype": "time", "timevalue": f"PT{value.hour:02}H{value.minute:02}M00S"},
    int: lambda value: {"valuetype": "float", "value": str(value)},
    str: lambda _value: {"valuetype": "string"},
}


def ods_cell(value: object) -> TableCell:
    if value is None:
        return TableCell()
    cell = TableCell(**ODS_CELLS[type(value)](value))
    cell.addElement(P(text=str(value)))
    return cell


def write_ods(path: Path, rows: Any, hidden_rows: tuple[int, ...] = (), hidden_columns: tuple[int, ...] = ()) -> Path:
    document = OpenDocumentSpreadsheet()
    table = Table(name="Лист1")
    for column in range(len(rows[0])):
        table.addElement(TableColumn(**({"visibility": "collapse"} if column in hidden_columns else {})))
    table.addElement(TableRow(numberrowsrepeated=2))
    for number, cells in enumerate(rows, start=3):
        row = TableRow(**({"visibility": "filter"} if number in hidden_rows else {}))
        for value in cells:
            row.addElement(ods_cell(value))
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(path))
    return path


def write_csv(path: Path, rows: Any, encoding: str = "utf-8", delimiter: str = ";", start: str = "") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        stream.write(start)
        texts = [[_as_text(value) for value in cells] for cells in rows]
        csv.writer(stream, delimiter=delimiter).writerows(texts)
    return path


def _as_text(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def test_an_xls_gives_the_same_texts(tmp_path: Path) -> None:
    made = prepared(write_xls(tmp_path / "list.xls", PEOPLE))
    assert [message.body for message in made.plan.messages] == BODIES
    assert [message.row for message in made.plan.messages] == [2, 3, 4]


def test_hidden_rows_and_columns_of_an_xls_are_not_used(tmp_path: Path) -> None:
    rows = [(*PEOPLE[0], "Моб. телефон"), *((*cells, "8 900 000-00-09") for cells in PEOPLE[1:])]
    made = prepared(write_xls(tmp_path / "list.xls", rows, hidden_rows=(3,), hidden_columns=(6,)))
    assert [row for row, _msisdn in sent(made.plan)] == [2, 4]
    assert made.plan.hidden == 1
    assert [column.index for column in made.layout.columns] == [0, 1, 2, 3, 4, 5]


def test_an_error_in_an_xls_is_refused(tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Лист1")
    for number, cells in enumerate([("Имя", "Телефон"), ("Анна", GOOD), (None, "8 900 000-00-02")]):
        for column, value in enumerate(cells):
            if value is not None:
                sheet.write(number, column, value)
    sheet.row(2).set_cell_error(0, 0x2A)  # #N/A
    book.save(str(tmp_path / "list.xls"))
    made = prepared(tmp_path / "list.xls", "{Имя}, позвоните нам")
    assert refused(made.plan) == [(3, "Имя", "cell_error")]


def test_an_ods_gives_the_same_texts_with_its_own_row_numbers(tmp_path: Path) -> None:
    made = prepared(write_ods(tmp_path / "list.ods", PEOPLE))
    assert [message.body for message in made.plan.messages] == BODIES
    assert [message.row for message in made.plan.messages] == [4, 5, 6]


def test_hidden_rows_and_columns_of_an_ods_are_not_used(tmp_path: Path) -> None:
    rows = [(*PEOPLE[0], "Моб. телефон"), *((*cells, "8 900 000-00-09") for cells in PEOPLE[1:])]
    made = prepared(write_ods(tmp_path / "list.ods", rows, hidden_rows=(5,), hidden_columns=(6,)))
    assert [row for row, _msisdn in sent(made.plan)] == [4, 6]
    assert [column.index for column in made.layout.columns] == [0, 1, 2, 3, 4, 5]


CSV_FORMS = {
    "UTF-8 with a mark, semicolons": ("utf-8-sig", ";"),
    "UTF-8, commas": ("utf-8", ","),
    "UTF-8, tabs": ("utf-8", "\t"),
    "cp1251, semicolons": ("cp1251", ";"),
    "cp1251, tabs": ("cp1251", "\t"),
    "cp866 of DOS, semicolons": ("cp866", ";"),
    "UTF-16, tabs, as Excel's Unicode text": ("utf-16", "\t"),
}


@pytest.mark.parametrize(("encoding", "delimiter"), CSV_FORMS.values(), ids=CSV_FORMS)
def test_a_text_file_is_read_in_whatever_form_excel_saves_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    made = prepared(write_csv(tmp_path / "list.csv", PEOPLE, encoding, delimiter))
    assert [message.body for message in made.plan.messages] == BODIES
    assert [message.row for message in made.plan.messages] == [2, 3, 4]


def test_a_chinese_text_file_is_read_as_gb18030(tmp_path: Path) -> None:
    rows = [("姓名", "手机", "日期"), ("王芳", "138 0013 8001", "2026年12月1日"), ("李伟", "13800138002", "2026-12-01")]
    path = write_csv(tmp_path / "list.csv", rows, "gb18030", ",")
    made = prepared(path, "{姓名}您好,请于{日期:%m月%d日}来院", country="CN")
    assert [message.body for message in made.plan.messages] == [
        "王芳您好,请于12月01日来院",
        "李伟您好,请于12月01日来院",
    ]


SHORT_WORDS = {
    "gb18030": "卡号,姓名,手机,出生日期,语言\n1,王,89000000001,1990年1月5日,中文\n2,李珺,89000000002,1991年2月,英文\n",
    "cp1251": "№,ФИО,ТЕЛЕФОН,ДАТА,ВРАЧ\n1,АННА ИВАНОВА,89000000001,ЯНВАРЯ,БЕЛОВА\n2,ВЕРА ПЕТРОВА,89000000002,МАЯ,НЕТ\n",
    "cp866": "ФИО,ТЕЛЕФОН,ДАТА\nАННА,89000000001,ЯНВАРЯ\nВера,89000000002,МАЯ\nПётр,89000000003,ИЮНЯ\n",
}


@pytest.mark.parametrize("encoding", SHORT_WORDS)
def test_short_words_among_many_figures_are_read_in_their_own_encoding(encoding: str) -> None:
    """Chinese signs one by one look like Cyrillic capitals; in Russia too a list may be Chinese."""
    assert decode(SHORT_WORDS[encoding].encode(encoding)) == SHORT_WORDS[encoding]


TAIWANESE = {
    "a list": "姓名,電話,約診日期,醫師\n王小明,89000000001,2026/12/5,陳醫師\n李美玲,89000000002,2026/12/6,林醫師\n",
    "few words": "病患,電話\n鄭雅文,89000000001\n郭俊宏,89000000002\n",
}


@pytest.mark.parametrize("name", TAIWANESE)
@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_traditional_chinese_is_read_in_its_own_encoding(name: str, encoding: str) -> None:
    assert decode(TAIWANESE[name].encode(encoding), is_chinese=True) == TAIWANESE[name]


DELIMITED = {
    "typed with a Chinese keyboard": ("姓名；手机；时间\n王芳；89000000001；9:00\n李珺；89000000002；10:00\n", "；"),
    "with a wide comma": ("姓名，手机\n王芳，89000000001\n", "，"),
    "wide commas in an address": ("手机,地址\n1,朝阳区，某路，2号\n2,朝阳区，某路，3号\n", ","),
    "ragged rows with wide commas": ("时间\n手机,地址\n1,朝阳，某路\n2,a,b，c\n3,a,b，c,d\n", ","),
    "a column alone": ("姓名\n王芳，李珺\n赵敏\n", ";"),
    "two phones in each cell of a column alone": ("手机\n13800000001，13800000002\n138 0000 0003，13800000004\n", ";"),
    "a title above": ("名单\n姓名，手机\n王芳，89000000001\n", "，"),
    "a blank row of tabs": ("9,5\tАнна\n8,5\tВера\tврач\n\t\n", "\t"),
}


@pytest.mark.parametrize("name", DELIMITED)
def test_a_wide_sign_separates_only_where_no_other_does(name: str) -> None:
    text, delimiter = DELIMITED[name]
    assert delimiter_of(text) == delimiter


def test_a_text_file_may_name_its_delimiter_in_a_line_that_does_not_count(tmp_path: Path) -> None:
    made = prepared(write_csv(tmp_path / "list.csv", PEOPLE, "utf-8-sig", "|", "sep=|\r\n"))
    assert [message.row for message in made.plan.messages] == [2, 3, 4]


def test_a_quoted_cell_with_line_breaks_is_one_row(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон"), ("Анна\nМария", GOOD), ("Вера", "8 900 000-00-02")]
    made = prepared(write_csv(tmp_path / "list.csv", rows), "{Имя}, позвоните нам")
    assert [(message.row, message.body) for message in made.plan.messages] == [
        (2, "Анна\nМария, позвоните нам"),
        (3, "Вера, позвоните нам"),
    ]


@pytest.mark.parametrize("cell", ['="89000000001"', '"=""89000000001"""'])
def test_a_text_that_was_wrapped_so_that_excel_keeps_it_is_that_text(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Имя;Телефон\nАнна;{cell}\nВера;8 900 000-00-02\n", encoding="cp1251")
    assert sent(prepared(path, "{Имя}, позвоните нам").plan) == [(2, "+79000000001"), (3, "+79000000002")]


def test_an_error_text_in_a_text_file_is_an_error(tmp_path: Path) -> None:
    rows = [("Имя", "Телефон"), ("#Н/Д", GOOD), ("Вера", "#####"), ("Глеб", "8 900 000-00-03")]
    made = prepared(write_csv(tmp_path / "list.csv", rows), "{Имя}, позвоните нам")
    assert refused(made.plan) == [(2, "Имя", "cell_error"), (3, "Телефон", "cell_error")]


def test_a_list_without_headings_has_its_columns_letters(tmp_path: Path) -> None:
    rows = [("Анна", GOOD), ("Вера", "8 900 000-00-02")]
    made = prepared(write_csv(tmp_path / "list.csv", rows), "{A}, позвоните нам")
    assert [message.row for message in made.plan.messages] == [1, 2]


def test_a_column_of_numbers_alone_is_a_list(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("89000000001\n+79000000002\n", encoding="utf-8")
    assert sent(prepared(path, "Клиника закрыта").plan) == [(1, "+79000000001"), (2, "+79000000002")]


def test_the_name_of_a_file_does_not_matter(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xls", PEOPLE)
    assert len(prepared(path).plan.messages) == 3


def test_blank_rows_of_a_text_file_count_in_its_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"Имя;Телефон\n\n;\nАнна;{GOOD}\n", encoding="utf-8")
    assert sent(prepared(path, "{Имя}, позвоните нам").plan) == [(4, "+79000000001")]


def test_a_list_that_begins_away_from_the_corner_keeps_its_row_numbers(tmp_path: Path) -> None:
    rows = [(), (), (None, None, *HEADINGS), (None, None, *person(GOOD, day=DAY, at=NINE))]
    assert sent(prepared(write_xlsx(tmp_path / "list.xlsx", rows)).plan) == [(4, "+79000000001")]


def test_merged_cells_of_an_ods_are_read_like_those_of_excel(tmp_path: Path) -> None:
    heading = ods_row("Имя", "Телефон", "День", "Врач")
    people = [
        ods_row("Терапия", None, None, None, columnsspanned=4),
        ods_row("Анна", GOOD, "вторник", "Белова"),
        ods_row("Вера", "8 900 000-00-02", "среда", "Белова", rowsspanned=2),
        ods_row(None, "8 900 000-00-03", "четверг", "Белова"),
    ]
    document = OpenDocumentSpreadsheet()
    table = Table(name="Лист1")
    for row in (heading, *people):
        table.addElement(row)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "list.ods"))
    plan = prepared(tmp_path / "list.ods", "{Имя}, ждём вас: {День}").plan
    assert [message.body.split(",")[0] for message in plan.messages] == ["Анна", "Вера", "Вера"]
    assert plan.passed_over == ((2, "title"),)


def ods_row(*values: object, columnsspanned: int = 1, rowsspanned: int = 1) -> TableRow:
    """The first cell is merged over so many columns and rows."""
    row = TableRow()
    for column, value in enumerate(values):
        cell = ods_cell(value)
        if column == 0 and value is not None:
            cell.setAttribute("numbercolumnsspanned", columnsspanned)
            cell.setAttribute("numberrowsspanned", rowsspanned)
        row.addElement(cell)
    return row
