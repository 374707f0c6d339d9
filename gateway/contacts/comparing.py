"""[pure] What a list says of a person, against what is kept of them: new, changed or the same.

What the list says replaces what was kept, and what it leaves empty erases nothing. Its numbers replace those that came
from columns of the same headings: a patient's old number, which may be somebody else's by now, is not written to again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

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
    kept: tuple[str, ...] = field(repr=False)  # of OWN, what the list leaves empty
    has_other_numbers: bool = False
    renamed: tuple[str, ...] = ()  # of OWN, what is another than before

    @property
    def own(self) -> tuple[str, ...]:
        """OWN as they will be."""
        person, (name, language, timezone) = self.person, self.kept
        return person.name or name, person.language or language, person.timezone or timezone

    @property
    def fate(self) -> Fate:
        if self.id is None:
            return Fate.NEW
        return Fate.CHANGED if self.fields or self.renamed or self.has_other_numbers else Fate.SAME


OWN = ("name", "language", "timezone")
NOTHING = ("", "", "")  # of OWN


def compare(person: Person, stored: Stored | None) -> Change:
    """`stored`: what is kept under the same key."""
    if stored is None:
        return Change(person, None, person.numbers, person.headings, NOTHING)
    fields = [key for key, value in person.fields.items() if stored.fields.get(key) != (value.text, value.kind)]
    told, before = (person.name, person.language, person.timezone), (stored.name, stored.language, stored.timezone)
    kept = tuple("" if one else other for one, other in zip(told, before, strict=True))
    numbers = person.numbers if person.numbers == stored.numbers else merged(person.numbers, stored.numbers)
    return Change(
        person,
        stored.id,
        numbers,
        tuple(fields),
        kept if any(kept) else NOTHING,  # one object for all: a list has many thousands
        numbers != stored.numbers,
        () if told == before else _renamed(told, before),
    )


def _renamed(told: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, one, other in zip(OWN, told, before, strict=True) if one and one != other)


def merged(told: Sequence[Number], kept: Sequence[Number]) -> tuple[Number, ...]:
    """Those of the list first, then what came from other columns."""
    kinds = {number.kind for number in told}
    msisdns = {number.msisdn for number in told}
    others = [number for number in kept if number.kind not in kinds and number.msisdn not in msisdns]
    return (*told, *others)
