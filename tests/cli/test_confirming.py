"""Questions of yes or no: whichever language they are answered in, and what is said of an answer that is neither."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli.confirming import agreed, told_when_broken_off
from tests.cli.conftest import ROOT, Gateway
from tests.merge.lists import HEADINGS, TEMPLATE, person, write_xlsx

NEITHER = "Answer y for yes, or n for no."
TYPED = {
    "y": (True, 0),
    "Да": (True, 0),
    "是": (True, 0),
    "нет": (False, 0),
    "": (False, 0),
    "hm\nда": (True, 1),
    "1\n2\nn": (False, 2),
}


@click.command()
def ask() -> None:
    click.echo(f"agreed: {agreed('Queue it?')}")


@pytest.mark.parametrize("typed", TYPED)
def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again_with_what_may_be_answered(typed: str) -> None:
    is_agreed, times = TYPED[typed]
    said = CliRunner().invoke(ask, input=f"{typed}\n").output
    assert said.count("Queue it? [y/N]") == times + 1
    assert said.count(NEITHER) == times
    assert said.endswith(f"agreed: {is_agreed}\n")


def test_what_is_broken_off_ends_as_ever_after_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), told_when_broken_off("Nothing was queued."):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "\nNothing was queued.\n"


def test_an_import_that_is_broken_off_while_the_list_is_read_says_that_nothing_was_queued(
    gateway: Gateway, tmp_path: Path
) -> None:
    rows = [HEADINGS, *(person(f"8 9{number:09}", f"Анна {number}") for number in range(20_000))]
    file = write_xlsx(tmp_path / "long.xlsx", rows)
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "import", str(file)]
    master, slave = pty.openpty()
    with (
        subprocess.Popen(
            [*command, "--template", TEMPLATE, "--dry-run"], cwd=ROOT, stderr=slave, env={**os.environ, "TERM": "xterm"}
        ) as process,
        os.fdopen(master, "rb", buffering=0) as terminal,
    ):
        os.close(slave)
        said = b""
        with suppress(OSError):  # EIO: the command has ended
            while block := terminal.read(4096):
                if b"Reading" in block and b"Reading" not in said:
                    process.send_signal(signal.SIGINT)
                said += block
    assert (process.returncode, said.decode().splitlines()[-1]) == (130, "Nothing was queued.")


def test_contacts_that_are_broken_off_while_the_list_is_read_are_said_not_to_be_written(
    gateway: Gateway, tmp_path: Path
) -> None:
    rows = [HEADINGS, *(person(f"8 9{number:09}", f"Анна {number}") for number in range(20_000))]
    file = write_xlsx(tmp_path / "long.xlsx", rows)
    command = [sys.executable, "-m", "gateway", "--config", str(gateway.config), "contacts", "import", str(file)]
    with subprocess.Popen([*command, "--yes"], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        while process.poll() is None and not children.read_text():
            pass
        process.send_signal(signal.SIGINT)
        _out, said = process.communicate()
    assert (process.returncode, said) == (130, "\nNothing was written.\n")
