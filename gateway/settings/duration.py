"""[pure] How long something lasts, as people write it: 600, "90 s", "10 min", "2 h", "3 days" -> seconds."""

from __future__ import annotations

import math
import re

UNITS_S = {
    "": 1,
    "s": 1,
    "sec": 1,
    "second": 1,
    "seconds": 1,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
}
WRITTEN = re.compile(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]*)\s*", re.IGNORECASE | re.ASCII)


def seconds(value: object) -> float:
    """The duration in seconds; raises ValueError for anything that is not one."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("not a duration")
    return float(value)


def _from_text(text: str) -> float:
    written = WRITTEN.fullmatch(text)
    if written is None or written[2].lower() not in UNITS_S:
        raise ValueError("not a duration")
    return float(written[1]) * UNITS_S[written[2].lower()]


def words(duration_s: float) -> str:
    """The shortest way to write it that reads back the same: 900 -> "15 min"."""
    for unit, length_s in (("days", 86400), ("h", 3600), ("min", 60)):
        if duration_s >= 2 * length_s and duration_s % length_s == 0:
            return f"{int(duration_s // length_s)} {unit}"
    return f"{round(duration_s, 6):.6f}".rstrip("0").rstrip(".") + " s"
