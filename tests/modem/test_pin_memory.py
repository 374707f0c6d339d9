"""What is remembered of PINs: a wrong one must not lock the SIM, whatever breaks while it is tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from gateway.errors import CarrierLost
from gateway.modem import pin
from gateway.modem.readiness import Identity
from gateway.queue import db, pins
from tests.fake_modem.handle import Handle
from tests.modem.live import Memory, carrier_for, opened

PIN, WRONG = "4711", "0815"
SIMS_NUMBER = ("AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID")


class Forgetful(Memory):
    """A database whose disk is full from the named verb on."""

    def __init__(self, fails_at: str) -> None:
        super().__init__()
        self._fails_at = fails_at

    def begin(self, keys: Sequence[str]) -> None:
        self._fail("begin")
        super().begin(keys)

    def remember(self, keys: Sequence[str]) -> None:
        self._fail("remember")
        super().remember(keys)

    def _fail(self, verb: str) -> None:
        if verb == self._fails_at:
            raise sqlite3.OperationalError("database or disk is full")


def pins_sent(modem: Handle) -> int:
    return sum(command.upper().startswith("AT+CPIN=") for command in modem.commands)


@pytest.mark.parametrize(("fails_at", "tries"), [("begin", 0), ("remember", 2)])
def test_no_sim_is_locked_while_its_refusal_can_not_be_noted(modem: Handle, fails_at: str, tries: int) -> None:
    modem.lock(PIN)
    memory = Forgetful(fails_at)
    for _again in range(4):
        carrier = carrier_for(modem, pin=WRONG, memory=memory)
        with closing(carrier), pytest.raises((sqlite3.OperationalError, CarrierLost)):
            carrier.open()
    assert pins_sent(modem) == tries
    assert modem.sim.tries_left == 3 - tries


def test_a_right_pin_is_tried_once_more_when_nobody_saw_the_first_answer(modem: Handle) -> None:
    modem.lock(PIN)
    memory = Memory()
    memory.begin(pin.keys_of(Identity(iccid=modem.sim.iccid, imei=modem.imei), PIN))
    with opened(modem, pin=PIN, memory=memory) as carrier:
        assert carrier.status().state == "ready"
    assert memory.keys == {}


def test_a_refused_pin_is_not_sent_again_when_the_sim_fails_to_tell_its_number(modem: Handle) -> None:
    modem.lock(PIN)
    memory = Memory()
    for _again in range(2):
        with pytest.raises(CarrierLost, match="refused"):
            carrier_for(modem, pin=WRONG, memory=memory).open()
        for command in SIMS_NUMBER:
            modem.fault("error", command, count=None)
    assert pins_sent(modem) == 1


def test_a_refused_pin_is_not_sent_again_when_the_sim_tells_its_number_after_all(modem: Handle) -> None:
    modem.lock(PIN)
    memory = Memory()
    for command in SIMS_NUMBER:
        modem.fault("error", command, count=None)
    for _again in range(2):
        with pytest.raises(CarrierLost, match="refused"):
            carrier_for(modem, pin=WRONG, memory=memory).open()
        modem.clear_faults()
    assert pins_sent(modem) == 1
    with opened(modem, pin=PIN, memory=memory) as carrier:
        assert carrier.status().state == "ready"


def test_a_pin_that_one_sim_refused_may_be_that_of_another_in_the_same_device(modem: Handle) -> None:
    memory = Memory()
    memory.remember(pin.keys_of(Identity(iccid="8970199000000009991", imei=modem.imei), PIN))
    modem.lock(PIN)
    with opened(modem, pin=PIN, memory=memory) as carrier:
        assert carrier.status().state == "ready"


IMEI, ICCID = "350000000000006", "8970199000000000017"
NAMED = {
    is_told: (pin.keys_of(sim, WRONG), pin.forbidding(sim, WRONG))
    for is_told, sim in ((True, Identity(imei=IMEI, iccid=ICCID)), (False, Identity(imei=IMEI)))
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """In memory: thousands of tries are noted in it."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    with closing(db.open_database(tmp_path / "gateway.db", create=True)) as made, closing(memory):
        made.backup(memory)
        yield memory


def tried(connection: sqlite3.Connection, events: Sequence[tuple[bool, str]]) -> list[str]:
    """How the tries ended that the memory allowed, each with the SIM's number told or not."""
    made = []
    for is_told, end in events:
        keys, signs = NAMED[is_told]
        if pins.is_refused(connection, signs):
            continue
        pins.begin(connection, keys)
        if end == "refused":
            pins.refused(connection, keys)
        elif end == "busy":
            pins.withdraw(connection, keys)
        made.append(end)
    return [end for end in made if end != "busy"]


@pytest.mark.parametrize("length", [2, 3, 4])
def test_no_wrong_pin_is_sent_a_third_time_nor_after_a_refusal_whatever_is_told_and_whatever_breaks(
    database: sqlite3.Connection, length: int
) -> None:
    for events in product(product((True, False), ("refused", "unseen", "busy")), repeat=length):
        database.execute("DELETE FROM refused_pins")
        ends = tried(database, events)
        assert len(ends) <= 2, events
        assert "refused" not in ends[:-1], events
