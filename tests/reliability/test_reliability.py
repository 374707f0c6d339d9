"""The shorter cases of `scripts/reliability`: the real daemon, under load, meets what may go wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.reliability import binds, clinic, clocks, killing, stories
from tests.reliability.result import Result
from tests.reliability.stage import played

CASES: dict[str, Callable[[Path], Result]] = {
    "killed at random moments": partial(killing.killed, times=5, seed=7),
    "ended at random moments": partial(killing.terminated, times=4, seed=7),
    "no file may grow": partial(clinic.file_size_limit, seconds=2.0),
    "its database is replaced": clinic.replaced,
    "a bind's SMSC restarts": next(case for case in binds.CASES if case.name == "SMSC restarts").play,
    "its clock jumps while a heap waits": clocks.heap,
}
SHORT = ("forgets-settings", "SIM-out", "moved-SIM", "emergency-swallowed", "answer-lost", "denied")


@pytest.mark.parametrize("name", CASES)
def test_what_must_hold_does_although(tmp_path: Path, name: str) -> None:
    result = CASES[name](tmp_path)
    assert result.wrong == [], result.seen


def test_each_message_comes_to_a_true_end_and_each_modem_is_back(tmp_path: Path) -> None:
    """The fault comes in the middle of a message of five SMS."""
    chosen = [each for each in stories.STORIES if each.name in SHORT]
    results = played(tmp_path, chosen, is_long=True)
    assert len(results) == len(SHORT)
    assert [(result.name, result.seen, result.wrong) for result in results if result.wrong] == []
