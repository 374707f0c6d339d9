"""A few of the corpus' files at each run of the tests; scripts/corpus reads them all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.corpus import runner
from tests.corpus.generated import HARMFUL, without_each_part
from tests.merge.test_formats_of_files import PEOPLE
from tests.merge.xlsb import write_xlsb

QUICK = {
    "everything merged.xlsx": {"read", "corrupt", "read, no list"},
    "a smaller one.xlsx": {"corrupt"},
    "a file from outside.xlsx": {"corrupt", "empty"},
    "a million repeated rows.ods": {"too_big"},
    "more columns than there are.ods": {"too_big"},
    "noise.csv": {"other"},
    "noise.xls": {"corrupt", "other"},
}


@pytest.mark.parametrize("name", QUICK)
def test_what_is_meant_to_do_harm_is_refused_in_time_and_memory(tmp_path: Path, name: str) -> None:
    (result,) = runner.run([HARMFUL[name](tmp_path / name)])
    assert result.outcome in QUICK[name], result.told


def test_an_xlsb_without_one_of_its_parts_is_refused(tmp_path: Path) -> None:
    texts = [tuple(str(cell) for cell in row) for row in PEOPLE]
    results = list(runner.run(without_each_part(write_xlsb(tmp_path / "list.xlsb", texts))))
    assert [result.told for result in results if result.is_fault] == []
    assert {result.outcome for result in results} <= {"corrupt", "other", "empty"}
    assert len(results) == 6


def test_a_file_that_takes_too_long_is_refused_as_the_gateway_does(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.csv")  # nobody ever writes into it
    (result,) = runner.run([tmp_path / "list.csv"], most_s=0.3)
    assert (result.outcome, result.is_fault) == ("silent", False)


def test_a_fault_is_seen(tmp_path: Path) -> None:
    (result,) = runner.run([tmp_path / "missing.csv"])
    assert (result.outcome, result.is_fault) == (runner.TRACEBACK, True)
    assert "FileNotFoundError" in result.told
