"""[pure] One finding of the doctor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is well, what was seen, and what to do."""

    check: str
    ok: bool
    finding: str
    remedy: str = ""
