"""Which country a number is of, where it is another one than the clinic's."""

from __future__ import annotations

import pytest

from gateway.sms.number import foreign_region


@pytest.mark.parametrize(
    ("msisdn", "country", "region"),
    [
        ("+79000000001", "RU", ""),
        ("+77012345678", "RU", "KZ"),
        ("+77012345678", "KZ", ""),
        ("+79000000001", "KZ", "RU"),
        ("+4915123456789", "RU", "DE"),
        ("+4915123456789", "DE", ""),
        ("0500", "RU", ""),
    ],
)
def test_a_number_s_country_is_told_when_it_is_another_one(msisdn: str, country: str, region: str) -> None:
    assert foreign_region(msisdn, country) == region
