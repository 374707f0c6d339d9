"""[pure] How long something lasts, as people write it: 600, "90 s", "10 min", "2 h", "3 дня", "24小时" -> seconds."""

from __future__ import annotations

import math
import re

LENGTHS_S = {
    1: "s sec second seconds с сек секунда секунду секунды секунд 秒 秒钟",
    60: "min minute minutes мин минута минуту минуты минут 分 分钟",
    3600: "h hour hours ч час часа часов 小时 个小时",
    86400: "d day days д дн день дня дней сутки суток 天",
}
UNITS_S = {"": 1} | {word: length_s for length_s, words in LENGTHS_S.items() for word in words.split()}
WRITTEN = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(?:([^\W\d_]+)\.?)?\s*")


def seconds(value: object) -> float:
    """The duration in seconds; raises ValueError for anything that is not one."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("not a duration")
    return float(value)


def _from_text(text: str) -> float:
    written = WRITTEN.fullmatch(text)
    unit = (written[2] or "").lower() if written else None
    if written is None or unit not in UNITS_S:
        raise ValueError("not a duration")
    return float(written[1]) * UNITS_S[unit]


def words(duration_s: float) -> str:
    """The shortest way to write it that reads back the same: 900 -> "15 min"."""
    for unit, length_s in (("days", 86400), ("h", 3600), ("min", 60)):
        if duration_s >= 2 * length_s and duration_s % length_s == 0:
            return f"{int(duration_s // length_s)} {unit}"
    return f"{round(duration_s, 6):.6f}".rstrip("0").rstrip(".") + " s"
