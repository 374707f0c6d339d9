"""The database is asked while a list is still read: the answers are those of asking at the end, and nothing stays."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import settings
from gateway.cli.context import opened
from gateway.cli.import_ahead import Ahead, Looked, looking_ahead
from gateway.errors import GatewayError
from gateway.merge.earlier import known_keys
from gateway.merge.plan import Planned, key_of
from gateway.queue import history
from gateway.settings import Settings
from tests.cli.conftest import Gateway
from tests.cli.test_import import GOOD_LIST, listed
from tests.merge.lists import TEMPLATE, person

ASKED = history.Asked(datetime(2020, 1, 1, tzinfo=UTC), UTC)
OTHER = "{Имя}, до встречи"


def planned(count: int) -> list[Planned]:
    return [Planned(row, f"+7900000{row:04}", f"Ждём вас, {row}", 1) for row in range(2, count + 2)]


def ahead_of(found: Settings, messages: Sequence[Planned], size: int) -> Looked | None:
    """Told of the messages one by one, as they are planned."""
    with closing(Ahead(found, ASKED, "", size)) as ahead:
        for count in range(len(messages) + 1):
            ahead.take(messages[:count], len(messages) - count)
        return ahead.looked(messages)


@pytest.fixture
def loaded(gateway: Gateway) -> Settings:
    """Every third of the messages has been queued already, and every second number was written to."""
    found = settings.load(gateway.config)
    for message in planned(20)[::3]:
        gateway.execute(
            "INSERT INTO outbox (recipient, body, external_id) VALUES (?, ?, ?)", message.msisdn, "x", key_of(message)
        )
    for message in planned(20)[::2]:
        gateway.insert(message.msisdn)
    gateway.execute("UPDATE outbox SET msisdn = recipient, due = 0")
    return found


@pytest.mark.parametrize("size", [1, 3, 7, 20])
def test_the_answers_are_those_of_asking_at_the_end(loaded: Settings, size: int) -> None:
    messages = planned(20)
    ahead = ahead_of(loaded, messages, size)
    assert ahead is not None
    keys = [(message, key_of(message)) for message in messages]
    with opened(loaded) as connection:
        known = known_keys(connection, [key for _message, key in keys])
        new = [message.msisdn for message, key in keys if key not in known]
        assert (ahead.keys, ahead.known) == (keys, known)
        assert ahead.found == history.last(connection, new, ASKED)
    assert known
    assert ahead.found


def test_a_short_list_is_asked_about_at_its_end(loaded: Settings) -> None:
    assert ahead_of(loaded, planned(20), size=21) is None


def test_messages_that_became_others_at_the_end_are_asked_about_anew(loaded: Settings) -> None:
    with closing(Ahead(loaded, ASKED, "", 5)) as ahead:
        ahead.take(planned(20))
        assert ahead.looked(planned(20)) is None
        assert ahead.looked(planned(3)) is None


def test_without_a_database_nothing_is_asked(loaded: Settings) -> None:
    for path in loaded.gateway.database.parent.glob("gateway.db*"):
        path.unlink()
    assert ahead_of(loaded, planned(20), size=5) is None


def test_what_the_thread_meets_is_raised_where_its_answer_is_wanted(loaded: Settings, gateway: Gateway) -> None:
    gateway.execute("PRAGMA user_version = 1")
    with pytest.raises(GatewayError, match="smsgw db upgrade"):
        ahead_of(loaded, planned(20), size=5)


def test_nothing_is_left_behind_when_the_reading_is_broken_off(
    loaded: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.import_ahead.PORTION", 5)
    before = threading.active_count()
    with suppress(KeyboardInterrupt), looking_ahead(loaded, ASKED, "") as ahead:
        ahead.take(planned(20))
        raise KeyboardInterrupt
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "options", [(), ("--again",), ("--leave-out", "waiting")], ids=["as it is", "again", "left out"]
)
def test_an_import_says_the_same_whether_it_asks_early_or_late(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    people = [GOOD_LIST[0], *(person(f"8 900 000-00-{number:02}", "Анна") for number in range(40))]
    for texts, some in ((TEMPLATE, people[:20]), (OTHER, people[:1] + people[10:30])):
        gateway.run("import", listed(tmp_path, some), "--template", texts, "--yes")
    gateway.run("campaign", "cancel", "list 2", "--yes")
    monkeypatch.setattr("gateway.merge.plan.EVERY_ROWS", 1)
    said = []
    for size in (3, 1000):
        monkeypatch.setattr("gateway.cli.import_ahead.PORTION", size)
        document = gateway.json("import", listed(tmp_path, people), "--template", OTHER, "--dry-run", *options)
        said.append({name: value for name, value in document.items() if name != "estimate"})
    assert said[0] == said[1]
    assert said[0]["warnings"] or said[0]["refused"]
