"""A SIM card: identity, PIN, its own message store and its own count of message references."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.fake_modem.account import Account
from tests.fake_modem.store import Store

if TYPE_CHECKING:
    from tests.fake_modem.modem import Modem
    from tests.fake_modem.network import Inbound

PIN_TRIES = 3
READY, WANTS_PIN, WANTS_PUK, ABSENT = "READY", "SIM PIN", "SIM PUK", "absent"
PUK = "12345678"


def _sim_store() -> Store:
    return Store("SM", 20)


@dataclass(slots=True)
class Sim:
    """The references count per card, whatever device it is in (TP-MR, 0-255)."""

    number: str
    imsi: str
    iccid: str
    smsc: str = "+79000000990"
    pin: str | None = None
    is_unlocked: bool = False
    is_present: bool = True
    tries_left: int = PIN_TRIES
    last_reference: int = 255  # the first one will be 0
    store: Store = field(default_factory=_sim_store)
    account: Account = field(default_factory=Account)
    waiting: deque[Inbound] = field(default_factory=deque)  # what the network holds for it, whatever device it is in
    holder: Modem | None = field(default=None, repr=False)  # the device that it is in

    @property
    def state(self) -> str:
        if not self.is_present:
            return ABSENT
        if self.pin is None or self.is_unlocked:
            return READY
        return WANTS_PIN if self.tries_left else WANTS_PUK

    def lock(self, pin: str | None, tries_left: int = PIN_TRIES) -> None:
        """Ask for `pin` (None: for none), as after switching on."""
        self.pin, self.is_unlocked, self.tries_left = pin, False, tries_left

    def enter_pin(self, pin: str) -> bool:
        """Whether the PIN is right; three wrong ones in a row lock the card."""
        if self.state != WANTS_PIN:
            return self.state == READY
        self.is_unlocked = pin == self.pin
        self.tries_left = PIN_TRIES if self.is_unlocked else self.tries_left - 1
        return self.is_unlocked

    def enter_puk(self, puk: str, new_pin: str) -> bool:
        if puk != PUK:
            return False
        self.pin, self.is_unlocked, self.tries_left = new_pin, True, PIN_TRIES
        return True

    def next_reference(self) -> int:
        self.last_reference = (self.last_reference + 1) % 256
        return self.last_reference


def no_card() -> Sim:
    """What is in an empty slot."""
    return Sim("", "", "", is_present=False)


def card(number: int) -> Sim:
    """The invented card of the modem with this number, from 1."""
    return Sim(
        number=f"+7900000{9000 + number:04d}",
        imsi=f"25099{number:010d}",
        iccid=f"8970199{number:012d}",
    )
