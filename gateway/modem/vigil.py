"""The line to a modem without a SIM, or with a locked one, stays open: some tell unasked when another card is put in.

What they say: 3GPP TS 27.007, 8.3, and the makers' own codes. Those that say nothing are asked at a slow pace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.modem.pin import NO_SIM_WORDS


@dataclass(frozen=True, slots=True)
class Tale:
    """How a result code says that there is no SIM: this word, in this of its fields."""

    field: int
    words: frozenset[str]


TALES: Mapping[str, Tale] = {
    "+CPIN": Tale(0, NO_SIM_WORDS),
    "+QSIMSTAT": Tale(-1, frozenset({"0"})),  # <enable>,<inserted>
    "^SIMST": Tale(0, frozenset({"255"})),  # other numbers: valid, or for what it is not
    "#QSS": Tale(-1, frozenset({"0"})),  # 1 inserted, 2 unlocked, 3 ready
}


def tells_of_sim(line: str) -> bool | None:
    """Whether an unasked line says that there is a SIM, usable or not; None: it says neither."""
    name, _, words = line.partition(":")
    tale = TALES.get(name.strip().upper())
    fields = [field.strip().strip('"').upper() for field in words.split(",")]
    if tale is None or not fields[tale.field]:
        return None
    return fields[tale.field] not in tale.words


class Vigil:
    """Calls once for each card that comes; one that was there all along, locked, is none. The reader's thread hears."""

    def __init__(self, came: Callable[[], None], *, is_missing: bool) -> None:
        self._came = came
        self._is_missing = is_missing

    def hear(self, line: str) -> None:
        is_there = tells_of_sim(line)
        if is_there and self._is_missing:
            self._came()
        if is_there is not None:
            self._is_missing = not is_there
