"""What a patient writes to the clinic, and when the gateway was told of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

# As patients write them, and what each asks for: no more (True), again (False), or neither.
WISHES: dict[bool | None, tuple[str, ...]] = {
    True: ("СТОП", "Stop", "«Не присылать»", "отписаться", "退订", "  STOP\n"),
    False: ("START", "старт", "Возобновить", "подписаться"),
    None: ("СТОП, а во сколько приём?", "Please stop by at ten", "Start at ten?", "Не присылайте анализы"),
}


@dataclass
class Telling:
    """The gateway was told at one moment, and has acknowledged it at another: in between it has written it down."""

    since: float
    until: float = math.inf


@dataclass(eq=False)
class Word:
    """One SMS of a patient."""

    sender: str
    text: str = field(repr=False)
    wish: bool | None = None
    tellings: list[Telling] = field(default_factory=list)
    parts: set[str] = field(default_factory=set, repr=False)  # on SIMs, which nobody has acknowledged: PDUs

    def tell(self, moment: float) -> Telling:
        """Once more: whoever says so knows nothing of the time before."""
        self.tellings.append(Telling(moment))
        return self.tellings[-1]

    def read(self, moment: float) -> Telling:
        """From a SIM, where it bears its service centre's time: told again it is the same."""
        return self.tellings[0] if self.tellings else self.tell(moment)

    def acknowledge(self, part: str, moment: float) -> None:
        """One that was read: a long text is written down with its last part."""
        self.parts.discard(part)
        told = self.read(moment)
        told.until = told.until if self.parts else min(told.until, moment)

    @property
    def sure(self) -> Telling | None:
        """Between these moments it was written down; None when it may never have been."""
        until = min((each.until for each in self.tellings), default=math.inf)
        return None if until == math.inf else Telling(self.tellings[0].since, until)
