"""[pure] Times as text: UTC with milliseconds and Z when written, any ISO 8601 when read.

A written time sorts as text, so SQL compares times as it compares strings.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo


def to_text(moment: datetime) -> str:
    """`2026-11-22T08:30:00.000Z`; `moment` is aware."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat("T", "milliseconds")[:-6] + "Z"


def from_text(text: str) -> datetime:
    """Read back what `to_text` wrote."""
    return datetime.fromisoformat(text)


def optional_text(moment: datetime | None) -> str | None:
    """`to_text`, or None for none."""
    return None if moment is None else to_text(moment)


def optional_time(text: str | None) -> datetime | None:
    """`from_text`, or None for none."""
    return None if text is None else from_text(text)


def read(text: str, zone: tzinfo) -> datetime:
    """Any ISO 8601 date or time, in UTC; without an offset it is in `zone`. ValueError when it is none.

    A date alone is its first moment. In the hour that a clock change skips or repeats, the earlier offset counts.
    """
    moment = _iso(text.strip().upper())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _iso(text: str) -> datetime:
    """Extended and basic forms; `24:00` is the next midnight's name, and Python's reader knows only 00:00."""
    if text.endswith(("T24:00", "T24:00:00", " 24:00", " 24:00:00")):
        raise ValueError("24:00")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.combine(date.fromisoformat(text), time())
