"""`smsgw outbox cancel/retry/release/settle`: what a person may decide, and what not."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Gateway

# the decision -> the changes that lead to a message it is for, and the state afterwards
DECISIONS = {
    "cancel": (["cancel", "1"], [], "cancelled"),
    "retry": (["retry", "1"], ["state = 'sending', msisdn = '+79000000001'", "state = 'failed'"], "queued"),
    "release": (["release", "1"], ["state = 'held'"], "queued"),
    "settle failed": (["settle", "1", "failed"], ["state = 'sending'", "state = 'uncertain'"], "failed"),
}


@pytest.mark.parametrize(("arguments", "changes", "after"), DECISIONS.values(), ids=DECISIONS)
def test_a_decision_is_carried_out_and_confirmed(
    gateway: Gateway, arguments: list[str], changes: list[str], after: str
) -> None:
    gateway.insert()
    for change in changes:
        gateway.execute(f"UPDATE outbox SET {change}")
    result = gateway.run("outbox", *arguments)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Message 1 is " in result.stderr
    assert gateway.execute("SELECT state FROM outbox") == [(after,)]


@pytest.mark.parametrize("arguments", [["retry", "1"], ["release", "1"], ["settle", "1", "sent"]])
def test_a_decision_that_does_not_fit_the_state_is_refused_with_the_reason(
    gateway: Gateway, arguments: list[str]
) -> None:
    gateway.insert()
    result = gateway.run("outbox", *arguments)
    assert result.exit_code == 1
    assert "Message 1 is queued" in result.stderr
    assert gateway.execute("SELECT state FROM outbox") == [("queued",)]


def test_of_several_messages_those_that_can_be_are_cancelled_and_the_others_are_named(gateway: Gateway) -> None:
    gateway.insert()
    gateway.insert()
    result = gateway.run("outbox", "cancel", "1", "99", "2")
    assert result.exit_code == 1
    assert "no message 99" in result.stderr
    assert gateway.execute("SELECT DISTINCT state FROM outbox") == [("cancelled",)]


@pytest.mark.parametrize("arguments", [["cancel"], ["cancel", "x"], ["settle", "1", "perhaps"], ["cancel", "0"]])
def test_wrong_words_are_wrong_usage(gateway: Gateway, arguments: list[str]) -> None:
    assert gateway.run("outbox", *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("show ID", "There is no "),
        ("cancel ID", "There is no "),
        ("retry ID", "There is no "),
        ("release ID", "There is no "),
        ("settle ID sent", "There is no "),
        ("list --limit ID", "No message fits."),
    ],
)
def test_a_number_beyond_all_ids_is_as_good_as_any_other(gateway: Gateway, verb: str, words: str) -> None:
    result = gateway.run("outbox", *verb.replace("ID", "9" * 20).split())
    assert words in result.stderr
    assert "foresee" not in result.stderr
