"""A search for one modem among ports that answer when they like, and come while it goes on.

A stick may take SMS by several of its ports, and only one of them is the right one. On a busy machine that one may be
the last to answer, so it is waited for, and asked once more, before another one is settled for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from gateway.errors import Cause
from gateway.modem.probing import Answer, Found, Nobody, Prober
from gateway.modem.readiness import Identity
from gateway.modem.usb import NAMED, Rank

GATHER_S = 10.0  # the longest that it waits for answers; what comes later is known at the next search
LOOK_S = 0.3  # a stick's ports come one after the other: between two looks for more
SIBLINGS_S = 0.5  # they answer together: at least so long a better one is waited for


@dataclass(slots=True)
class Search:
    """One search; `problems` says why ports were of no use."""

    prober: Prober
    stick_of: Callable[[str], str]
    rank_of: Callable[[str], Rank]
    baudrate: int
    is_wanted: Callable[[Identity], bool]
    is_hasty: bool = True  # over as soon as one who is wanted has answered, and the better ports of its stick have too
    answered: list[Found] = field(default_factory=list)  # wanted or not
    problems: list[Nobody] = field(default_factory=list)
    _pending: dict[Future[Answer], str] = field(default_factory=dict)  # to each the port
    _asked: set[str] = field(default_factory=set)
    _asked_again: set[str] = field(default_factory=set)

    @property
    def found(self) -> list[Found]:
        """The ports of the sticks that are wanted."""
        return self.of(self.is_wanted)

    def of(self, is_wanted: Callable[[Identity], bool]) -> list[Found]:
        """Every port of the sticks that these are: one whose SIM is busy does not tell on each who it is."""
        wanted = {self.stick_of(each.port) for each in self.answered if is_wanted(each.identity)}
        return [each for each in self.answered if self.stick_of(each.port) in wanted]

    @property
    def count(self) -> int:
        """How many ports there were."""
        return len(self._asked)

    def run(self, paths: Callable[[], Iterable[str]]) -> None:
        """Until it is known who answers."""
        began_at = time.monotonic()
        until = end = began_at + GATHER_S
        found_at: float | None = None
        self._ask(paths())
        while self._pending and time.monotonic() < until:
            wait(self._pending, max(0.0, min(LOOK_S, until - time.monotonic())), FIRST_COMPLETED)
            self._take()
            best = self._best() if self.is_hasty else {}
            if best:
                found_at = found_at or time.monotonic()
                self._await_better(best)
                until = end if self._awaits_named() else min(end, _as_long_again(began_at, found_at))
            else:
                self._ask(paths())

    def _ask(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._asked:
                self._asked.add(path)
                self._pending[self.prober.answer(path, self.baudrate)] = path

    def _take(self) -> None:
        for future in [future for future in self._pending if future.done()]:
            del self._pending[future]
            answer = future.result()
            if isinstance(answer, Nobody):
                self.problems.append(answer)
            else:
                self.answered.append(answer)

    # The better ports of a stick that was found.

    def _best(self) -> dict[str, Rank]:
        """The rank of each wanted stick's best port so far; empty as long as none takes SMS."""
        best: dict[str, Rank] = {}
        for each in self.found:
            if each.takes_sms:
                stick, rank = self.stick_of(each.port), self.rank_of(each.port)
                best[stick] = min(rank, best.get(stick, rank))
        return best

    def _await_better(self, best: dict[str, Rank]) -> None:
        """Only better ports of the sticks that were found are waited for now; a named one gets another chance."""
        self._pending = {future: path for future, path in self._pending.items() if self._is_better(path, best)}
        for each in self.problems:
            path = each.port
            is_due = each.cause is Cause.SILENT and self._is_named(path) and path not in self._asked_again
            if is_due and self._is_better(path, best):
                self._asked_again.add(path)
                self.prober.forget(path)
                self._pending[self.prober.answer(path, self.baudrate)] = path

    def _is_better(self, path: str, best: dict[str, Rank]) -> bool:
        found = best.get(self.stick_of(path))
        return found is not None and self.rank_of(path) < found

    def _is_named(self, path: str) -> bool:
        return self.rank_of(path)[0] == NAMED

    def _awaits_named(self) -> bool:
        return any(self._is_named(path) for path in self._pending.values())


def _as_long_again(began_at: float, found_at: float) -> float:
    """Where one port took long to answer the next one may too."""
    return found_at + max(SIBLINGS_S, found_at - began_at)
