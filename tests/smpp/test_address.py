"""Numbers and names as addresses, both ways."""

from __future__ import annotations

import pytest

from gateway.smpp import address
from gateway.smpp.address import Types
from gateway.smpp.fields import Unencodable
from gateway.smpp.messages import Address

RECIPIENTS = {
    "international": ("+79000000001", Address("79000000001", 1, 1)),
    "a short code": ("1234", Address("1234", 3, 0)),
    "the longest short code": ("12345678", Address("12345678", 3, 0)),
    "international without its plus": ("79000000001", Address("79000000001", 1, 1)),
    "short, but with a plus": ("+7900", Address("7900", 1, 1)),
}


@pytest.mark.parametrize(("number", "wanted"), RECIPIENTS.values(), ids=RECIPIENTS)
def test_a_recipients_types_follow_from_the_number(number: str, wanted: Address) -> None:
    assert address.of_recipient(number) == wanted


SENDERS = {
    "a name": ("Clinic", Address("Clinic", 5, 0)),
    "a name that begins with digits": ("5Clinic", Address("5Clinic", 5, 0)),
    "the longest name": ("Clinic No 7", Address("Clinic No 7", 5, 0)),
    "a number": ("+79000000002", Address("79000000002", 1, 1)),
    "a short code": ("1234", Address("1234", 3, 0)),
    "left to the SMSC": ("", Address("", 0, 0)),
}


@pytest.mark.parametrize(("sender", "wanted"), SENDERS.values(), ids=SENDERS)
def test_a_senders_types_follow_from_what_it_looks_like(sender: str, wanted: Address) -> None:
    assert address.of_sender(sender) == wanted


def test_what_the_settings_name_comes_before_what_is_derived() -> None:
    assert address.of_recipient("1234", Types(0, 1)) == Address("1234", 0, 1)
    assert address.of_recipient("+79000000001", Types(ton=2)) == Address("79000000001", 2, 1)
    assert address.of_sender("Clinic", Types(npi=1)) == Address("Clinic", 5, 1)
    assert address.of_sender("Clinic", Types(0, 0)) == Address("Clinic", 0, 0)


@pytest.mark.parametrize("number", ["", "+", "79x", "+7 900 000-00-01", "1" * 16, "٧٩٠٠"])
def test_what_is_no_number_is_refused_without_showing_it(number: str) -> None:
    with pytest.raises(Unencodable) as caught:
        address.of_recipient(number)
    assert caught.value.field == "destination_addr"
    assert "900" not in str(caught.value)


@pytest.mark.parametrize("sender", ["Clinic No 70", "Клиника", "Cli\nnic", "Clínica"])
def test_a_name_that_no_phone_shows_is_refused(sender: str) -> None:
    with pytest.raises(Unencodable) as caught:
        address.of_sender(sender)
    assert caught.value.field == "source_addr"


READ = {
    "international": (Address("79000000001", 1, 1), "+79000000001"),
    "international with a plus": (Address("+79000000001", 1, 1), "+79000000001"),
    "national": (Address("89000000001", 2, 1), "89000000001"),
    "unknown": (Address("79000000001", 0, 1), "79000000001"),
    "a short code": (Address("1234", 3, 0), "1234"),
    "a name": (Address("Bank", 5, 0), "Bank"),
    "nothing": (Address("", 1, 1), ""),
}


@pytest.mark.parametrize(("found", "number"), READ.values(), ids=READ)
def test_a_number_is_written_as_people_write_it(found: Address, number: str) -> None:
    assert address.number_of(found) == number
