"""`smsgw import`: what is shown, what is queued, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.cli.conftest import ROOT, Gateway, spawn
from tests.merge.lists import GOOD, HEADINGS, TEMPLATE, person, write_xlsx

GOOD_LIST = [HEADINGS, person(GOOD), person("8 900 000-00-02", "Вера")]
BAD_LIST = [*GOOD_LIST, person("8 495 123-45-67", "Глеб")]


def listed(folder: Path, rows: Any = GOOD_LIST, **options: Any) -> str:
    return str(write_xlsx(folder / "list.xlsx", rows, **options))


def rows_of(gateway: Gateway) -> list[Any]:
    return gateway.execute("SELECT recipient, body FROM outbox ORDER BY id")


def test_a_good_list_is_queued_whole(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "2 messages are queued." in result.stderr
    assert [tuple(row) for row in rows_of(gateway)] == [
        ("+79000000001", "Анна, ждём вас 01.12 в 09:00"),
        ("+79000000002", "Вера, ждём вас 01.12 в 09:00"),
    ]


def test_the_summary_shows_the_counts_the_first_texts_and_every_bad_row(gateway: Gateway, tmp_path: Path) -> None:
    rows = [("Поликлиника",), *BAD_LIST, person(GOOD), ("Итого", 4, None, None, None, None)]
    result = gateway.run("import", listed(tmp_path, rows, hidden_rows=[4]), "--template", TEMPLATE, "--dry-run")
    said = " ".join(result.stderr.split())
    assert result.exit_code == 0
    for words in (
        "Phones are in column “Телефон”",
        "1 message, 1 SMS.",
        "1 row is refused.",
        "the same number with the same text",
        "1 hidden or filtered row is left out",
        "rows 1, 7.",
        "Row 3, to +7******0001, 1 SMS:",
        "Анна, ждём вас 01.12 в 09:00",
        "5 Телефон landline",
        "6 Телефон duplicate Row 3 has",
    ):
        assert words in said
    assert said.index("Refused:") < said.index("5 Телефон landline") < said.index("Left out:")
    assert said.index("Left out:") < said.index("6 Телефон duplicate")


def test_every_refused_row_is_named_however_many_there_are(gateway: Gateway, tmp_path: Path) -> None:
    rows = [HEADINGS, *(person(phone, str(row)) for row, phone in enumerate(["нет", "8 495 123-45-67"] * 30))]
    result = gateway.run("import", listed(tmp_path, rows), "--template", TEMPLATE, "--dry-run")
    cells = [line.split("Телефон")[0].split() for line in result.stderr.splitlines()]
    named = {int(word.strip(",")) for words in cells for word in words if word.strip(",").isdigit()}
    assert named >= set(range(2, 62))
    assert "more" not in result.stderr


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_no_terminal_is_too_narrow_for_a_row_s_number(gateway: Gateway, tmp_path: Path, columns: str) -> None:
    rows = [HEADINGS, *(person("7,9161E+10", str(number)) for number in range(120)), person("8 900 12")]
    arguments = ("import", listed(tmp_path, rows), "--template", TEMPLATE, "--dry-run")
    said = spawn("--config", str(gateway.config), *arguments, COLUMNS=columns).stderr
    assert "…" not in said


def test_many_duplicates_take_one_line(gateway: Gateway, tmp_path: Path) -> None:
    people = [person(f"8 900 000-00-{number:02}") for number in range(1, 31)]
    result = gateway.run("import", listed(tmp_path, [HEADINGS, *people, *people]), "--template", TEMPLATE, "--dry-run")
    said = " ".join(result.stderr.split())
    assert "32-61 Телефон duplicate In the first of them: Row 2 has" in said


def test_a_doubtful_number_is_shown_beside_its_row_though_others_crowd(gateway: Gateway, tmp_path: Path) -> None:
    crowd = [person(f"7,90000000{number:02}E+10") for number in range(10, 50)]
    rows = [HEADINGS, *crowd, person("8 900 000-00-01, 8 900 000-00-02")]
    _status, _stdout, said = answered(gateway, "n", "import", listed(tmp_path, rows), "--template", TEMPLATE)
    assert re.search(r"42 +Телефон +several_numbers +\+79000000001 ", said)
    assert "… and 20 more" in said


def test_where_several_numbers_are_written_to_each_is_shown(gateway: Gateway, tmp_path: Path) -> None:
    rows = [HEADINGS, person("8 900 000-00-01, 8 900 000-00-02")]
    arguments = ("import", listed(tmp_path, rows), "--template", TEMPLATE, "--phones", "all", "--dry-run")
    said = "".join(answered(gateway, "", *arguments)[2].split())
    assert "several_numbers+79000000001," in said


def test_on_a_terminal_numbers_are_whole_and_elsewhere_masked(gateway: Gateway, tmp_path: Path) -> None:
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE, "--dry-run")
    assert "Row 2, to +79000000001, 1 SMS:" in answered(gateway, "", *arguments)[2]
    said = spawn("--config", str(gateway.config), *arguments, FORCE_COLOR="1").stderr
    assert "Row 2, to +7******0001, 1 SMS:" in said
    assert "9000000001" not in said


def test_a_dry_run_queues_nothing(gateway: Gateway, tmp_path: Path) -> None:
    assert gateway.run("import", listed(tmp_path, BAD_LIST), "--template", TEMPLATE, "--dry-run").exit_code == 0
    assert rows_of(gateway) == []


def test_a_dry_run_needs_no_database(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text('[gateway]\ndatabase = "none.db"\n', encoding="utf-8")
    gateway = Gateway(tmp_path / "gateway.toml", tmp_path / "none.db")
    assert gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--dry-run").exit_code == 0
    assert not gateway.database.exists()


def test_a_bad_row_stops_the_import_and_nothing_is_queued(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path, BAD_LIST), "--template", TEMPLATE, "--yes")
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith("Nothing was queued: 1 row is refused.")
    assert rows_of(gateway) == []


def test_bad_rows_are_left_out_when_asked(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path, BAD_LIST), "--template", TEMPLATE, "--yes", "--skip-bad")
    assert result.exit_code == 0
    assert len(rows_of(gateway)) == 2


def test_an_import_that_still_waits_is_taken_back_by_its_age_and_nothing_else_is(
    gateway: Gateway, tmp_path: Path
) -> None:
    older = gateway.insert()
    gateway.execute("UPDATE outbox SET created_at = '2026-11-22T06:00:00.000Z' WHERE id = ?", older)
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    gateway.run(*arguments)
    done = gateway.run("outbox", "cancel", "--newer-than", "10 min", "--yes")
    assert "2 messages are cancelled." in done.stderr
    assert [row["state"] for row in gateway.json("outbox", "list")] == ["cancelled", "cancelled", "queued"]
    assert "an earlier import has queued all of it" in gateway.run(*arguments).stderr
    assert "2 messages are queued." in gateway.run(*arguments, "--again").stderr


def test_a_duplicate_and_a_hidden_row_do_not_stop_the_import(gateway: Gateway, tmp_path: Path) -> None:
    rows = [*GOOD_LIST, person(GOOD), person("8 900 000-00-04")]
    result = gateway.run("import", listed(tmp_path, rows, hidden_rows=[5]), "--template", TEMPLATE, "--yes")
    assert result.exit_code == 0
    assert len(rows_of(gateway)) == 2


def test_hidden_rows_are_queued_when_asked(gateway: Gateway, tmp_path: Path) -> None:
    path = listed(tmp_path, hidden_rows=[3])
    gateway.run("import", path, "--template", TEMPLATE, "--yes", "--include-hidden")
    assert len(rows_of(gateway)) == 2


def test_the_same_list_twice_is_queued_once_and_that_is_said(gateway: Gateway, tmp_path: Path) -> None:
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    gateway.run(*arguments)
    again = gateway.run(*arguments)
    assert (again.exit_code, len(rows_of(gateway))) == (0, 2)
    assert "2 of them an earlier import has queued already" in " ".join(again.stderr.split())


def test_what_was_queued_and_deleted_since_is_said_before_the_question(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    gateway.execute("UPDATE outbox SET state = 'cancelled'")
    gateway.execute("DELETE FROM outbox")
    document = gateway.json("import", listed(tmp_path), "--template", TEMPLATE, "--dry-run")
    assert (document["accepted"], document["already_queued"]) == (2, 2)


def test_a_longer_list_queues_only_what_is_new(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    longer = listed(tmp_path, [HEADINGS, person("8 900 000-00-03", "Глеб"), *GOOD_LIST[1:]])
    document = gateway.json("import", longer, "--template", TEMPLATE, "--yes")
    assert (document["accepted"], document["queued"], document["already_queued"]) == (3, 1, 2)


def test_again_queues_the_same_list_once_more(gateway: Gateway, tmp_path: Path) -> None:
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE, "--yes", "--again")
    gateway.run(*arguments)
    gateway.run(*arguments)
    assert len(rows_of(gateway)) == 4


def test_without_a_terminal_nothing_is_queued_and_yes_is_named(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path), "--template", TEMPLATE)
    assert result.exit_code == 1
    assert "--yes" in result.stderr.splitlines()[-1]
    assert rows_of(gateway) == []


@pytest.mark.parametrize(("answer", "exit_code", "queued"), [("y", 0, 2), ("n", 1, 0), ("", 1, 0)])
def test_on_a_terminal_the_person_decides(
    gateway: Gateway, tmp_path: Path, answer: str, exit_code: int, queued: int
) -> None:
    exit_status, stdout, _said = answered(gateway, answer, "import", listed(tmp_path), "--template", TEMPLATE, "--json")
    assert (exit_status, len(rows_of(gateway))) == (exit_code, queued)
    assert json.loads(stdout)["queued"] == queued


def answered(
    gateway: Gateway,
    answer: str,
    *arguments: str,
    key: str = "\n",
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[int, str, str]:
    """Run the command on a terminal with standard output apart, and type the answer to its question, after
    `meanwhile`."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "--config", str(gateway.config), *arguments],
        stdin=slave,
        stdout=subprocess.PIPE,
        stderr=slave,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TERM": "dumb", "COLUMNS": "100"},
    )
    os.close(slave)
    with process, os.fdopen(master, "r+b", buffering=0) as terminal:
        said = _conversation(terminal, f"{answer}{key}".encode(), meanwhile)
        assert process.stdout is not None
        return process.wait(60), process.stdout.read(), said.decode()


def _conversation(terminal: BinaryIO, answer: bytes, meanwhile: Callable[[], object]) -> bytes:
    """What was written there until the last writer closed it."""
    said = b""
    with suppress(OSError):  # EIO: nobody has the other end open
        while block := terminal.read(4096):
            said += block
            if said.endswith(b"[y/N]: "):
                meanwhile()
                terminal.write(answer)
    return said


def test_ctrl_d_at_the_question_queues_nothing_and_says_so(gateway: Gateway, tmp_path: Path) -> None:
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE)
    status, _stdout, said = answered(gateway, "", *arguments, key="\x04")
    assert (status, rows_of(gateway)) == (1, [])
    assert said.splitlines()[-1] == "Nothing was queued."


def test_the_question_counts_only_what_is_new(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    longer = listed(tmp_path, [*GOOD_LIST, person("8 900 000-00-03", "Глеб")])
    refused = answered(gateway, "n", "import", longer, "--template", TEMPLATE)[2]
    assert (refused.splitlines()[-1], "all of it" in refused) == ("Nothing was queued.", False)
    assert "Queue 1 message?" in answered(gateway, "y", "import", longer, "--template", TEMPLATE)[2]
    assert len(rows_of(gateway)) == 3


def test_nothing_is_asked_when_nothing_is_new(gateway: Gateway, tmp_path: Path) -> None:
    arguments = ("import", listed(tmp_path), "--template", TEMPLATE)
    gateway.run(*arguments, "--yes")
    again = gateway.run(*arguments)
    assert again.exit_code == 0
    assert "an earlier import has queued all of it" in " ".join(again.stderr.split())
