"""The workers, each with the settings that it was made for; one that is replaced ends what it has in the air first.

The fleet decides who comes and goes; here is only how. Any thread may read `members`, which is replaced whole.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from gateway.settings import ModemSettings, SmppSettings
from gateway.worker.loop import Worker

STOP_MARGIN_S = 15.0  # beside the longest that an SMS in the air may take

S = TypeVar("S", bound=ModemSettings | SmppSettings)


@dataclass(frozen=True, slots=True)
class Member(Generic[S]):
    """One worker and what it was made for."""

    settings: S
    worker: Worker
    is_found: bool  # nobody configured it

    @property
    def name(self) -> str:
        return self.settings.name


@dataclass(frozen=True, slots=True)
class Leaving(Generic[S]):
    """A worker that ends, and who comes after it."""

    member: Member[S]
    successor: tuple[S, bool] | None


class Crew(Generic[S]):
    """Who works, of one kind of carrier."""

    def __init__(self, hire: Callable[[S], Worker]) -> None:
        self._hire = hire
        self._changing = threading.Lock()
        self._leaving: tuple[Leaving[S], ...] = ()
        self._has_ended = False
        self.members: tuple[Member[S], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """Also of those that are just being replaced."""
        coming = (leaving.successor[0].name for leaving in self._leaving if leaving.successor)
        return frozenset([member.name for member in self.members]).union(coming)

    @property
    def everybody(self) -> tuple[Member[S], ...]:
        """Also those that end what they have in the air."""
        return (*self.members, *(leaving.member for leaving in self._leaving))

    @property
    def longest_s(self) -> float:
        """The longest that an SMS of theirs may be in the air."""
        return max((member.worker.answer_wait_s for member in self.everybody), default=0.0)

    def start(self, settings: S, *, is_found: bool = False) -> None:
        """Put a carrier into service."""
        with self._changing:
            if not self._has_ended:
                self._start(settings, is_found)

    def dismiss(self, name: str, successor: S | None = None, *, is_found: bool = False) -> None:
        """Let a worker end what it has in the air, then go; its successor begins when it has gone. Returns at once."""
        with self._changing:
            for member in [member for member in self.members if member.name == name]:
                self.members = tuple(other for other in self.members if other is not member)
                self._leaving = (*self._leaving, Leaving(member, (successor, is_found) if successor else None))
                member.worker.stop()

    def keep(self, is_wanted: Callable[[S, bool], bool]) -> None:
        """Of those that were to come after one who still ends, only these do: by its settings, and whether found."""
        with self._changing:
            self._leaving = tuple(
                leaving if leaving.successor and is_wanted(*leaving.successor) else Leaving(leaving.member, None)
                for leaving in self._leaving
            )

    def amend(self, member: Member[S], settings: S) -> None:
        """Its settings are others, and its worker goes by them already."""
        with self._changing:
            changed = replace(member, settings=settings)
            self.members = tuple(changed if other is member else other for other in self.members)

    def tick(self) -> bool:
        """Start the successors of those that have gone; whether anybody has."""
        with self._changing:
            gone = [leaving for leaving in self._leaving if leaving.member.worker.join(0.0)]
            self._leaving = tuple(leaving for leaving in self._leaving if leaving not in gone)
            for successor in [leaving.successor for leaving in gone if leaving.successor]:
                if not self._has_ended:
                    self._start(*successor)
        return bool(gone)

    def stop(self) -> bool:
        """No SMS begins any more, those in the air finish; whether all ended in time."""
        with self._changing:
            self._has_ended = True
            workers = [member.worker for member in self.everybody]
        for worker in workers:
            worker.stop()
        deadline = time.monotonic() + self.longest_s + STOP_MARGIN_S
        are_done = [worker.join(max(0.0, deadline - time.monotonic())) for worker in workers]
        return all(are_done)

    def _start(self, settings: S, is_found: bool) -> None:
        """Where one of the same name still ends, after that."""
        if before := next((leaving for leaving in self._leaving if leaving.member.name == settings.name), None):
            others = tuple(leaving for leaving in self._leaving if leaving is not before)
            self._leaving = (*others, Leaving(before.member, (settings, is_found)))
            return
        member = Member(settings, self._hire(settings), is_found)
        self.members = (*self.members, member)
        member.worker.start()
