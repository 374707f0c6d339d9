"""[pure] Mobile numbers so plain that they need no looking up: a list has thousands of them, and a look-up takes 40 µs.

Only a short cut: what it reads, gateway.sms.number reads in the same way (a test holds both together); all the rest
goes there. Which digits are a mobile number is phonenumbers' own pattern; here is only how plain numbers are written.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

# Country -> its ten digits in groups, with and without what is dialled before them; its country code. Only countries
# whose mobile numbers can't be read as any other kind of number.
SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    "RU": (re.compile(r"(?:\+?7|8)?[ -]{0,2}\(?(9\d\d)\)?[ -]{0,2}(\d{3})[ -]?(\d\d)[ -]?(\d\d)", re.ASCII), "+7"),
}
LEAST_DIFFERENT = 3  # digits; fewer look made up, and so does counting down
COUNTING = "9876543210"


def read(text: str, country: str) -> str | None:
    """The E.164 number, None when it isn't that plain."""
    if country not in SHAPES:
        return None
    shape, code = SHAPES[country]
    match = shape.fullmatch(text)
    if match is None:
        return None
    digits = "".join(match.groups())
    is_made_up = len(set(digits)) < LEAST_DIFFERENT or digits == COUNTING
    return None if is_made_up or not _mobile(country).fullmatch(digits) else code + digits


@lru_cache
def _mobile(country: str) -> re.Pattern[str]:
    """The national mobile numbers of the country."""
    from phonenumbers import PhoneMetadata

    metadata: Any = PhoneMetadata.metadata_for_region(country)
    return re.compile(metadata.mobile.national_number_pattern)
