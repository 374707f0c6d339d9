"""What is remembered of PINs: a wrong one must not lock the SIM, whatever breaks while it is tried."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

import pytest

from gateway.errors import CarrierLost
from gateway.modem import pin
from gateway.modem.readiness import Identity
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
