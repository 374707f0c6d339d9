"""A search for one modem among ports that answer when they like, and come while it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field

from gateway.modem.probing import Answer, Found, Nobody, Prober
from gateway.modem.readiness import Identity

GATHER_S = 10.0  # the longest that it waits for answers; what comes later is known at the next search
LOOK_S = 0.3  # a stick's ports come one after the other: between two looks for more
SIBLINGS_S = 0.5  # they answer together: so long the best of them is waited for


@dataclass(slots=True)
class Search:
    """One search; `problems` says why ports were of no use."""

    prober: Prober
    stick_of: Callable[[str], str]
    baudrate: int
    is_wanted: Callable[[Identity], bool]
    is_hasty: bool = True  # over as soon as one who is wanted has answered, with the other ports of its stick
    answered: list[Found] = field(default_factory=list)  # wanted or not
    problems: list[Nobody] = field(default_factory=list)
    _pending: dict[Future[Answer], str] = field(default_factory=dict)  # to each the stick
    _asked: set[str] = field(default_factory=set)

    @property
    def found(self) -> list[Found]:
        """Every port of the sticks that are wanted: one whose SIM is busy does not tell on each who it is."""
        wanted = {self.stick_of(each.port) for each in self.answered if self.is_wanted(each.identity)}
        return [each for each in self.answered if self.stick_of(each.port) in wanted]

    @property
    def count(self) -> int:
        """How many ports there were."""
        return len(self._asked)

    def run(self, paths: Callable[[], Iterable[str]]) -> None:
        """Until it is known who answers."""
        until = time.monotonic() + GATHER_S
        self._ask(paths())
        while self._pending and time.monotonic() < until:
            wait(self._pending, max(0.0, min(LOOK_S, until - time.monotonic())), FIRST_COMPLETED)
            self._take()
            if self.is_hasty and any(each.takes_sms for each in self.found):
                until = min(until, time.monotonic() + SIBLINGS_S)
                self._leave_others()
            else:
                self._ask(paths())

    def _ask(self, paths: Iterable[str]) -> None:
        for path in paths:
            if path not in self._asked:
                self._asked.add(path)
                self._pending[self.prober.answer(path, self.baudrate)] = self.stick_of(path)

    def _take(self) -> None:
        for future in [future for future in self._pending if future.done()]:
            del self._pending[future]
            answer = future.result()
            if isinstance(answer, Nobody):
                self.problems.append(answer)
            else:
                self.answered.append(answer)

    def _leave_others(self) -> None:
        """Only the other ports of the found one's stick are waited for now."""
        sticks = {self.stick_of(each.port) for each in self.found}
        self._pending = {future: stick for future, stick in self._pending.items() if stick in sticks}
