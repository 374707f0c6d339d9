"""Tables for people: aligned, never cut without need, readable on a narrow terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

import pytest
from rich.cells import cell_len

from gateway.cli import show
from tests.cli.conftest import ROOT, Gateway

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
