"""What must not stand in a log is masked, and what people need there is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.masking import HIDDEN, masked, masked_text

NUMBERS = {
    "international": ("+79000001234", "+7******1234"),
    "national": ("89000001234", "8******1234"),
    "spaced": ("8 900 000-12-34", "8******1234"),
    "bracketed": ("+7 (900) 000-12-34", "+7******1234"),
    "dotted": ("8.900.000.12.34", "8******1234"),
    "with hard spaces": ("8\u00a0900\u00a0000\u00a012\u00a034", "8******1234"),
    "in a sentence": ("no route to +79000001234, sorry", "no route to +7******1234, sorry"),
    "after an equals sign": ("to=89000001234", "to=8******1234"),
    "in quotes": ("'+79000001234'", "'+7******1234'"),
    "in an address": ("tel:89000001234", "tel:8******1234"),
    "in a path": ("/spool/89000001234-1.txt", "/spool/8******1234-1.txt"),
    "before a colon": ("89000001234: no route", "8******1234: no route"),
    "with dashes that don't break": ("+7 900 000‑12‑34", "+7******1234"),
    "in Arabic digits": ("٨٩٠٠٠٠٠١٢٣٤", "٨******١٢٣٤"),
}
KEPT = {
    "a UTC time": "2026-11-22T05:00:00.000Z",
    "a time with a space": "2026-11-22 05:00:00",
    "an address of a machine": "127.0.0.1:2775",
    "a port by path": "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0-port0",
    "a code": "cms_500",
    "a signal": "-71 dBm",
    "a short number": "0500",
    "a Russian sentence": "Сеть занята, следующая попытка через 30 с",
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_keeps_its_first_digit_and_its_last_four(text: str, expected: str) -> None:
    assert masked_text(text) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_no_number_stays(text: str) -> None:
    assert masked_text(text) == text


@given(st.from_regex(r"\+7900000[0-9]{4}", fullmatch=True), st.text(alphabet=" ,;:'\"()абвxyz=", max_size=20))
def test_a_number_never_passes_whatever_stands_around_it(number: str, around: str) -> None:
    assert number[1:] not in masked_text(f"{around} {number} {around}")


def test_the_shortest_that_is_hidden_is_hidden() -> None:
    assert masked_text("CPIN=1") == f"CPIN={HIDDEN}"
    assert masked_text("1234567") == "1******4567"


def test_a_pdu_and_a_pin_in_a_sentence_are_hidden() -> None:
    assert masked_text("AT< 0011000B919700000032F40008AA04041F0440") == f"AT< {HIDDEN}"
    assert masked_text('AT+CPIN="4711"') == f"AT+CPIN={HIDDEN}"


@pytest.mark.parametrize("key", ["body", "text", "pdu", "pin", "password"])
def test_a_value_under_a_private_key_is_hidden_whatever_it_is(key: str) -> None:
    assert masked("Привет", key) == HIDDEN
    assert masked(["Привет"], key) == HIDDEN


def test_identities_of_devices_stay_readable() -> None:
    assert masked("350000000000006", "imei") == "350000000000006"
    assert masked("8970199000000000017", "iccid") == "8970199000000000017"


def test_numbers_inside_lists_and_mappings_and_integers_are_masked() -> None:
    assert masked({"to": ["+79000001234", 79000001234], "body": "x"}) == {
        "to": ["+7******1234", "7******1234"],
        "body": HIDDEN,
    }
    assert masked([79000001234.0, 0.25]) == ["7******2340", 0.25]


MISTAKES = {  # of the configuration, and as it is logged
    "a limit": (
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 2000000",
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 2000000",
    ),
    "a fraction": ("alarms.clock_off: must be 10000000.5.", "alarms.clock_off: must be 10000000.5."),
    "a number as text": ('sms: must be numbers, got "+79000001234"', 'sms: must be numbers, got "+7******1234"'),
    "a local number as text": ('sms: must be numbers, got "1234567"', 'sms: must be numbers, got "1******4567"'),
    "a number without quotes": ("sms: must be numbers, got 89000001234", "sms: must be numbers, got 8******1234"),
    "a number with a plus": ("sms: must be numbers, got +3725551", "sms: must be numbers, got +3******5551"),
    "a text that was cut": (
        'sms: must be numbers, got "to 1234567 or…',
        'sms: must be numbers, got "to 1******4567 or…',
    ),
}


@pytest.mark.parametrize(("written", "logged"), MISTAKES.values(), ids=MISTAKES)
def test_of_a_mistake_in_the_configuration_numbers_to_call_are_masked_and_settings_are_not(
    written: str, logged: str
) -> None:
    assert masked([written], "mistakes") == [logged]


def test_octets_are_hidden() -> None:
    assert masked(b"+79000001234") == HIDDEN
