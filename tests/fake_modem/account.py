"""[pure] What the operator does to a SIM: takes money, blocks it after so many SMS, refuses all or swallows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """One SIM at its operator."""

    balance: float = 100.0
    price: float = 0.0  # per SMS
    allowance: int = 1000  # SMS that the plan still has; only told, never enforced
    accepted: int = 0
    block_after: int | None = None  # after so many accepted SMS the SIM is blocked
    block_code: str | None = "CMS 28"  # None: accepts and never delivers
    no_money_code: str = "CMS 38"

    @property
    def is_blocked(self) -> bool:
        return self.block_after is not None and self.accepted >= self.block_after

    @property
    def swallows(self) -> bool:
        """Whether it takes an SMS only to throw it away."""
        return self.is_blocked and self.block_code is None

    def refusal(self) -> str | None:
        """By which error the network refuses the next SMS."""
        if self.is_blocked:
            return self.block_code
        return self.no_money_code if self.price and self.balance < self.price else None

    def charge(self) -> None:
        """For an SMS that the network took."""
        self.accepted += 1
        self.allowance = max(0, self.allowance - 1)
        self.balance = round(self.balance - self.price, 2)


@dataclass(slots=True)
class Congestion:
    """A network with too much to do refuses this share of all SMS."""

    share: float = 0.0
    code: str = "CMS 42"
    until: float | None = None  # monotonic; None: until it is said to be over

    def strikes(self, chance: float, now: float) -> bool:
        """`chance`: a random number from 0 to 1."""
        return chance < self.share and (self.until is None or now < self.until)
