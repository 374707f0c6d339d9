"""[pure] Over which carriers a message may go, and which of them it takes: what the [[route]] tables say, evaluated.

A *way* is what the queue keeps of it, in `outbox.route`: '' any carrier; one name; or several, a line each, the better
one first. An empty line before them means that none is better: whichever has most of its allowance left takes it.
A name is printable, so it holds no line break. Who of a way serves it now is asked anew all the time (`server`), so
a fail-over moves no message, however many wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

ANY = ""
MARK = "\n"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a route may ask of a message."""

    msisdn: str = field(repr=False)
    category: str
    sender: str = ""
    segments: int = 1


@dataclass(frozen=True, slots=True)
class Route:
    """One [[route]] table: for which messages, and over which carriers they go. A condition that is empty is none."""

    carriers: tuple[str, ...]  # the better one first; by cost: the cheapest first
    categories: Collection[str] = ()
    prefixes: Collection[str] = ()
    senders: Collection[str] = ()
    min_sms: int | None = None
    max_sms: int | None = None
    weights: tuple[int, ...] = ()  # one for each carrier: by these the load is spread
    is_shared: bool = False  # it is spread by what each has left

    def fits(self, facts: Facts) -> bool:
        """Whether this table is about the message."""
        return (
            (not self.categories or facts.category in self.categories)
            and (not self.senders or facts.sender in self.senders)
            and (not self.prefixes or facts.msisdn.startswith(tuple(self.prefixes)))
            and (self.min_sms is None or facts.segments >= self.min_sms)
            and (self.max_sms is None or facts.segments <= self.max_sms)
        )

    def order(self, msisdn: str) -> tuple[str, ...]:
        """The carriers for this number, the better one first; with weights the one that it was dealt, then the next."""
        if not self.weights:
            return self.carriers
        first = _dealt(msisdn, self.weights)
        return (*self.carriers[first:], *self.carriers[:first])


@dataclass(frozen=True, slots=True)
class Opening:
    """A way that one carrier may take messages of now."""

    way: str
    is_first: bool = True  # else only what is urgent and was left, or what another one failed with
    is_shared: bool = False


def fitting(routes: Sequence[Route], facts: Facts) -> int | None:
    """The first table that is about the message, counted from 0; None: none is."""
    return next((number for number, route in enumerate(routes) if route.fits(facts)), None)


def way_of(routes: Sequence[Route], facts: Facts, bearers: Sequence[str] | None = None) -> str | None:
    """The way of a message; None when nobody may carry it. `bearers`: those that have its sender; None: any will do."""
    number = fitting(routes, facts)
    if number is None:
        return ANY if bearers is None else way(bearers, is_shared=True)
    route = routes[number]
    names = [name for name in route.order(facts.msisdn) if bearers is None or name in bearers]
    return way(names, is_shared=route.is_shared)


def way(names: Iterable[str], *, is_shared: bool = False) -> str | None:
    """As the queue writes it; None for no name at all."""
    distinct = list(dict.fromkeys(names))
    if len(distinct) < 2:
        return distinct[0] if distinct else None
    return MARK.join(["", *distinct] if is_shared else distinct)


def names_of(written: str) -> tuple[str, ...]:
    """The carriers of a way, the better one first; none: any."""
    return tuple(name for name in written.split(MARK) if name)


def is_several(written: str) -> bool:
    """Whether more than one carrier is named."""
    return MARK in written


def is_shared(written: str) -> bool:
    """Whether none of several is better."""
    return written.startswith(MARK)


def server(names: Sequence[str], able: Collection[str], steady: Collection[str]) -> str | None:
    """Who serves an ordered way: the best one that can send. One that has only just come back waits for its turn, as
    long as another serves. None: nobody can."""
    both = [name for name in names if name in able and name in steady]
    return next(iter(both or [name for name in names if name in able]), None)


def openings(ways: Iterable[str], able: Collection[str], steady: Collection[str]) -> Mapping[str, tuple[Opening, ...]]:
    """Of each carrier the ways that it may take from. Where nobody can send, whoever comes first may begin."""
    found: dict[str, list[Opening]] = {}
    for written in ways:
        names, is_equal = names_of(written), is_shared(written)
        first = None if is_equal else server(names, able, steady)
        for name in names:
            found.setdefault(name, []).append(Opening(written, first in (None, name), is_equal))
    return {name: tuple(each) for name, each in found.items()}


def _dealt(msisdn: str, weights: Sequence[int]) -> int:
    """The same one for a number as long as the weights stay: a patient goes on hearing from the same sender."""
    digest = hashlib.blake2b(msisdn.encode(), digest_size=8).digest()
    drawn = int.from_bytes(digest, "big") % sum(weights)
    for place, weight in enumerate(weights):
        drawn -= weight
        if drawn < 0:
            return place
    raise AssertionError(weights)  # pragma: no cover - the weights add up to more than what was drawn
