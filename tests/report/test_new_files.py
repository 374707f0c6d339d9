"""Where the list can't be handed back as it was: a new workbook or text file with its values, and what is said then."""

from __future__ import annotations

import csv
import re
from contextlib import closing
from datetime import UTC, date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlwt
from python_calamine import CalamineWorkbook

from gateway.queue import campaigns, db
from gateway.queue.adding import NewMessage
from gateway.queue.campaigns import NewCampaign
from gateway.report.grafting import MAX_WHOLE
from tests.cli.conftest import Gateway
from tests.merge.lists import HEADINGS, person, write_xlsx
from tests.report import workbooks
from tests.report.campaigns import NAME, Outcome, imported, report, settle

HOSTILE = ("=cmd|' /C calc'!A0", "+1+cmd", "@SUM(A1)", "-2+3", "\t=1", "＝1+1", '=HYPERLINK("http://example.org")')
DAY, NINE = date(2026, 12, 1), time(9, 0)


def write_xls(path: Path) -> Path:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for column, name in enumerate(HEADINGS):
        sheet.write(1, column, name)
    for column, value in enumerate(person("8 900 000-00-01")):
        style = xlwt.easyxf(num_format_str="DD.MM.YYYY" if column == 3 else "HH:MM" if column == 4 else "General")
        sheet.write(2, column, value, style)
    book.save(str(path))
    return path


def write_csv(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([("Имя", "Телефон", "Заметка"), *rows])
    return path


def rows_of(path: Path, sheet: str = "Лист1") -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))


def test_of_an_old_workbook_the_values_are_handed_back_and_it_is_said(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, write_xls(tmp_path / "list.xls"))
    settle(gateway, [Outcome("delivered")])
    said = report(gateway, tmp_path / "result.xlsx")
    rows = rows_of(tmp_path / "result.xlsx")
    assert "list.xls: only an .xlsx or .xlsm can be handed back as it is." in said
    assert rows[0] == (None,) * 13
    assert rows[1][:7] == (*HEADINGS, "Verdict")
    assert rows[2][:8] == (
        *("Иванова", "Анна", "8 900 000-00-01", datetime(2026, 12, 1), NINE, "Белова Н. П.", "delivered", None),
    )
    assert openpyxl.load_workbook(tmp_path / "result.xlsx").sheetnames == ["Лист1", "Summary"]


def test_a_text_list_becomes_a_workbook_or_a_text_file(gateway: Gateway, tmp_path: Path) -> None:
    listed = write_csv(tmp_path / "list.csv", ("Анна", "8 900 000-00-01", "x"), (), ("Вера", "8 900 000-00-02"))
    imported(gateway, listed, template="{Имя}, ждём вас")
    settle(gateway, [Outcome("delivered"), Outcome("held", reason="A storm.")])
    report(gateway, tmp_path / "result.xlsx")
    report(gateway, tmp_path / "result.csv")
    assert rows_of(tmp_path / "result.xlsx", "List")[3][:6] == (
        *("Вера", "8 900 000-00-02", None, "on hold", "A storm.", "+79000000002"),
    )
    text = (tmp_path / "result.csv").read_text("utf-8-sig")
    assert text.splitlines()[2:] == ["", "Вера;8 900 000-00-02;;on hold;A storm.;+79000000002;1;;;"]


@pytest.fixture
def hostile(gateway: Gateway, tmp_path: Path) -> Path:
    """A list with cells that look like formulas, and replies that do."""
    people = [(f"Анна{place}", f"8 900 000-00-{place + 1:02}", text) for place, text in enumerate(HOSTILE)]
    listed = write_csv(tmp_path / "list.csv", *people)  # type: ignore[arg-type]
    imported(gateway, listed, template="{Имя}, ждём вас")
    settle(gateway, [Outcome("delivered", reply=text, reason="<b>&" + text) for text in HOSTILE])
    return listed


def test_nothing_in_a_text_file_is_calculated(gateway: Gateway, hostile: Path, tmp_path: Path) -> None:
    report(gateway, tmp_path / "result.csv")
    with (tmp_path / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    cells = [cell for row in rows for cell in row]
    dangerous = [cell for cell in cells if re.match(r"\s*[=+\-@＝]", cell) and not re.fullmatch(r"\+\d+", cell)]
    assert dangerous == []
    assert [row[-1] for row in rows[1:]] == [f"'{text}" for text in HOSTILE]
    assert rows[1][5] == "+79000000001"


def test_nothing_in_a_new_workbook_is_a_formula_or_a_link(gateway: Gateway, hostile: Path, tmp_path: Path) -> None:
    report(gateway, tmp_path / "result.xlsx")
    parts = workbooks.parts_of(tmp_path / "result.xlsx")
    assert not [
        name
        for name, octets in parts.items()
        if re.search(rb"<(?:\w+:)?(?:f|hyperlink)[ >]", octets) and "chart" not in name
    ]
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")["List"]
    for row, text in enumerate(HOSTILE, start=2):
        reply = sheet.cell(row, 10)
        assert (reply.data_type, reply.quotePrefix) == ("s", True) if text[0] not in "\t" else True
        assert str(reply.value).strip() == text.strip()


def test_what_is_added_to_the_own_workbook_is_no_formula_and_its_own_formulas_stay(
    gateway: Gateway, tmp_path: Path
) -> None:
    people = [person(f"8 900 000-00-{place:02}", "Анна") for place in range(1, 4)]
    listed = write_xlsx(tmp_path / "list.xlsx", [[*HEADINGS, "Σ"], *([*row, "=1+1"] for row in people)])
    imported(gateway, listed)
    settle(gateway, [Outcome("delivered", reply=text) for text in ("=1+1", "_x0041_ \x07 <&> 😀", "a\r\nb")])
    report(gateway, tmp_path / "result.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")["Лист1"]
    assert [sheet.cell(row, 7).data_type for row in (2, 3, 4)] == ["f"] * 3
    assert [sheet.cell(row, 14).data_type for row in (2, 3, 4)] == ["s"] * 3
    rows = CalamineWorkbook.from_path(tmp_path / "result.xlsx").get_sheet_by_name("Лист1").to_python()
    assert [row[13] for row in rows[1:]] == ["=1+1", "_x0041_  <&> 😀", "a\nb"]
    assert sheet.cell(2, 14).quotePrefix


SPOILT = {  # what is done to a part -> None: the part is left out
    "no styles": lambda name, octets: None if name == "xl/styles.xml" else octets,
    "styles that would fill the memory": lambda name, octets: (
        octets + b"<!--" + b" " * MAX_WHOLE + b"-->" if name == "xl/styles.xml" else octets
    ),
    "a signature": lambda name, octets: octets,
    "cells without addresses": lambda name, octets: (
        re.sub(rb'<c r="[A-Z]+\d+"', b"<c", octets) if "sheet1" in name else octets
    ),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_a_workbook_that_cannot_be_added_to_is_written_anew(gateway: Gateway, tmp_path: Path, spoilt: str) -> None:
    listed = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01"), person("8 900 000-00-02")])
    workbooks.changed(listed, SPOILT[spoilt])
    if spoilt == "a signature":
        workbooks.added(listed, "_xmlsignatures/sig1.xml", b"<a/>")
    imported(gateway, listed, "--skip-bad")
    settle(gateway, [Outcome("delivered")])
    said = report(gateway, tmp_path / "result.xlsx")
    assert "list.xlsx: columns cannot be added to this workbook without harm" in said
    assert rows_of(tmp_path / "result.xlsx")[1][6] == "delivered"


CHANGES = {
    "it was changed": (lambda path: path.write_bytes(path.read_bytes() + b" "), "is not the list as it was imported"),
    "it is gone": (lambda path: path.unlink(), "the list is not there any more"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_without_the_list_as_it_was_imported_a_way_out_is_named(gateway: Gateway, tmp_path: Path, change: str) -> None:
    listed = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01"), person("8 495 123-45-67")])
    imported(gateway, listed, "--skip-bad")
    settle(gateway, [Outcome("delivered", reply="Да")])
    kept = listed.read_bytes()
    make, words = CHANGES[change]
    make(listed)
    result = gateway.run("campaign", "report", NAME, "--to", str(tmp_path / "result.xlsx"))
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert words in result.stderr
    assert "--stored" in result.stderr
    assert not (tmp_path / "result.xlsx").exists()

    said = report(gateway, tmp_path / "result.xlsx", "--stored")
    assert "what the gateway keeps of each row" in said
    rows = rows_of(tmp_path / "result.xlsx")
    assert rows[0][:4] == ("Row of the list", "Text", "Verdict", "Reason")
    assert rows[1][:3] == (2, "Анна, ждём вас 01.12 в 09:00", "delivered")
    assert (rows[1][-1], rows[2][:3]) == ("Да", (3, None, "not accepted"))

    (tmp_path / "moved.xlsx").write_bytes(kept)
    report(gateway, tmp_path / "moved result.xlsx", "--list", str(tmp_path / "moved.xlsx"))
    assert rows_of(tmp_path / "moved result.xlsx")[1][6] == "delivered"


def test_a_chinese_list_comes_back_in_chinese(gateway: Gateway, tmp_path: Path) -> None:
    listed = write_xlsx(
        tmp_path / "名单.xlsx", [("姓名", "电话", "科室"), ("王芳", "8 900 000-00-01", "内科")], sheet="十二月"
    )
    imported(gateway, listed, name="十二月提醒", template="{姓名}您好，请到{科室}。")
    settle(gateway, [Outcome("delivered", carrier="主号", reply="好的，谢谢！")], "十二月提醒")
    report(gateway, tmp_path / "结果.xlsx", name="十二月提醒")
    row = rows_of(tmp_path / "结果.xlsx", "十二月")[1]
    assert (row[:4], row[-1]) == (("王芳", "8 900 000-00-01", "内科", "delivered"), "好的，谢谢！")
    summary = [row[0] for row in rows_of(tmp_path / "结果.xlsx", "Summary")]
    assert {"Campaign “十二月提醒”", "List: 名单.xlsx · 十二月", "主号"} <= set(summary)
    report(gateway, tmp_path / "结果.html", name="十二月提醒")
    assert "十二月提醒" in (tmp_path / "结果.html").read_text("utf-8")


def test_a_campaign_to_contacts_is_handed_back_as_a_list_of_them(gateway: Gateway, tmp_path: Path) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        messages = [NewMessage("+79000000001", "Ждём вас", list_row=17)]
        campaigns.queue(connection, NewCampaign("Осень"), messages, datetime(2026, 12, 1, tzinfo=UTC))
    said = report(gateway, tmp_path / "result.xlsx", name="Осень")
    assert said.splitlines() == [f"The report is written: {tmp_path / 'result.xlsx'}."]
    assert [row[:5] for row in rows_of(tmp_path / "result.xlsx", "List")] == [
        ("Contact", "Text", "Verdict", "Reason", "Number used"),
        (17, "Ждём вас", "waiting", "It waits for its turn.", "+79000000001"),
    ]
