"""What an administrator reads has dates and numbers as their language writes them; programs get the same everywhere."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter  # type: ignore[import-untyped]
from rich.cells import cell_len

from gateway.__main__ import tolerate
from gateway.forms import NARROW
from gateway.i18n import VARIABLES
from tests.cli.conftest import ROOT, Gateway, gateway_in

# One process for a whole session: a language is that of its process.
CHILD = """
import json, sys
from click.testing import CliRunner
from gateway.cli.app import smsgw

def told(arguments):
    done = CliRunner().invoke(smsgw, arguments)
    return done.stdout + done.stderr

print(json.dumps([told(each) for each in json.load(sys.stdin)]))
"""
ROWS = 10_000
PATIENT = {
    "Карта": 100422,
    "Имя": "Анна",
    "Телефон": "+79000000001",
    "Приём": datetime(2026, 12, 1, 10, 30),
    "Вес": 70.5,
}
IMPORT = ("list.csv", "--template", "Ждём вас, {Имя}", "--skip-bad")
SESSION: Mapping[str, tuple[str, ...]] = {
    "over": ("import", *IMPORT, "--send-at", "2020-12-01", "--dry-run"),
    "import": ("import", *IMPORT, "--send-at", "2030-12-01 10:00", "--yes"),
    "list": ("campaign", "list"),
    "show": ("campaign", "show", "list"),
    "report": ("campaign", "report", "list"),
    "page": ("campaign", "report", "list", "--to", "report.html"),
    "programs": ("campaign", "report", "list", "--json"),
    "contacts": ("contacts", "import", "patients.xlsx", "--key", "Карта", "--yes"),
    "contact": ("contacts", "show", "100422"),
}


def session(folder: Path, language: str) -> dict[str, str]:
    """What each of these commands says, and the page as it is in its file."""
    gateway = gateway_in(folder)
    fill(folder, gateway)
    commands = [["--config", "gateway.toml", *arguments] for arguments in SESSION.values()]
    machine = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        cwd=folder,
        env={**machine, "PYTHONPATH": str(ROOT), "LANGUAGE": language, "COLUMNS": "200", "PYTHONUTF8": "1"},
        check=True,
        timeout=120,
    )
    return dict(zip(SESSION, json.loads(done.stdout), strict=True)) | {
        "page": (folder / "report.html").read_text("utf-8")
    }


def fill(folder: Path, gateway: Gateway) -> None:
    """A list of many rows, and one of a patient with all kinds of fields."""
    config = gateway.config.read_text()
    gateway.config.write_text(config.replace("[[modem]]", "[[modem]]\ncost = 1.25", 1))
    rows = "".join(f"Имя {row},+7900{row:07}\n" for row in range(1, ROWS + 1))
    (folder / "list.csv").write_text(f"Имя,Телефон\n{rows}", "utf-8")
    patients = [PATIENT.keys(), PATIENT.values()]
    with xlsxwriter.Workbook(folder / "patients.xlsx", {"default_date_format": "dd.mm.yyyy hh:mm"}) as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate(patients):
            sheet.write_row(number, 0, cells)


@pytest.fixture(scope="module", params=["ru", "zh_CN"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    language = str(request.param)
    return language, session(tmp_path_factory.mktemp(language), language)


# What is said where, in Russian and in Chinese; `_` stands for the narrow blank
SAID = {
    "how many go": ("import", "10_000", "10,000"),
    "when they go": ("import", " 01.12.2030 10:00 (", " 2030-12-01 10:00（"),
    "when one goes": ("import", "\n01.12.2030 10:00 ", "\n2030-12-01 10:00 "),
    "when the last one goes": ("import", "01.12.2030 23:5", "2030-12-01 23:5"),
    "what it costs": ("import", "12_500,00", "12,500.00"),
    "a refusal": ("over", "01.12.2020", "2020-12-01"),
    "a list of campaigns": ("list", " 10_000 ", " 10,000 "),
    "one campaign": ("show", " 10_000\n", " 10,000\n"),
    "how far it is": ("show", "0_%", "0%"),
    "until when": ("show", "01.12.2030 10:00", "2030-12-01 10:00"),
    "the report": ("report", " 10_000 ", " 10,000 "),
    "a share": ("report", " 100,00_% ", " 100.00% "),
    "a count on the page": ("page", "<dd>10_000</dd>", "<dd>10,000</dd>"),
    "a share on the page": ("page", "10_000 · 100,00_%<", "10,000 · 100.00%<"),
    "a contact's date": ("contact", " 01.12.2026 10:30\n", " 2026-12-01 10:30\n"),
    "a contact's number": ("contact", " 70,5\n", " 70.5\n"),
    "a contact's card": ("contact", " 100422\n", " 100422\n"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "russian", "chinese"), SAID.values(), ids=SAID)
def test_what_is_read_is_in_the_readers_form(
    told: tuple[str, dict[str, str]], command: str, russian: str, chinese: str
) -> None:
    language, said = told
    assert (russian if language == "ru" else chinese) in said[command].replace(NARROW, "_")


def test_programs_get_bare_digits_in_every_language(told: tuple[str, dict[str, str]]) -> None:
    document = json.loads(told[1]["programs"])
    assert document["summary"]["messages"] == ROWS
    assert document["campaign"]["created_at"].endswith("Z")


def test_columns_stand_below_each_other_whatever_is_between_the_thousands(told: tuple[str, dict[str, str]]) -> None:
    heading, line = (row for row in told[1]["list"].splitlines() if row)
    count = "10,000" if told[0] == "zh_CN" else f"10{NARROW}000"
    assert cell_len(line[: line.index(count) + len(count)]) in ends(heading)


def ends(heading: str) -> set[int]:
    """The terminal columns at which words end."""
    return {cell_len(heading[: found.end()]) for found in re.finditer(r"\S+", heading)}


ENCODINGS = {"utf-8": f"10{NARROW}000", "koi8-r": "10 000", "cp1251": "10 000", "ascii": "10 000"}


@pytest.mark.parametrize(("encoding", "count"), ENCODINGS.items())
def test_a_terminal_without_the_narrow_blank_shows_a_plain_one(encoding: str, count: str) -> None:
    octets = io.BytesIO()
    stream = io.TextIOWrapper(octets, encoding)
    tolerate(stream)
    stream.write(f"10{NARROW}000 «»☎")
    stream.flush()
    shown = octets.getvalue().decode(encoding)
    assert shown.startswith(count)
    assert encoding == "utf-8" or shown.endswith("?")
