"""[pure] A person as a list tells of them, and what it takes to know them again.

`key` tells persons apart. It comes from the columns that `--key` names; without them it is made of the name and the
first number, and of the number alone where the list has no names: a family shares a number, and its members are told
apart by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from gateway.contacts.values import Value
from gateway.merge.cells import folded

OWN, MADE = "key:", "made:"  # a card number can't be taken for one that was made
KEY_LENGTH = 32  # hex digits of the hash: 128 bits
JOINT = " · "  # between the parts of a key of several columns


class Number(NamedTuple):
    """One of a person's numbers."""

    msisdn: str
    kind: str  # the heading that it stood under

    def __repr__(self) -> str:
        return f"Number(kind={self.kind!r})"


@dataclass(frozen=True, slots=True)
class Person:
    """What one list says of one person: what it does not say is not in it."""

    row: int  # the list's own number, the first where it tells of the person in several
    key: str = field(repr=False)
    own_key: str | None = field(repr=False)
    name: str = field(repr=False)
    numbers: tuple[Number, ...]
    headings: tuple[str, ...]  # folded, without those of empty cells: one object for all who have the same
    values: tuple[Value, ...] = field(repr=False)  # in the order of the headings
    language: str = ""
    timezone: str = ""
    consent: bool | None = None  # None: the list says nothing

    @property
    def fields(self) -> dict[str, Value]:
        """By the folded heading; made anew each time, for a list of many thousands takes less room without."""
        return dict(zip(self.headings, self.values, strict=True))

    @property
    def msisdns(self) -> tuple[str, ...]:
        return tuple(number.msisdn for number in self.numbers)


def laid_out(fields: Mapping[str, Value]) -> tuple[tuple[str, ...], tuple[Value, ...]]:
    """As a person's headings and values."""
    return _shared(tuple(fields)), tuple(fields.values())


@lru_cache(maxsize=4096)  # sets of headings that have a value: a list has few
def _shared(headings: tuple[str, ...]) -> tuple[str, ...]:
    return headings


def own_key(parts: Sequence[str]) -> str:
    return OWN + folded(JOINT.join(parts))


def made_key(name: str, msisdn: str) -> str:
    return MADE + sha256(f"{folded(name)}\0{msisdn}".encode()).hexdigest()[:KEY_LENGTH]
