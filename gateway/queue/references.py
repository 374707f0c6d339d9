"""[pure] Concatenation references (3GPP TS 23.040, 9.2.3.24.1): a phone joins parts by sender and reference,
so the same reference must not be under way twice towards one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NARROW = 256  # 8-bit references, which cost one character less
WIDE = 65536  # 16-bit ones, for a number that has all the others under way


@dataclass(frozen=True, slots=True)
class Used:
    """A reference given to an earlier long message to the same number."""

    reference: int
    is_wide: bool
    is_under_way: bool  # its parts may still arrive


@dataclass(frozen=True, slots=True)
class Reference:
    number: int
    is_wide: bool = False


def following(newest_first: Sequence[Used], first: int) -> Reference:
    """The next reference towards a number; `first` when it never got a long message."""
    narrow = [used for used in newest_first if not used.is_wide]
    start = narrow[0].reference + 1 if narrow else first
    taken = {used.reference for used in narrow if used.is_under_way}
    free = (number % NARROW for number in range(start, start + NARROW) if number % NARROW not in taken)
    number = next(free, None)
    return _following_wide(newest_first) if number is None else Reference(number)


def _following_wide(newest_first: Sequence[Used]) -> Reference:
    last = next((used.reference for used in newest_first if used.is_wide), 0)
    return Reference((last + 1) % WIDE, is_wide=True)
