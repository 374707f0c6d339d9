"""[pure] Messages in a modem's storage, as +CMGL and +CMGR list them in PDU mode (3GPP TS 27.005, 4.1 and 4.2).

Header lines lack fields or have one too many, so only their shape is trusted: the index comes first, the length last.
The line behind a header is its PDU, whatever it looks like: what can't be decoded is kept as damaged, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from gateway.modem import numbers

LIST_PREFIX, READ_PREFIX = "+CMGL:", "+CMGR:"
OURS = frozenset({2, 3})  # <stat>: stored by ourselves, unsent and sent
TEXT_MODE = re.compile(r"\+CMG[LR]:[^\"]*\"(?:REC|STO)")  # "REC UNREAD": the modem fell back into text mode


@dataclass(frozen=True, slots=True)
class Stored:
    """One message in a storage."""

    index: int
    pdu: str = field(repr=False)
    length: int | None = None  # octets of the TPDU, as the header says


def is_text_mode(lines: Sequence[str]) -> bool:
    """Whether the modem answered in text mode, in which nothing can be trusted."""
    return any(TEXT_MODE.match(line) for line in lines)


def listed(lines: Sequence[str]) -> list[Stored]:
    """The messages of a +CMGL answer that came from the network."""
    found = []
    for header, following in pairwise([*lines, LIST_PREFIX]):
        if header.startswith(LIST_PREFIX) and not following.startswith(LIST_PREFIX):
            fields = _numbers(header)
            if fields and fields[0] is not None and (len(fields) < 2 or fields[1] not in OURS):
                found.append(Stored(fields[0], following, _length(fields[1:])))
    return found


def count_own(lines: Sequence[str]) -> int:
    """How many messages of a +CMGL answer were written into the storage by somebody who had it before us."""
    fields = (_numbers(line) for line in lines if line.startswith(LIST_PREFIX))
    return sum(len(each) > 1 and each[1] in OURS for each in fields)


def read(lines: Sequence[str], index: int) -> Stored | None:
    """The message of a +CMGR answer; None for an empty slot."""
    for header, following in pairwise(lines):
        if header.startswith(READ_PREFIX):
            fields = _numbers(header)
            return Stored(index, following, _length(fields)) if len(fields) < 2 or fields[0] not in OURS else None
    return None


def _numbers(header: str) -> list[int | None]:
    return [numbers.whole(part.strip()) for part in header.partition(":")[2].split(",")]


def _length(fields: Sequence[int | None]) -> int | None:
    return fields[-1] if fields else None
