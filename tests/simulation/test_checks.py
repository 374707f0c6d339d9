"""What the checks make of what they are told; that each sees a breaking, `scripts/simulate --breakings` shows."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence

import pytest

from tests.simulation import held
from tests.simulation.campaigns import Campaign
from tests.simulation.refusals import is_last_word
from tests.simulation.words import Telling, Word

STOP, START, QUESTION = True, False, None
Said = Sequence[tuple[bool | None, float, float]]  # wish, told at, acknowledged at


def words(said: Said) -> list[Word]:
    return [Word("+79000000001", "…", wish, [Telling(since, until)]) for wish, since, until in said]


@pytest.mark.parametrize(
    ("said", "is_out", "is_in"),
    [
        ([], False, True),
        ([(STOP, 10, 11)], True, False),
        ([(STOP, 10, 11), (START, 20, 21)], False, True),
        ([(STOP, 10, 11), (START, 20, 21), (STOP, 30, 31)], True, False),
        ([(STOP, 10, 21), (START, 20, 25)], False, False),  # nobody knows which was written down first
        ([(STOP, 10, math.inf)], False, False),  # nobody knows whether it was
        ([(STOP, 10, 11), (START, 20, math.inf)], False, False),
        ([(STOP, 110, 111)], False, True),  # later
    ],
)
def test_the_last_word_counts_where_it_is_known_which_it_was(said: Said, is_out: bool, is_in: bool) -> None:
    found = words(said)
    assert is_last_word(found, 100, 100, is_out=True) is is_out
    assert is_last_word(found, 100, 100, is_out=False) is is_in


def test_what_an_smsc_repeats_may_be_written_down_again() -> None:
    stop, start = words([(STOP, 10, 11), (START, 20, 21)])
    stop.tell(30)
    assert not is_last_word([stop, start], 100, 100, is_out=False)
    assert not is_last_word([stop, start], 100, 100, is_out=True)


def test_what_a_sim_hands_over_again_is_the_same() -> None:
    word = Word("+79000000001", "STOP", STOP)
    word.read(10.0)
    word.read(30.0).until = 31.0
    assert word.sure == Telling(10.0, 31.0)


def test_a_long_text_is_written_down_with_its_last_part() -> None:
    word = Word("+79000000001", "STOP!!!", STOP, parts={"one", "two"})
    word.read(10.0)
    word.acknowledge("one", 11.0)
    word.acknowledge("one", 12.0)
    assert word.sure is None
    word.acknowledge("two", 30.0)
    assert word.sure == Telling(10.0, 30.0)


@pytest.mark.parametrize(("verdict", "proves"), [("sent", 1), ("failed", 0)])
def test_what_a_person_has_settled_as_sent_is_out(verdict: str, proves: int) -> None:
    """The rest of it is no part of a backlog."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, outbox_id, at, event, to_state, detail)")
    connection.execute("INSERT INTO events VALUES (1, 1, '', 'settled', NULL, ?)", (verdict,))
    assert [row[-1] for row in connection.execute(held.MOVES)] == [proves]
    connection.close()


def test_a_campaign_knows_when_nothing_of_it_was_to_go_out() -> None:
    campaign = Campaign("list 1")
    campaign.stop(10.0)
    campaign.go_on(20.0)
    campaign.stop(30.0)
    assert campaign.stops == [(10.0, 20.0), (30.0, math.inf)]
