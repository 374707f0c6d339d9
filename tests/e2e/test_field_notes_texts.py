"""No silent damage: what the row says is what the phone shows, or the row says why not.

Pains 1 (long texts cut or emptied), 2 (`?` for letters), 28 (emoji and invalid text) and 29 (characters that count
twice); at the head the four INSERTs that other systems damage.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.fleet import Fleet, assembled

FAMILY = "👩‍👩‍👧‍👦"  # seven characters, eleven UTF-16 units, one sign
TEXTS = {  # the text, and how many SMS it takes
    "300 Latin characters": ("x" * 299 + "!", 2),
    "Cyrillic": ("Ждём вас завтра в 10:00", 1),
    "159 letters and a euro sign": ("a" * 159 + "€", 2),
    "1500 characters": ("0123456789" * 150, 10),
    "158 letters and a euro sign": ("a" * 158 + "€", 1),
    "an escape pair at the edge of a part": ("a" * 152 + "€" + "b" * 20, 2),
    "nothing but escape pairs": ("^{}[]~|\\€" * 20, 3),
    "Kazakh": ("Құрметті пациент, сізді ертең сағат 10:00-де күтеміз", 1),
    "Georgian, Armenian, Arabic, Chinese": ("გელოდებით Սպասում ենք ننتظرك 等你", 1),
    "one letter outside of the alphabet": ("Your appointment with Dr. Müller-Šimková is tomorrow", 1),
    "seven letters, whose last octet has room for another": ("Hello 7", 1),
    "at signs, which are zeros": ("@" * 160, 1),
    "line breaks": ("First line\nsecond line\r\nthird line", 1),
    "70 units": ("я" * 70, 1),
    "71 units": ("я" * 71, 2),
    "an emoji at the edge of a part": ("я" * 66 + "😀" + "я" * 20, 2),
    "a family at the edge of a part": ("я" * 60 + FAMILY + "я" * 20, 2),
    "many families": (FAMILY * 30, 5),
    "quotes, a semicolon and a statement": ("'; DROP TABLE outbox; -- \"", 1),
    "placeholders of other systems": ("{name} %s ${x} \\n", 1),
}
BAD = {  # the octets of the text, the code, and what the reason says
    "not UTF-8": (b"Hello \xd0", "invalid_text", "7"),
    "a lone surrogate": ("ab\ud83d".encode("utf-8", "surrogatepass"), "invalid_text", "3"),
    "a NUL": (b"Hello\x00there", "invalid_text", "6"),
    "a bell": (b"Hel\x07lo", "invalid_text", "4"),
    "nothing": (b"", "empty_text", ""),
    "256 SMS": (b"x" * (255 * 153 + 1), "too_long", "255"),
}


def patient(number: int) -> str:
    return f"+7900000{3000 + number}"


@dataclass(frozen=True)
class Written:
    fleet: Fleet
    good: dict[str, int]
    bad: dict[str, int]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Written]:
    """The bad rows stand before the good ones."""
    with assembled(tmp_path_factory.mktemp("texts"), ["sim-1", "sim-2"]) as fleet:
        bad = {name: insert_octets(fleet, octets) for name, (octets, _code, _word) in BAD.items()}
        good = {name: fleet.clinic.insert(patient(n), text) for n, (name, (text, _)) in enumerate(TEXTS.items())}
        fleet.clinic.start()
        yield Written(fleet, good, bad)


def insert_octets(fleet: Fleet, octets: bytes) -> int:
    """A row whose body claims to be text."""
    connection = sqlite3.connect(fleet.clinic.database, timeout=5.0)
    try:
        with connection:
            statement = "INSERT INTO outbox (recipient, body) VALUES ('+79000000001', CAST(? AS TEXT))"
            row = connection.execute(statement, (octets,)).lastrowid
    finally:
        connection.close()
    assert row is not None
    return row


@pytest.mark.parametrize("name", TEXTS)
def test_what_the_row_says_the_phone_shows(written: Written, name: str) -> None:
    clinic, bank = written.fleet.clinic, written.fleet.bank
    text, count = TEXTS[name]
    row = clinic.wait_for_state(written.good[name], "delivered", "failed", "rejected")
    assert (row["state"], row["body"], row["segments"]) == ("delivered", text, count)
    assert bank.phones[row["msisdn"]] == [text]
    assert len(written.fleet.submitted_to(row["msisdn"])) == count


@pytest.mark.parametrize("name", TEXTS)
def test_what_went_out_in_each_sms_is_kept_and_makes_the_text(written: Written, name: str) -> None:
    written.fleet.clinic.wait_for_state(written.good[name], "delivered", "failed", "rejected")
    segments = written.fleet.segments_of(written.good[name])
    assert "".join(segment["body"] for segment in segments) == TEXTS[name][0]
    assert all(segment["body"] and segment["state"] == "delivered" for segment in segments)


@pytest.mark.parametrize("name", BAD)
def test_what_no_sms_can_carry_is_rejected_with_the_place(written: Written, name: str) -> None:
    written.fleet.clinic.wait_for_state(next(iter(written.good.values())), "delivered")
    (row,) = written.fleet.clinic.rows(
        "SELECT state, error_code, error_text FROM outbox WHERE id = ?", written.bad[name]
    )
    _octets, code, word = BAD[name]
    assert (row["state"], row["error_code"]) == ("rejected", code)
    assert word in row["error_text"]


def test_no_sign_of_a_family_is_cut_where_it_fits_whole(written: Written) -> None:
    message = written.good["a family at the edge of a part"]
    written.fleet.clinic.wait_for_state(message, "delivered")
    assert [FAMILY in segment["body"] for segment in written.fleet.segments_of(message)] == [False, True]


def test_a_bad_row_shows_in_the_lists_like_any_other(written: Written) -> None:
    clinic = written.fleet.clinic
    shown = clinic.json("outbox", "list", "--state", "rejected")
    assert {row["id"] for row in shown} == set(written.bad.values())
    for message in written.bad.values():
        assert clinic.json("outbox", "show", str(message))["message"]["state"] == "rejected"
