"""What triggers see to for a message that comes alone is done for the messages of a campaign all at once."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from gateway.errors import GatewayError
from gateway.queue import campaigns, checking, filling
from gateway.queue.adding import AddResult, NewMessage
from gateway.queue.campaigns import NewCampaign
from tests.queue.clinic import NOW, Clinic

COUNT = 7


def messages(count: int = COUNT, first: int = 0, key: str = "key {}") -> list[NewMessage]:
    numbers = range(first, first + count)
    return [NewMessage(f"+7900000{n:04}", "Ждём вас", external_id=key.format(n), list_row=n) for n in numbers]


def queue(clinic: Clinic, new: list[NewMessage], name: str = "November") -> AddResult:
    return campaigns.queue(clinic.connection, NewCampaign(name), new, NOW)


def list_rows(clinic: Clinic) -> list[int]:
    return [row for (row,) in clinic.connection.execute("SELECT list_row FROM outbox ORDER BY id")]


@pytest.fixture(autouse=True)
def portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several of them, and a part of one."""
    monkeypatch.setattr(filling, "ROWS_AT_ONCE", 3)


def test_each_message_has_its_first_event_and_its_key_is_known_for_ever(clinic: Clinic) -> None:
    assert queue(clinic, messages()) == AddResult(COUNT, 0, COUNT)
    events = clinic.connection.execute("SELECT outbox_id, event, from_state, to_state FROM events WHERE outbox_id > 0")
    assert events.fetchall() == [(n, "queued", None, "queued") for n in range(1, COUNT + 1)]
    keys = {key for (key,) in clinic.connection.execute("SELECT external_id FROM external_ids")}
    assert keys == {f"key {n}" for n in range(COUNT)}


def test_they_stand_in_the_order_of_the_list_whatever_their_keys(clinic: Clinic) -> None:
    queue(clinic, list(reversed(messages())))
    assert list_rows(clinic) == list(reversed(range(COUNT)))


def test_those_that_are_known_are_left_out_wherever_they_stand(clinic: Clinic) -> None:
    queue(clinic, messages(3, first=2), "one")
    assert queue(clinic, messages(), "two") == AddResult(COUNT - 3, 3, COUNT, known_rows=(2, 3, 4))
    assert list_rows(clinic) == [2, 3, 4, 0, 1, 5, 6]


def test_of_two_with_one_key_the_first_is_the_message(clinic: Clinic) -> None:
    assert queue(clinic, messages(3, key="one") + messages(1, first=9)) == AddResult(2, 2, 2)
    assert list_rows(clinic) == [0, 9]


def test_a_blank_key_is_none(clinic: Clinic) -> None:
    assert queue(clinic, messages(2, key="  ") + messages(2, first=5, key="")).queued == 4
    assert clinic.connection.execute("SELECT count(external_id) FROM outbox").fetchone() == (0,)
    assert clinic.connection.execute("SELECT count(*) FROM external_ids").fetchone() == (0,)


def test_a_key_that_stands_in_the_outbox_alone_is_known_too(clinic: Clinic) -> None:
    queue(clinic, messages(1), "one")
    clinic.connection.execute("DELETE FROM external_ids")
    assert queue(clinic, messages(2), "two").queued == 1
    assert list_rows(clinic) == [0, 1]


def test_what_was_laid_ready_is_gone_when_nothing_came_of_it(clinic: Clinic) -> None:
    queue(clinic, messages(1), "one")
    with pytest.raises(GatewayError, match="There is a campaign"):
        queue(clinic, messages(2), "one")
    assert queue(clinic, messages(2), "two").queued == 1


def test_an_id_that_was_used_before_is_refused_with_all_of_the_list(clinic: Clinic) -> None:
    queue(clinic, messages(2), "one")
    clinic.connection.execute("UPDATE outbox SET state = 'cancelled'")
    clinic.connection.execute("DELETE FROM outbox")
    clinic.connection.execute("UPDATE sqlite_sequence SET seq = 0 WHERE name = 'outbox'")
    with pytest.raises(GatewayError, match="counts its messages wrongly"):
        queue(clinic, messages(2, first=5), "two")
    assert list_rows(clinic) == []


@pytest.mark.parametrize("campaign", [None, 1, 99])
def test_a_row_of_another_program_is_seen_to_as_ever_whatever_campaign_it_names(
    clinic: Clinic, campaign: int | None
) -> None:
    queue(clinic, messages(2))
    insert = "INSERT INTO outbox (recipient, body, external_id, state, campaign) VALUES ('1', '2', ?, 'sent', ?)"
    with closing(sqlite3.connect(clinic.path)) as other, other:
        other.execute(insert, ("a", campaign))
        with pytest.raises(sqlite3.IntegrityError, match="this external_id was used before"):
            other.execute(insert.replace("INSERT", "INSERT OR REPLACE"), ("key 0", campaign))
    assert clinic.connection.execute("SELECT state FROM outbox WHERE external_id = 'a'").fetchone() == ("queued",)
    assert clinic.connection.execute("SELECT count(*) FROM events WHERE outbox_id = 3").fetchone() == (1,)


@pytest.mark.parametrize("id", [-2, 9007199254740992])
def test_an_id_is_the_gateways_to_give(clinic: Clinic, id: int) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="is given by the gateway"):
        clinic.connection.execute("INSERT INTO outbox (id, recipient, body) VALUES (?, '1', '2')", (id,))


def test_the_database_is_sound_after_it(clinic: Clinic) -> None:
    queue(clinic, messages())
    assert list(checking.faults(clinic.connection)) == []
    assert clinic.connection.execute("SELECT sum(is_filling) FROM campaigns").fetchone() == (0,)
