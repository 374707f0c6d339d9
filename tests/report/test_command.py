"""`smsgw campaign report`: what is shown, what is written, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest

from tests.cli.conftest import Gateway
from tests.merge.lists import GOOD, HEADINGS, person, write_xlsx
from tests.report.campaigns import NAME, Outcome, imported, report, settle

PEOPLE = [HEADINGS, *(person(f"8 900 000-00-0{n}", name) for n, name in enumerate(["Анна", "Вера", "Глеб"], 1))]
OUTCOMES = [
    Outcome("delivered", 0, reply="Спасибо"),
    Outcome("undelivered", 61, "sim-2", reason="The phone was off too long."),
    Outcome("sent", 62),
]


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path) -> Path:
    """A campaign of three, and a landline that was left out."""
    path = write_xlsx(tmp_path / "list.xlsx", [*PEOPLE, person("8 495 123-45-67", "Дина")])
    imported(gateway, path, "--skip-bad")
    settle(gateway, OUTCOMES)
    return path


def test_the_figures_are_shown_and_add_up(gateway: Gateway, listed: Path) -> None:
    result = gateway.run("campaign", "report", NAME)
    said = " ".join(result.stdout.split())
    assert result.exit_code == 0
    for words in (
        "Campaign “Приём”",
        "List: list.xlsx · Лист1",
        "Rows with a verdict 4",
        "Messages 3",
        "Went out 3",
        "Share delivered 33.33%",
        "Replies 1",
        "09:00 1 1 0 0 100.00%",
        "10:00 2 0 1 1 0.00%",
        "sim-1 2 1 0 1 50.00%",
        "sim-2 1 0 1 0 0.00%",
        "not accepted 1 25.00%",
    ):
        assert words in said


def test_the_list_comes_back_with_a_verdict_in_each_row(gateway: Gateway, listed: Path, tmp_path: Path) -> None:
    said = report(gateway, tmp_path / "result.xlsx")
    assert said == f"The report is written: {tmp_path / 'result.xlsx'}.\n"
    sheet = openpyxl.load_workbook(tmp_path / "result.xlsx")["Лист1"]
    added = [[cell.value for cell in row[6:]] for row in sheet.iter_rows()]
    assert added[0] == ["Verdict", "Reason", "Number used", "SMS", "Sent", "Delivered", "Reply (by number)"]
    assert [str(value or "") for value in added[1]] == [
        *("delivered", "", "+79000000001", "1", "2030-12-01 09:00:00", "2030-12-01 09:00:07", "Спасибо")
    ]
    assert added[2][:3] == ["not delivered", "The phone was off too long.", "+79000000002"]
    assert added[3][:2] == ["sent", "The network has it; no delivery report has come yet."]
    assert added[4][0] == "not accepted"
    assert "landline" in added[4][1]
    assert added[4][2:] == [None] * 5


def test_as_a_text_file_the_rows_keep_their_places(gateway: Gateway, listed: Path, tmp_path: Path) -> None:
    report(gateway, tmp_path / "result.csv")
    octets = (tmp_path / "result.csv").read_bytes()
    rows = list(csv.reader(octets.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert octets.startswith(b"\xef\xbb\xbf")
    assert rows[0][:7] == [*HEADINGS, "Verdict"]
    assert rows[1][2:7] == [GOOD, "01.12.2026", "09:00", "Белова Н. П.", "delivered"]
    assert [row[6] for row in rows[1:]] == ["delivered", "not delivered", "sent", "not accepted"]


def test_a_program_gets_codes_and_every_message(gateway: Gateway, listed: Path) -> None:
    document = gateway.json("campaign", "report", NAME)
    assert set(document) == {"campaign", "summary", "rows"}
    assert document["campaign"]["name"] == NAME
    assert document["summary"]["verdicts"] == {"delivered": 1, "sent": 1, "undelivered": 1, "refused": 1}
    assert [(row["row"], row["verdict"], row["code"]) for row in document["rows"]] == [
        *((2, "delivered", None), (3, "undelivered", None), (4, "sent", None), (5, "refused", "landline"))
    ]
    first = document["rows"][0]
    assert (first["msisdn"], first["sms"], first["carrier"], first["reply"]) == ("+79000000001", 1, "sim-1", "Спасибо")
    assert first["sent_at"] == "2030-12-01T06:00:00.000Z"
    assert document["summary"]["by_hour"][0] == {
        **{
            "hour": 9,
            "sent": 1,
            "delivered": 1,
            "undelivered": 0,
            "without_report": 0,
            "delivered_share": 1.0,
            "sms": 1,
        }
    }
    assert json.dumps(document["summary"]["by_carrier"][0]).startswith('{"carrier": "sim-1", "sent": 2')


def test_a_file_and_the_document_may_be_asked_for_at_once(gateway: Gateway, listed: Path, tmp_path: Path) -> None:
    document = gateway.json("campaign", "report", NAME, "--to", str(tmp_path / "result.html"))
    assert document["summary"]["messages"] == 3
    assert (tmp_path / "result.html").exists()
