"""The bank's journal, read while it grows: when each AT+CMGS came in and when its answer left.

All times are of the machine's monotonic clock, which its processes share.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

LOOK_S = 0.002  # between two looks at the file


@dataclass(frozen=True, slots=True)
class Submit:
    """One SMS that the network took."""

    modem: str
    recipient: str
    command_at: float  # AT+CMGS came in
    answer_at: float  # +CMGS: n had been written


class Journal:
    """Every submit so far in `submits`, oldest first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self.submits: list[Submit] = []

    def read(self) -> list[Submit]:
        """Take in the lines that are new and whole; gives all submits."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            octets = file.read()
        whole = octets[: octets.rfind(b"\n") + 1]
        self._offset += len(whole)
        self.submits += [_submit(line) for line in whole.splitlines() if b'"submitted"' in line]
        return self.submits

    def wait_for(self, count: int, patience_s: float) -> list[Submit]:
        """All submits, as soon as there are `count` of them."""
        deadline = time.monotonic() + patience_s
        while len(self.read()) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.submits)} of {count} SMS went out within {patience_s:.0f} s")
            time.sleep(LOOK_S)
        return self.submits


def gaps(submits: Sequence[Submit]) -> list[float]:
    """Seconds from each answer to the same modem's next AT+CMGS."""
    by_modem: dict[str, list[Submit]] = {}
    for submit in submits:
        by_modem.setdefault(submit.modem, []).append(submit)
    return [later.command_at - earlier.answer_at for one in by_modem.values() for earlier, later in pairwise(one)]


def _submit(line: bytes) -> Submit:
    fields = json.loads(line)
    return Submit(fields["modem"], fields["recipient"], fields["command_at"], fields["answer_at"])
