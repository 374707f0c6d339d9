"""[pure] The weekday that people, and long date forms of spreadsheets, write beside a date: `05.12.2026 (сб)`,
`Saturday, December 5, 2026`, `2026年12月5日星期六`."""

from __future__ import annotations

import re

from gateway.merge.words import CHINESE_DAYS, DAYS, ENGLISH_DAYS, SHORT_DAYS

LONGEST = 80  # signs of a date with its weekday and time

# Monday is 0, as Python counts.
NUMBERS = {
    word.lower(): number
    for number, (forms, short, english, sign) in enumerate(
        zip(DAYS, SHORT_DAYS, ENGLISH_DAYS, CHINESE_DAYS, strict=True)
    )
    for word in (*forms, short, english, english[:3], *(f"{name}{sign}" for name in ("星期", "周", "礼拜")))
} | {"星期天": 6, "周天": 6, "礼拜天": 6, "tues": 1, "thur": 3, "thurs": 3}
WORDS = "|".join(sorted(NUMBERS, key=len, reverse=True))
WEEKDAY = re.compile(rf"[\s,，]*[(（]?(?<![a-zа-яё])(?P<word>{WORDS})(?![a-zа-яё])\.?[)）]?[\s,，]*", re.IGNORECASE)


def parted(text: str) -> tuple[str, int] | None:
    """The text without its weekday, and the weekday's number; None where it names none."""
    found = WEEKDAY.search(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    return f"{text[: found.start()]} {text[found.end() :]}".strip(), NUMBERS[found["word"].lower()]
