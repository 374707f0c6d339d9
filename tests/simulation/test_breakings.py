"""The deliberate breakings: each still breaks what it says, and what the simulation says of them is understood.

That each falls, `scripts/simulate --breakings` shows; it takes an hour.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.simulation import breaking
from tests.simulation.breaking import Fall
from tests.simulation.breakings import BREAKINGS, Breaking

GATEWAY = Path(__file__).parents[2] / "gateway"


@pytest.mark.parametrize("name", BREAKINGS)
def test_a_breaking_finds_the_words_that_it_breaks_and_leaves_a_program(name: str) -> None:
    found = BREAKINGS[name]
    text = (GATEWAY / found.file).read_text("utf-8")
    assert found.of(text) != text
    ast.parse(found.of(text))


def test_a_breaking_whose_words_are_gone_says_so() -> None:
    with pytest.raises(ValueError, match="does not say it once"):
        Breaking("plan/ledger.py", "nobody says this", "").of("something else")


@pytest.mark.parametrize(
    ("output", "fall"),
    [
        ("seed 17: 9 messages, 1 broken\nquiet_hours_are_kept: message 3 went\n", Fall(17, "quiet_hours_are_kept")),
        ("seed 4: 0 messages, 1 broken\nfell: KeyError: 3\n", Fall(4, "fell")),
        ("100 seeds, 0.9 years, in 90 s; 0 seeds failed\n", None),
    ],
)
def test_where_a_breaking_falls_is_read_from_what_the_simulation_says(output: str, fall: Fall | None) -> None:
    assert breaking._fall(output, "") == fall


def test_a_simulation_that_does_not_run_is_no_fall() -> None:
    with pytest.raises(RuntimeError, match="did not run"):
        breaking._fall("", "SyntaxError")
