"""A dozen lists as administrators make them: every row gets the verdict that was written beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.merge import chinese_lists, english_lists, russian_lists
from tests.merge.clinic_lists import ClinicList, verdicts_of

LISTS = {each.file: each for each in (*russian_lists.LISTS, *english_lists.LISTS, *chinese_lists.LISTS)}


def test_there_are_a_dozen() -> None:
    assert len(LISTS) == 12


@pytest.mark.parametrize("name", LISTS)
def test_each_row_gets_the_verdict_that_was_written_beside_it(tmp_path: Path, name: str) -> None:
    plan, wanted = LISTS[name].plan(tmp_path), LISTS[name].verdicts()
    assert verdicts_of(plan, _heading(LISTS[name])) == wanted
    bodies = {message.row: message.body for message in plan.messages}
    assert {row: bodies[row] for row in LISTS[name].bodies} == LISTS[name].bodies


def _heading(clinic_list: ClinicList) -> int:
    return next((row for row, verdict in clinic_list.verdicts().items() if verdict == "heading"), 0)
