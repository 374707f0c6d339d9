"""What people get wrong in an [[smpp]] table: each is found at the start, not in the first SMS."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.settings import Settings

BIND = '[[smpp]]\nname = "operator"\nsystem_id = "clinic"\n'
HOST = BIND + 'host = "smsc.example"\n'
NO_HOST = "smpp[1]: host is a name or an address alone; the port has a key of its own"

WRONG = {
    "the port in the host": (BIND + 'host = "smsc.example:2775"', NO_HOST),
    "a URL": (BIND + 'host = "smpp://smsc.example"', NO_HOST),
    "an IPv6 address in brackets": (BIND + 'host = "[2001:db8::1]"', NO_HOST),
    "one number for both codings": (
        HOST + "gsm7_coding = 8",
        "smpp[1]: gsm7_coding and ucs2_coding must not be the same: nobody could tell the texts apart",
    ),
    "a name that no phone can show": (
        HOST + 'source = "City Hospital"',
        'smpp[1].source: must be 1 to 11 letters and digits, or a number, in quotes, got "City Hospital"',
    ),
    "a sender in Cyrillic": (
        HOST + 'senders = ["Lab", "Клиника"]',
        'smpp[1].senders[2]: must be a list of names in quotes, got "Клиника"',
    ),
    "a system_id in Cyrillic": (
        '[[smpp]]\nname = "operator"\nhost = "smsc.example"\nsystem_id = "клиника"',
        'smpp[1].system_id: must be 1 to 15 characters in quotes, got "клиника"',
    ),
    "a system_id that is too long": (
        '[[smpp]]\nname = "operator"\nhost = "smsc.example"\nsystem_id = "clinic-of-the-city"',
        'smpp[1].system_id: must be 1 to 15 characters in quotes, got "clinic-of-the-city"',
    ),
}


@pytest.mark.parametrize(("text", "line"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_told_with_what_is_right(text: str, line: str, mistakes: Callable[[str], list[str]]) -> None:
    assert mistakes(text) == [line]


@pytest.mark.parametrize("host", ["smsc.example", "192.0.2.7", "2001:db8::1", "fe80::1%eth0", "smsc"])
@pytest.mark.parametrize("source", ["Clinic", "Clinic No 7", "+79000000001", "79000000001", "7", "0500"])
def test_hosts_and_senders_that_there_are(host: str, source: str, read: Callable[[str], Settings]) -> None:
    (bind,) = read(BIND + f'host = "{host}"\nsource = "{source}"').smpp
    assert (bind.host, bind.source) == (host, source)
