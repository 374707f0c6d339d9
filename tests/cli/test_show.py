"""Tables for people: aligned, never cut without need, readable on a narrow terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from gateway.alarms import book
from gateway.alarms.values import Alarm
from gateway.carrier import CarrierStatus
from gateway.cli import columns, show
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat, times
from tests.cli.conftest import ROOT, Gateway

MOMENT = re.compile(r"20\d\d-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:\d\d)?)?")
LONG = "Уважаемый пациент, ждём вас завтра в 10:00 в кабинете 12, возьмите с собой полис и паспорт 世界"


def on_terminal(gateway: Gateway, columns: int, *arguments: str) -> list[str]:
    """The lines that the command prints on a terminal of this width."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), *arguments]
    surroundings = {**environment, "PYTHONPATH": str(ROOT), "TERM": "dumb", "NO_COLOR": "1"}
    subprocess.run(command, stdout=theirs, stderr=subprocess.DEVNULL, env=surroundings, check=True)
    os.close(theirs)
    told = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # the terminal is closed and everything is read
            break
        told += part
    os.close(ours)
    return told.decode().replace("\r\n", "\n").splitlines()


def test_on_a_terminal_no_line_is_wider_than_it_and_long_texts_are_wrapped(gateway: Gateway) -> None:
    gateway.insert(body=LONG)
    lines = on_terminal(gateway, 80, "outbox", "list")
    assert max(map(cell_len, lines)) <= 80
    assert len(lines) > 2
    assert "+79000000001" in lines[1], "numbers are never cut"


def test_on_a_terminal_of_80_columns_the_outbox_is_a_table_even_with_reasons(gateway: Gateway) -> None:
    for body in ("x", LONG):
        gateway.insert(body=body)
    gateway.execute("UPDATE outbox SET category = 'emergency'")
    gateway.execute("UPDATE outbox SET segments = 1, error_text = ?, carrier = 'sim-1'", LONG)
    lines = on_terminal(gateway, 80, "outbox", "list")
    assert lines[0].split() == ["id", "state", "number", "text", "SMS", "reason"]
    assert max(map(cell_len, lines)) <= 80
    everything = on_terminal(gateway, 160, "outbox", "list")[0].split()
    assert {"category", "carrier", "written"} <= set(everything)


def test_on_a_terminal_too_narrow_for_a_table_each_row_is_a_block(gateway: Gateway) -> None:
    gateway.insert(body="x")
    lines = on_terminal(gateway, 30, "outbox", "list")
    assert any(line.startswith("number") and line.endswith("+79000000001") for line in lines)


def test_into_a_pipe_nothing_is_wrapped_or_cut(gateway: Gateway) -> None:
    gateway.insert(body=LONG)
    lines = gateway.run("outbox", "list").stdout.splitlines()
    assert len(lines) == 2
    assert LONG in lines[1]


def test_into_a_pipe_the_longest_text_is_one_line_and_leaves_the_other_columns_where_they_were(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show.table(
        ("id", "text", "state"), [(1, LONG * 40, "queued"), (2, "世界", "sent"), (3, "Привет", "")], long=("text",)
    )
    heading, first, second, third = capsys.readouterr().out.splitlines()
    assert first == f" 1  {LONG * 40}  queued"
    assert heading.index("state") == columns.WIDEST + 6
    assert cell_len(second[: second.index("sent")]) == columns.WIDEST + 6
    assert third == " 3  Привет"


def test_columns_that_are_empty_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("id", "carrier", "state"), [(1, None, "queued"), (2, "", "queued")])
    assert capsys.readouterr().out.splitlines()[0].split() == ["id", "state"]


def test_no_rows_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show.table(("id", "state"), [])
    assert capsys.readouterr().out == ""


def test_facts_without_a_value_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    show.facts([("id", 17), ("carrier", None), ("segments", 0)])
    assert capsys.readouterr().out == "id        17\nsegments  0\n"


@pytest.mark.parametrize("verb", [["outbox", "list"], ["inbox", "list"]])
def test_an_empty_list_is_said_to_be_empty(gateway: Gateway, verb: list[str]) -> None:
    result = gateway.run(*verb)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr != ""


NAMES = ("sim-1", "Регистратура", "前台", "Cafe\u0301")
VERBS = {  # that print a table -> its rows
    "status": 4,
    "modems": 4,
    "modems history 前台": 2,
    "alarms": 4,
    "outbox list": 4,
    "outbox show 1": 2,
    "inbox list": 4,
}


@pytest.fixture
def clinic(gateway: Gateway, now: datetime) -> Iterator[Gateway]:
    """A daemon with modems whose names are of several scripts, and of each a message, an answer and an alarm."""
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, now)
        for name in NAMES:
            status = CarrierStatus("failed", "Ждём вас 世界", "/dev/ttyUSB0", operator="Мегафон 移动")
            heartbeat.report(connection, name, "modem", status, 12, 500, now)
            incoming = (f"+7900000000{len(name)}", name, times.to_text(now), name)
            connection.execute(
                "INSERT INTO inbox (sender, body, received_at, carrier, complete) VALUES (?, ?, ?, ?, 1)", incoming
            )
        book.update(
            connection, [Alarm("carrier_failed", name, "Unplug it.", name) for name in NAMES], lambda code: [], now
        )
    with gateway.config.open("a") as file:
        file.writelines(f'[[modem]]\nname = "{name}"\nport = "/none/{place}"\n' for place, name in enumerate(NAMES[1:]))
    for name in NAMES:
        message = gateway.insert(body=f"{name} 世界")
        gateway.execute("UPDATE outbox SET carrier = ?, segments = 1 WHERE id = ?", name, message)
        gateway.execute("UPDATE outbox SET state = 'sending', carrier = ? WHERE id = ?", name, message)
    with hold(gateway.database):
        yield gateway


def on_a_terminal(line: str) -> str:
    """One letter for each terminal column."""
    return "".join(letter + "\0" * (cell_len(letter) - 1) if cell_len(letter) else "" for letter in line)


@pytest.mark.parametrize("verb", VERBS)
def test_every_column_begins_where_its_heading_does_whatever_the_script(clinic: Gateway, verb: str) -> None:
    done = clinic.run(*verb.split())
    assert done.exit_code == 0
    heading, *lines = map(on_a_terminal, done.stdout.split("\n\n")[-1].splitlines())
    names = [found.span() for found in re.finditer(r"\S+(?: \S+)*", heading)]
    assert (len(lines), len(names) > 2) == (VERBS[verb], True)
    for line in lines:
        assert all(stands_under(line, *name) for name in names), line


def stands_under(line: str, start: int, end: int) -> bool:
    """A text begins where its heading begins, a figure ends where it ends."""
    begins = line[max(0, start - show.GAP) : start].strip() == ""
    ends = line[end - 1 : end].strip() != "" and line[end : end + show.GAP].strip() == ""
    return begins or ends


def test_figures_end_where_their_heading_ends_whatever_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        ("门诊部", 7, "+79000000001", "100,00\u202f%", "17/500", "–"),
        ("Регистратура", "12\u202f345", "112", "5,50\u202f%", "3", "-87 dBm"),
    ]
    show.table(("名称", "消息", "电话", "送达率", "today", "signal"), rows)
    assert capsys.readouterr().out.splitlines() == [
        "名称            消息  电话            送达率   today   signal",
        "门诊部             7  +79000000001  100,00\u202f%  17/500        –",
        "Регистратура  12\u202f345  112             5,50\u202f%       3  -87 dBm",
    ]


def test_on_a_terminal_they_do_so_too(clinic: Gateway) -> None:
    clinic.execute("INSERT INTO outbox (id, recipient, body) VALUES (1000, '+79000000001', 'x')")
    heading, *lines = on_terminal(clinic, 160, "outbox", "list")
    assert heading.startswith("  id  state")
    assert {line[:6] for line in lines} == {"1000  ", "   1  ", "   2  ", "   3  ", "   4  "}


FIGURES = (
    "0",
    "12",
    "-87 dBm",
    "12,345",
    "12\u202f345",
    "12 345",
    "1,234,567",
    "63.49%",
    "63,49\u202f%",
    "5 %",
    "3/500",
)
NO_FIGURES = (
    "",
    "+79000000001",
    "356938035643809",
    "2026-11-22",
    "09:00",
    "1.2.3",
    "1,23,4",
    "12 of 500",
    "дом 3",
    "１２",
)


@pytest.mark.parametrize("cell", [*FIGURES, *NO_FIGURES])
def test_what_is_a_figure(cell: str) -> None:
    assert columns.is_figure(cell) is (cell in FIGURES)


def moments_in(document: object, key: str = "") -> Iterator[str]:
    """What stands under the keys of times; `detail` is a sentence for people."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from moments_in(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from moments_in(value, key)
    elif document is not None and (key.endswith("at") or key == "since"):
        yield str(document)


@pytest.mark.parametrize("verb", VERBS)
def test_every_time_is_in_the_contracts_form_for_programs_and_by_the_clinics_clock_for_people(
    clinic: Gateway, now: datetime, verb: str
) -> None:
    day = now.astimezone(ZoneInfo("Europe/Moscow")).strftime("%Y-%m-%d ")
    written = list(moments_in(clinic.json(*verb.split())))
    assert written
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", moment) for moment in written)
    told = MOMENT.findall(clinic.run(*verb.split()).stdout)
    assert told
    assert all(re.fullmatch(re.escape(day) + r"\d\d:\d\d:\d\d", moment) for moment in told)


WRITTEN = {  # what a writer put into a time -> what a person is shown
    "2026-12-01 09:00": "2026-12-01 09:00:00",
    "2026-12-01T09:00:00Z": "2026-12-01 12:00:00",
    "20261201T0900+0500": "2026-12-01 07:00:00",
    "2026-12-01": "2026-12-01 00:00:00",
    "9999-12-31": "9999-12-31",
    "tomorrow": "tomorrow",
}


@pytest.mark.parametrize("written", WRITTEN)
def test_what_a_writer_put_into_a_time_is_shown_by_the_clinics_clock(gateway: Gateway, written: str) -> None:
    gateway.execute("INSERT INTO outbox (recipient, body, not_before) VALUES ('+79000000001', 'x', ?)", written)
    lines = gateway.run("outbox", "show", "1").stdout.splitlines()
    assert [line.split(None, 1)[1] for line in lines if line.startswith("not_before")] == [WRITTEN[written]]
    assert gateway.json("outbox", "show", "1")["message"]["not_before"] == written
