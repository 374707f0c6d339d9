"""[pure] Texts that show what a list says: the first, the longest, the shortest, and others from all over it."""

from __future__ import annotations

from collections.abc import Sequence


def chosen(texts: Sequence[str], count: int) -> list[str]:
    """At most so many different ones."""
    if not texts:
        return []
    evenly = [texts[place * len(texts) // count] for place in range(count)]
    return list(dict.fromkeys([texts[0], max(texts, key=len), min(texts, key=len), *evenly]))[:count]
