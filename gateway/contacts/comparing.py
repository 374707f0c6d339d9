"""[pure] What a list says of a person, against what is kept of them: new, changed or the same.

What the list says replaces what was kept, and what it leaves empty erases nothing. Its numbers replace those that came
from columns of the same headings: a patient's old number, which may be somebody else's by now, is not written to again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from gateway.contacts.person import Number, Person


class Fate(StrEnum):
    """What becomes of a row's person."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Stored:
    """What is kept of a person."""

    id: int
    own_key: str | None = field(repr=False)
    name: str = field(repr=False)
    language: str
    timezone: str
    numbers: tuple[Number, ...]
    fields: Mapping[str, tuple[str, str]] = field(repr=False)  # folded heading: text and kind


@dataclass(frozen=True, slots=True)
class Change:
    """One person of the list, and what is to be done with them."""

    person: Person
    id: int | None  # of the contact that is kept under this key
    numbers: tuple[Number, ...]  # as they will be, in their rank
    fields: tuple[str, ...]  # folded headings that are new or have another value
    own: tuple[str, ...] = field(repr=False)  # OWN as they will be
    has_other_numbers: bool = False
    renamed: tuple[str, ...] = ()  # of OWN, what is another than before

    @property
    def fate(self) -> Fate:
        if self.id is None:
            return Fate.NEW
        return Fate.CHANGED if self.fields or self.renamed or self.has_other_numbers else Fate.SAME


OWN = ("name", "language", "timezone")


def compare(person: Person, stored: Stored | None) -> Change:
    """`stored`: what is kept under the same key."""
    told = tuple(getattr(person, name) for name in OWN)
    if stored is None:
        return Change(person, None, person.numbers, _shared(tuple(person.fields)), told)
    fields = [key for key, value in person.fields.items() if stored.fields.get(key) != (value.text, value.kind)]
    kept = tuple(getattr(stored, name) for name in OWN)
    own = tuple(one or other for one, other in zip(told, kept, strict=True))
    renamed = tuple(name for name, now, before in zip(OWN, own, kept, strict=True) if now != before)
    numbers = merged(person.numbers, stored.numbers)
    return Change(person, stored.id, numbers, tuple(fields), own, numbers != stored.numbers, renamed)


@lru_cache
def _shared(headings: tuple[str, ...]) -> tuple[str, ...]:
    """One object for all persons of a list."""
    return headings


def merged(told: Sequence[Number], kept: Sequence[Number]) -> tuple[Number, ...]:
    """Those of the list first, then what came from other columns."""
    kinds = {number.kind for number in told}
    msisdns = {number.msisdn for number in told}
    others = [number for number in kept if number.kind not in kinds and number.msisdn not in msisdns]
    return (*told, *others)
