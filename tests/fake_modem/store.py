"""Message stores of limited room (SIM, device memory, reports), as AT+CPMS, +CMGL, +CMGR and +CMGD see them."""

from __future__ import annotations

from dataclasses import dataclass, field

UNREAD, READ, SENT = 0, 1, 3  # <stat> in PDU mode (3GPP TS 27.005, 3.1)


@dataclass(slots=True)
class Stored:
    """One stored message or report: the TPDU with its service-centre field, and its <stat>."""

    pdu: bytes
    length: int  # octets without the service-centre field
    status: int = UNREAD

    def open(self) -> None:
        """It has been read; one that was sent stays that."""
        self.status = READ if self.status == UNREAD else self.status


@dataclass(slots=True)
class Store:
    """Slots by index, the lowest free one is used next."""

    name: str
    capacity: int
    first_index: int = 1
    slots: dict[int, Stored] = field(default_factory=dict)

    hidden: set[int] = field(default_factory=set)  # announced, not yet readable

    @property
    def is_full(self) -> bool:
        return len(self.slots) >= self.capacity

    def has_index(self, index: int) -> bool:
        return self.first_index <= index < self.first_index + self.capacity

    def add(self, stored: Stored) -> int:
        index = next(i for i in range(self.first_index, self.first_index + self.capacity) if i not in self.slots)
        self.slots[index] = stored
        return index

    def readable(self) -> dict[int, Stored]:
        """By rising index."""
        return {index: self.slots[index] for index in sorted(self.slots) if index not in self.hidden}

    def hide(self, index: int) -> None:
        self.hidden.add(index)

    def show(self, index: int) -> None:
        self.hidden.discard(index)
