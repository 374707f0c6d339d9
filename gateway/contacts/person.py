"""[pure] A person as a list tells of them, and what it takes to know them again.

`key` tells persons apart. It comes from the columns that `--key` names; without them it is made of the name and the
first number, and of the number alone where the list has no names: a family shares a number, and its members are told
apart by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.contacts.values import Value
from gateway.merge.cells import folded

OWN, MADE = "key:", "made:"  # a card number can't be taken for one that was made
KEY_LENGTH = 32  # hex digits of the hash: 128 bits
JOINT = " · "  # between the parts of a key of several columns


@dataclass(frozen=True, slots=True)
class Number:
    """One of a person's numbers."""

    msisdn: str = field(repr=False)
    kind: str  # the heading that it stood under


@dataclass(frozen=True, slots=True)
class Person:
    """What one list says of one person: what it does not say is not in it."""

    row: int  # the list's own number, the first where it tells of the person in several
    key: str = field(repr=False)
    own_key: str | None = field(repr=False)
    name: str = field(repr=False)
    numbers: tuple[Number, ...]
    fields: Mapping[str, Value] = field(repr=False)  # by the folded heading; without those that are empty
    language: str = ""
    timezone: str = ""
    consent: bool | None = None  # None: the list says nothing

    @property
    def msisdns(self) -> tuple[str, ...]:
        return tuple(number.msisdn for number in self.numbers)


def own_key(parts: Sequence[str]) -> str:
    return OWN + folded(JOINT.join(parts))


def made_key(name: str, msisdn: str) -> str:
    return MADE + sha256(f"{folded(name)}\0{msisdn}".encode()).hexdigest()[:KEY_LENGTH]
