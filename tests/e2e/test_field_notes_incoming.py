"""What comes in comes in: once, whole, in whatever order, however full the SIM is, and also while SMS go out.

Pains 18 (read again and again), 19 (memory full), 21 (incoming in the middle of an SMS) and 25 (long incoming).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.fleet import Fleet, assembled
from tests.fake_modem.personality import load_all

SENDER, STRANGER, PATIENT = "+79000000005", "Pharmacy", "+79000000001"
MANY = 30  # more than the 20 that a SIM holds
NOVEL = "Доктор, я подробно опишу, как себя чувствую. " * 88  # 60 SMS
HOLEY = "а" * 67 + "б" * 67 + "в" * 20
KINDS = {
    "full": "default",  # its SIM was full before the start
    "full-silent": "m590",  # the same, and so it would not send either
    "busy": "default",  # gets SMS while it sends
    "shuffled": "default",  # gets a long text in disorder, over a restart
    "stubborn": "default",  # does not delete what it is told to delete
    "holey": "default",  # gets a long text of which a part never comes
    "lost-line": "sr_store",  # never tells of what it stores
}


@dataclass(frozen=True)
class Received:
    fleet: Fleet

    def inbox(self, carrier: str) -> list[dict[str, Any]]:
        return self.fleet.clinic.rows("SELECT * FROM inbox WHERE carrier = ? ORDER BY id", carrier)

    def wait_for(self, carrier: str, count: int) -> list[dict[str, Any]]:
        """The carrier's messages, once there are so many."""
        self.fleet.clinic.wait_for(lambda: len(self.inbox(carrier)) >= count, f"{count} messages over {carrier}")
        return self.inbox(carrier)


@pytest.fixture(scope="module")
def received(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Received]:
    """The daemon starts upon full SIMs; then everything else comes in."""
    kinds = load_all()
    bank = {"personality": [kinds[kind] for kind in KINDS.values()], "radio_s": 0.05}
    with assembled(tmp_path_factory.mktemp("incoming"), list(KINDS), bank=bank) as fleet:
        for name in ("full", "full-silent"):
            for number in range(MANY):
                fleet.modems[name].deliver(SENDER, f"Number {number}")
        fleet.modems["holey"].deliver(SENDER, HOLEY, order=(3, 1))
        fleet.modems["stubborn"].fault("error", "AT+CMGD", count=None)
        fleet.clinic.start(modems_ready=len(KINDS))
        yield Received(fleet)


@pytest.mark.parametrize("name", ["full", "full-silent"])
def test_a_full_sim_is_emptied_and_what_the_network_kept_back_comes_after_it(received: Received, name: str) -> None:
    rows = received.wait_for(name, MANY)
    assert sorted(row["body"] for row in rows) == sorted(f"Number {number}" for number in range(MANY))
    received.fleet.clinic.wait_for(lambda: not received.fleet.modems[name].stored(), "the SIM emptied")
    message = received.fleet.send(name, PATIENT, "The SIM has room again")
    received.fleet.clinic.wait_for_state(message, "delivered")


def test_what_comes_in_while_sms_go_out_disturbs_neither(received: Received) -> None:
    fleet, modem = received.fleet, received.fleet.modems["busy"]
    messages = [fleet.send("busy", f"+7900000{4000 + n}", f"Text {n}") for n in range(10)]
    for number in range(20):
        modem.deliver(SENDER, f"In between {number}")
        modem.say("^RSSI: 18")
    rows = received.wait_for("busy", 20)
    for message in messages:
        fleet.clinic.wait_for_state(message, "delivered")
    assert [row["body"] for row in rows] == [f"In between {number}" for number in range(20)]
    assert [len(fleet.submitted_to(f"+7900000{4000 + n}")) for n in range(10)] == [1] * 10
    assert not any("uncertain" in fleet.states_of(message) for message in messages)


def test_a_sender_with_a_name_and_an_empty_text_are_taken_like_any_other(received: Received) -> None:
    before = len(received.inbox("busy"))
    received.fleet.modems["busy"].deliver(STRANGER, "")
    received.fleet.modems["busy"].deliver(STRANGER, "Ваш заказ готов 💊")
    rows = received.wait_for("busy", before + 2)[before:]
    assert [(row["sender"], row["body"]) for row in rows] == [(STRANGER, ""), (STRANGER, "Ваш заказ готов 💊")]


def test_a_modem_that_never_tells_of_a_message_is_looked_through(received: Received) -> None:
    """Its notifications are off from now on, as after a reset that nobody saw."""
    modem = received.fleet.modems["lost-line"]
    modem.settings.cnmi[:] = [0, 0, 0, 0, 0]
    modem.deliver(SENDER, "Nobody tells of me")
    modem.say('^SMMEMFULL: "SM"')
    (row,) = received.wait_for("lost-line", 1)
    assert row["body"] == "Nobody tells of me"


def test_over_a_kill_and_a_start_a_text_of_sixty_parts_becomes_whole_and_nothing_comes_twice(
    received: Received,
) -> None:
    fleet, chance = received.fleet, random.Random(7)
    order = list(range(1, 61))
    chance.shuffle(order)
    fleet.modems["stubborn"].deliver(SENDER, "Can't be deleted")
    received.wait_for("stubborn", 1)
    fleet.modems["shuffled"].deliver(SENDER, NOVEL, is_wide=True, reference=500, order=order[:35])
    fleet.clinic.wait_for(lambda: fleet.clinic.rows("SELECT 1 FROM parts WHERE carrier = 'shuffled'"), "some parts")
    fleet.clinic.kill()
    fleet.modems["shuffled"].deliver(SENDER, NOVEL, is_wide=True, reference=500, order=order[30:])
    fleet.clinic.start(modems_ready=len(KINDS))
    (row,) = received.wait_for("shuffled", 1)
    assert (row["body"], row["complete"]) == (NOVEL, 1)
    assert [each["body"] for each in received.inbox("stubborn")] == ["Can't be deleted"]
    assert fleet.modems["stubborn"].stored()


def test_a_text_with_a_part_missing_is_shown_as_incomplete_when_it_has_waited_long_enough(received: Received) -> None:
    clinic = received.fleet.clinic
    clinic.wait_for(lambda: len(clinic.rows("SELECT 1 FROM parts WHERE carrier = 'holey'")) == 2, "both parts")
    assert received.inbox("holey") == []
    assert clinic.terminate() == 0
    received.fleet.configure(incomplete_after=1)
    clinic.start()
    (row,) = received.wait_for("holey", 1)
    assert (row["body"], row["complete"]) == (HOLEY.replace("б" * 67, "[…]"), 0)
