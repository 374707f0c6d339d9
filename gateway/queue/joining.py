"""[pure] The parts of an incoming long message, put together by set: in any order, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

HOLE = "[…]"  # stands where parts are missing


@dataclass(frozen=True, slots=True)
class Part:
    """One incoming SMS of a long message."""

    key: int
    number: int  # 1 to total
    total: int
    text: str | None = field(repr=False)
    sent_at: str | None
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """What the parts make."""

    body: str = field(repr=False)
    is_complete: bool
    sent_at: str | None  # when its first part was sent


def is_whole(parts: Iterable[Part], total: int) -> bool:
    """Whether every part is there."""
    return {part.number for part in parts}.issuperset(range(1, total + 1))


def join(parts: Sequence[Part]) -> Joined:
    """By number, with a mark for each gap; of two parts with one number the first that came counts."""
    by_number = {part.number: part for part in reversed(parts)}
    total = parts[0].total
    pieces: list[str] = []
    for number in range(1, total + 1):
        part = by_number.get(number)
        if part is not None:
            pieces.append(part.text or "")
        elif pieces[-1:] != [HOLE]:
            pieces.append(HOLE)
    is_complete = len(by_number) == total and not any(part.is_damaged for part in parts)
    return Joined("".join(pieces), is_complete, min((part.sent_at for part in parts if part.sent_at), default=None))
