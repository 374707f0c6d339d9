"""The short cut for plain mobile numbers: it never says anything else than the full reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sms import quick_number
from gateway.sms.number import NumberError, parse

FORMS = (
    "8{}{}{}{}",
    "+7{}{}{}{}",
    "7{}{}{}{}",
    "{}{}{}{}",
    "8 ({}) {}-{}-{}",
    "+7 {} {} {} {}",
    "8-{}-{}-{}-{}",
    "8({}){}{}{}",
)


def full(text: str, country: str) -> str | None:
    try:
        return parse(text, country).msisdn
    except NumberError:
        return None


def test_every_prefix_is_read_as_the_full_reading_reads_it() -> None:
    for prefix in range(90_000, 100_000, 7):
        text = f"8 {prefix // 100} {prefix % 100}0-12-34"
        assert quick_number.read(text, "RU") == full(text, "RU")


def test_a_plain_number_takes_the_short_cut() -> None:
    assert quick_number.read("8 (900) 000-00-09", "RU") is None  # two digits only: looked at with care
    assert quick_number.read("8 (900) 000-12-34", "RU") == "+79000001234"


@given(st.sampled_from(FORMS), st.integers(9_000_000_000, 9_999_999_999))
def test_what_the_short_cut_reads_the_full_reading_reads_the_same(form: str, number: int) -> None:
    digits = str(number)
    text = form.format(digits[:3], digits[3:6], digits[6:8], digits[8:])
    quick = quick_number.read(text, "RU")
    assert quick is None or quick == full(text, "RU")


@settings(max_examples=300)
@given(st.text(alphabet="0123456789+-() ", max_size=18))
def test_no_other_text_is_read_differently(text: str) -> None:
    quick = quick_number.read(text, "RU")
    assert quick is None or quick == full(text, "RU")


@pytest.mark.parametrize(
    "text", ["89999999999", "9999999999", "+79999999999", "9876543210", "8 987 654-32-10", "79090909090"]
)
def test_what_looks_made_up_goes_the_long_way(text: str) -> None:
    assert quick_number.read(text, "RU") in (None, full(text, "RU"))


def test_other_countries_go_the_long_way() -> None:
    assert quick_number.read("89000000001", "KZ") is None
