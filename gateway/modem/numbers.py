"""[pure] Whole numbers in what modems write. A run of digits without measure, which line noise can make, is none.

Python refuses to read thousands of digits, and reading such a line must never end a conversation.
"""

from __future__ import annotations

MOST_DIGITS = 9  # no length, index, state or error has more


def whole(text: str) -> int | None:
    """The number that all of `text` is, else None."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
