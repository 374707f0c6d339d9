"""What a carrier asks the queue for, and which message goes first of all that it may take."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.queue import statements
from gateway.queue.ways import Seeker
from gateway.routing import Opening

LOOKED = 500  # messages among which one is sought that fits into what is left of a limit


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages a carrier may take."""

    carrier: str
    line: str
    room: int | None = None  # the SMS left before a limit
    least_rank: int = 0  # what weighs less is left
    least_shared: int = 0  # the same for what any carrier may take
    openings: Sequence[Opening] = ()  # the ways of several carriers that are open to it
    singly: bool = False  # a row has refused to be taken: it is left for a while

    @property
    def values(self) -> dict[str, object]:
        ranks = {"least_rank": self.least_rank, "least_shared": max(self.least_rank, self.least_shared)}
        return {"carrier": self.carrier, "room": self.room, "looked": LOOKED, **ranks}

    def first(self, connection: sqlite3.Connection, now: datetime) -> Due | None:
        """What goes first of all that it may take."""
        own = self._first(connection)
        found = [] if own is None else [own]
        if self.openings:
            seeker = Seeker(self.carrier, now, self.room, self.least_rank, self.least_shared)
            found += [Due(*row) for row in seeker.rows(connection, self.openings)]  # type: ignore[arg-type]
        return min(found, key=lambda due: (-due.rank, due.id), default=None)

    def _first(self, connection: sqlite3.Connection) -> Due | None:
        """Of what any carrier or this one may take. Only where the first is not allowed a limit costs a search."""
        due = _due(connection, statements.FIRST_DUE, self.values)
        return due if due is None or self._allows(due) else _due(connection, statements.FIRST_ALLOWED, self.values)

    def _allows(self, due: Due) -> bool:
        return due.rank >= self.least_rank and (self.room is None or due.segments <= self.room)


@dataclass(frozen=True, slots=True)
class Due:
    """A message that a carrier may take."""

    id: int
    expires: str | None
    msisdn: str = field(repr=False)
    segments: int  # as they were counted when it was examined
    attempts: int  # before this one
    is_new: bool  # no carrier has taken it, and nobody has let it go
    rank: int
    campaign: object = None  # a writer may have put anything there


def _due(connection: sqlite3.Connection, query: str, values: dict[str, object]) -> Due | None:
    row = connection.execute(query, values).fetchone()
    return None if row is None else Due(*row)
