"""`smsgw outbox release` and `cancel` for many messages at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from gateway.queue import times
from tests.cli.conftest import Gateway

DAYS_OLD = times.to_text(datetime.now(UTC) - timedelta(days=2))


@pytest.fixture
def heap(gateway: Gateway) -> Gateway:
    """1, 2: backlog, of today; 3: backlog, two days old; 4: marketing, held by hand; 5: queued; 6: sent."""
    for _number in range(6):
        gateway.insert()
    for change in (
        "category = ' Marketing' WHERE id = 4",
        f"created_at = '{DAYS_OLD}' WHERE id = 3",
        "segments = 2 WHERE id = 3",
        "state = 'held', error_code = 'backlog' WHERE id < 4",
        "state = 'held' WHERE id = 4",
        "state = 'sending' WHERE id = 6",
        "state = 'sent' WHERE id = 6",
    ):
        gateway.execute(f"UPDATE outbox SET {change}")
    return gateway


def ids_in(gateway: Gateway, state: str) -> list[int]:
    return [number for (number,) in gateway.execute("SELECT id FROM outbox WHERE state = ? ORDER BY id", state)]


CHOICES = {
    "release all": (["release", "--all"], [1, 2, 3, 4], "released"),
    "release a backlog": (["release", "--code", "backlog"], [1, 2, 3], "released"),
    "release a category": (["release", "--category", "marketing"], [4], "released"),
    "release what is fresh": (["release", "--code", "backlog", "--newer-than", "1 day"], [1, 2], "released"),
    "release what is old": (["release", "--older-than", "1 day"], [3], "released"),
    "release what is older than now": (["release", "--older-than", "0"], [1, 2, 3, 4], "released"),
    "cancel all": (["cancel", "--all"], [1, 2, 3, 4, 5], "cancelled"),
    "cancel what is old": (["cancel", "--older-than", "90000"], [3], "cancelled"),
}


@pytest.mark.parametrize("case", CHOICES)
def test_the_chosen_ones_are_decided_and_counted(heap: Gateway, case: str) -> None:
    arguments, chosen, word = CHOICES[case]
    before = ids_in(heap, "queued")
    result = heap.run("outbox", *arguments, "--yes")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"{len(chosen)} message" in result.stderr
    assert word in result.stderr
    after = ids_in(heap, "cancelled") if word == "cancelled" else sorted({*ids_in(heap, "queued")} - {*before})
    assert after == chosen


def test_first_it_is_told_what_is_chosen_and_nothing_happens_without_a_yes(heap: Gateway) -> None:
    result = heap.run("outbox", "release", "--all")
    assert result.exit_code == 1
    first, sample, second, *_rest = result.stderr.splitlines()
    told = r"3: held, notification, reason backlog; at least 4 SMS; written ([0-9 :-]{19}) to (?!\1)[0-9 :-]{19}"
    assert re.fullmatch(told, first)
    assert sample == "    such as 3 to +79000000001: Ждём вас"
    assert "1: held, marketing, reason -; at least 1 SMS" in second
    assert "--yes" in result.stderr
    assert ids_in(heap, "held") == [1, 2, 3, 4]


@pytest.mark.parametrize(("answer", "held"), [("y\n", []), ("n\n", [1, 2, 3, 4]), ("", [1, 2, 3, 4])])
def test_at_a_terminal_it_asks(heap: Gateway, monkeypatch: pytest.MonkeyPatch, answer: str, held: list[int]) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _stream: True)
    result = heap.run("outbox", "release", "--all", stdin=answer)
    assert result.exit_code == (1 if held else 0)
    assert ids_in(heap, "held") == held


def test_how_many_sms_it_takes_is_exact_where_all_were_examined(heap: Gateway) -> None:
    heap.execute("UPDATE outbox SET segments = 2, body = body")
    assert "; 6 SMS; " in heap.run("outbox", "release", "--code", "backlog").stderr


def test_where_nothing_is_chosen_nothing_is_asked(heap: Gateway) -> None:
    result = heap.run("outbox", "release", "--code", "storm_number")
    assert (result.exit_code, result.stderr) == (0, "No message fits.\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["release"],
        ["release", "1", "--all"],
        ["cancel", "1", "--code", "backlog"],
        ["release", "--older-than", "x"],
        ["release", "--category", "x"],
    ],
)
def test_what_names_no_messages_or_names_them_twice_is_wrong_usage(heap: Gateway, arguments: list[str]) -> None:
    result = heap.run("outbox", *arguments)
    assert result.exit_code == 2
    assert ids_in(heap, "held") == [1, 2, 3, 4]


LISTS = {
    "one reason": (["--code", "backlog"], [3, 2, 1]),
    "one reason, another state": (["--code", "backlog", "--state", "queued"], []),
    "a number's reason that nobody has": (["--code", "cms_500"], []),
    "a category, however it is written": (["--category", "marketing"], [4]),
    "the usual category, which nobody wrote": (["--category", "notification"], [6, 5, 3, 2, 1]),
    "the old ones": (["--older-than", "1 day"], [3]),
    "the fresh ones of a state": (["--newer-than", "1 day", "--state", "held"], [4, 2, 1]),
}


@pytest.mark.parametrize("case", LISTS)
def test_the_list_shows_those_that_share_something(heap: Gateway, case: str) -> None:
    filters, ids = LISTS[case]
    assert [row["id"] for row in heap.json("outbox", "list", *filters)] == ids


@pytest.mark.parametrize("verb", ["list", "release", "cancel"])
def test_a_code_that_no_message_can_have_is_wrong_usage_and_names_the_near_one(heap: Gateway, verb: str) -> None:
    result = heap.run("outbox", verb, "--code", "Backlgo")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Did you mean backlog?" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_code_that_stands_in_a_row_is_known_wherever_it_came_from(heap: Gateway) -> None:
    heap.execute("UPDATE outbox SET error_code = 'of_an_older_version' WHERE id = 1")
    assert [row["id"] for row in heap.json("outbox", "list", "--code", "of_an_older_version")] == [1]
    assert "Did you mean of_an_older_version?" in heap.run("outbox", "list", "--code", "of_an_old_version").stderr


def test_the_list_for_people_shows_the_category_that_counts(heap: Gateway) -> None:
    assert heap.run("outbox", "list").stdout.count("notification") == 5
    assert heap.json("outbox", "list")[0]["category"] is None, "programs get the row"
