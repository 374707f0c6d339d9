"""The database is asked about a list's first messages while its later rows are still read and looked at.

SQLite works on a processor of its own meanwhile: of a list of 100,000 that is half a second which nobody waits for. A
short list is asked about at its end, as is what comes from no file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from operator import is_
from typing import TYPE_CHECKING

from gateway.cli.context import opened
from gateway.merge.earlier import known_keys
from gateway.merge.plan import key_of
from gateway.queue import history

if TYPE_CHECKING:
    from gateway.merge.plan import Planned
    from gateway.settings import Settings

PORTION = 10_000  # messages asked about at one time; of smaller ones SQLite reads the same pages again and again
LAST = 4  # parts of a portion, of which one is enough near the end: nobody shall wait for a whole portion there


@dataclass(frozen=True, slots=True)
class Looked:
    """What the database says of some messages."""

    keys: list[tuple[Planned, str]] = field(repr=False)
    known: frozenset[str] = field(repr=False)  # of the keys: an earlier import has queued them
    found: history.Found = field(repr=False)  # of the numbers of the others
    asked: history.Asked


class Ahead:
    """A thread with a connection of its own; both come with the first portion."""

    def __init__(self, settings: Settings, asked: history.Asked, run: str, size: int) -> None:
        self._settings = settings
        self._size = size
        self._asked = asked
        self._run = run
        self._pool = ThreadPoolExecutor(1)
        self._connection: sqlite3.Connection | None = None
        self._portions: list[Sequence[Planned]] = []
        self._answers: list[Future[Looked]] = []

    def take(self, messages: Sequence[Planned], rows_left: int | None = None) -> None:
        """All so far; those not seen before are asked about as soon as they are enough. `rows_left`: where known."""
        is_near_end = rows_left is not None and rows_left < self._size
        enough = max(1, self._size // LAST) if is_near_end and self._taken else self._size
        while len(messages) - self._taken >= enough and self._settings.gateway.database.exists():
            self._ask(messages[self._taken : self._taken + self._size])

    def looked(self, messages: Sequence[Planned]) -> Looked | None:
        """Of all messages; None where they are few, or became others at the end. Raises what the thread has met."""
        if not self._taken or len(messages) < self._taken or not all(map(is_, chain(*self._portions), messages)):
            return None
        self._ask(messages[self._taken :])
        return _together([answer.result() for answer in self._answers], self._asked)

    def close(self) -> None:
        """Also in the middle of a question."""
        with suppress(sqlite3.ProgrammingError):  # it is closed already
            if self._connection is not None:
                self._connection.interrupt()
        self._pool.shutdown(cancel_futures=True)

    @property
    def _taken(self) -> int:
        return sum(map(len, self._portions))

    def _ask(self, portion: Sequence[Planned]) -> None:
        self._portions.append(portion)
        self._answers.append(self._pool.submit(self._look, portion))

    def _look(self, portion: Sequence[Planned]) -> Looked:
        keys = [(message, key_of(message, self._run)) for message in portion]
        with opened(self._settings) as self._connection:
            known = known_keys(self._connection, (key for _message, key in keys))
            numbers = [message.msisdn for message, key in keys if key not in known]
            return Looked(keys, known, history.last(self._connection, numbers, self._asked), self._asked)


@contextmanager
def looking_ahead(settings: Settings, asked: history.Asked, run: str) -> Iterator[Ahead]:
    """`run`: what belongs to the keys of this import."""
    ahead = Ahead(settings, asked, run, PORTION)
    try:
        yield ahead
    finally:
        ahead.close()


def _together(parts: Sequence[Looked], asked: history.Asked) -> Looked:
    found: history.Found = {}
    for part in parts:
        found.update(part.found)
    keys = list(chain.from_iterable(part.keys for part in parts))
    return Looked(keys, frozenset(chain.from_iterable(part.known for part in parts)), found, asked)
