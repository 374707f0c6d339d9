"""docs/reliability.md: what did not hold, and what could not be tried, is said."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from tests.reliability.page import page
from tests.reliability.pains import PAINS
from tests.reliability.result import Result

ROOT = Path(__file__).resolve().parents[2]


def kept(name: str, *results: Result) -> dict[str, object]:
    return {name: {"results": [asdict(each) for each in results], "took_s": 60.0, "on": "2026-11-22"}}


def test_a_case_that_did_not_hold_is_shown_with_what_was_wrong() -> None:
    written = page(kept("database", Result("lock", "done", "must", "seen", ["message 3 is gone"], 1.25)))
    assert "0 of 1 cases held" in written
    assert "| lock | done | must | seen: message 3 is gone | 1.2 s | **did not hold** |" in written


def test_what_could_not_be_tried_counts_for_nothing() -> None:
    written = page(kept("database", Result("disk", "done", "must", "no right", None), Result("lock", "d", "m", "s")))
    assert "1 of 1 cases held" in written
    assert "not tried here" in written


def test_both_kinds_of_a_story_stand_in_one_line() -> None:
    short = Result("hang", "d", "m", "one", (), 1.0, (), "short")
    long = Result("hang", "d", "m", "five", ["lost"], None, (), "long")
    assert "| hang | d | m | one | 1.0 s | five: lost |  | **did not hold** |" in page(kept("stories", short, long))


def test_every_pain_names_tests_that_there_are() -> None:
    written = page({})
    for number, (pain, names) in PAINS.items():
        assert f"| {number} | {pain} |" in written
        assert [name for name in names if not (ROOT / name).exists()] == []
