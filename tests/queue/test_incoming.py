"""Incoming SMS: joined by set, across restarts, once, and never lost."""

from __future__ import annotations

from itertools import permutations

import pytest

from gateway.carrier import Incoming
from tests.queue.clinic import LONG, NOW, PHONE, Clinic, later, part


def single(text: str, sender: str = PHONE, **more: object) -> Incoming:
    return Incoming(sender, text, NOW, None, fingerprint=f"{sender} {text}", **more)  # type: ignore[arg-type]


def test_a_short_one_goes_to_the_inbox_at_once(clinic: Clinic) -> None:
    clinic.store(single("Приду"), now=later(seconds=5))
    row = clinic.connection.execute("SELECT * FROM inbox").fetchone()
    assert row == (1, PHONE, "Приду", "2026-11-22T09:00:05.000Z", "2026-11-22T09:00:00.000Z", "sim-1", 1, None)


@pytest.mark.parametrize("order", list(permutations((1, 2, 3))))
def test_parts_are_joined_in_any_order_and_across_restarts(clinic: Clinic, order: tuple[int, ...]) -> None:
    for number in order:
        assert clinic.inbox() == []
        clinic.store(part(number, 3, f"<{number}>"))
        clinic = clinic.reopened()
    assert clinic.inbox() == [(PHONE, "<1><2><3>", 1, None)]
    clinic.connection.close()


def test_a_part_read_twice_counts_once(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "a"), part(1, 2, "a"), part(2, 2, "b"), part(2, 2, "b"), part(1, 2, "a"))
    assert clinic.inbox() == [(PHONE, "ab", 1, None)]


def test_the_same_part_under_two_fingerprints_counts_once(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "a"), part(1, 2, "a", again="x"), part(2, 2, "b"))
    assert clinic.inbox() == [(PHONE, "ab", 1, None)]


DIFFERENT = {
    "reference": {"reference": 8},
    "sender": {"sender": "+79000005678"},
    "width": {"is_wide": True},
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_parts_of_different_messages_are_not_mixed(clinic: Clinic, case: str) -> None:
    clinic.store(part(1, 2, "a"), part(2, 2, "b", **DIFFERENT[case]))  # type: ignore[arg-type]
    assert clinic.inbox() == []


def test_parts_that_came_over_different_sims_are_not_mixed(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "a"))
    clinic.store(part(2, 2, "b"), carrier="sim-2")
    assert clinic.inbox() == []


def test_a_reference_used_anew_closes_the_message_before(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "old"), part(1, 2, "new"), part(2, 2, "!"))
    assert clinic.inbox() == [(PHONE, "old[…]", 0, None), (PHONE, "new!", 1, None)]


def test_an_incomplete_message_is_delivered_as_such_after_a_day(clinic: Clinic) -> None:
    clinic.store(part(2, 5, "b"), part(5, 5, "e"))
    assert clinic.box.next_due(NOW) == later(hours=24)
    clinic.box.tick(later(hours=23, minutes=59))
    assert clinic.inbox() == []
    clinic.box.tick(later(hours=24))
    assert clinic.inbox() == [(PHONE, "[…]b[…]e", 0, None)]
    clinic.box.tick(later(hours=48))
    assert len(clinic.inbox()) == 1


def test_a_damaged_one_is_kept_and_marked(clinic: Clinic) -> None:
    clinic.store(single("Прид", is_damaged=True))
    assert clinic.inbox() == [(PHONE, "Прид", 0, None)]


SENDERS = {
    "international": ("+79000001234", "+79000001234"),
    "national": ("89000001234", "+79000001234"),
    "a name": ("Sberbank", "Sberbank"),
    "a short code": ("900", "900"),
    "empty": ("", ""),
}


@pytest.mark.parametrize("case", SENDERS)
def test_the_sender_is_e164_where_it_is_a_number(clinic: Clinic, case: str) -> None:
    sender, stored = SENDERS[case]
    clinic.store(single("Приду", sender))
    assert clinic.inbox()[0][0] == stored


def test_a_reply_points_to_the_newest_message_sent_to_its_sender_before(clinic: Clinic) -> None:
    clinic.add()
    clinic.send(("1",))
    clinic.add(now=later(hours=1))
    clinic.send(("2",), now=later(hours=1))
    clinic.add(recipient="+79000005678", now=later(hours=1))
    clinic.add(now=later(hours=1))
    clinic.store(single("Первый"), now=later(minutes=30))
    clinic.store(single("Второй"), now=later(hours=2))
    clinic.store(single("Чужой", "+79000009999"), now=later(hours=2))
    assert [row[3] for row in clinic.inbox()] == [1, 2, None]


def test_what_is_stored_is_committed_before_it_may_be_acknowledged(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "a"), single("b"))
    again = clinic.reopened()
    assert again.inbox() == [(PHONE, "b", 1, None)]
    again.store(part(2, 2, "c"))
    assert len(again.inbox()) == 2
    again.connection.close()


def test_a_joined_message_leaves_its_text_in_one_place(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "a"), part(2, 2, LONG))
    assert clinic.connection.execute("SELECT text FROM parts").fetchall() == [(None,), (None,)]


def test_two_hundred_and_fifty_five_parts_make_one_message(clinic: Clinic) -> None:
    clinic.store(*(part(number, 255, f"{number};") for number in range(255, 0, -1)))
    assert clinic.inbox() == [(PHONE, "".join(f"{number};" for number in range(1, 256)), 1, None)]


def test_an_incomplete_message_whose_sim_went_into_another_modem_is_delivered_once(clinic: Clinic) -> None:
    line = "line of sim-1"
    clinic.box.store("sim-1", line, [part(1, 3, "a")], NOW)
    clinic.box.store("sim-2", line, [part(2, 3, "b")], later(hours=1))
    clinic.box.tick(later(hours=26))
    assert clinic.inbox() == [(PHONE, "ab[…]", 0, None)]


def test_an_old_part_read_again_does_not_close_the_message_that_took_its_reference(clinic: Clinic) -> None:
    clinic.store(part(1, 2, "old"), part(1, 2, "new"), part(1, 2, "old"), part(2, 2, "!"))
    assert clinic.inbox() == [(PHONE, "old[…]", 0, None), (PHONE, "new!", 1, None)]
