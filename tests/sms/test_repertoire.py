"""Which texts a carrier can carry that lacks some characters of the GSM alphabet."""

from __future__ import annotations

import pytest

from gateway.sms.repertoire import GSM, NOTHING, is_text_carried, lacking

LATIN1, ASCII = lacking("latin-1"), lacking("ascii")

CASES = {  # text, what is lacking -> carried
    "nothing is lacking": ("€" * 200, NOTHING, True),
    "none of them in it": ("Hello, Anna! " * 20, LATIN1, True),
    "a short one goes out in UCS-2": ("For 5 €, " + "a" * 61, LATIN1, True),
    "one character too long for that": ("For 5 €, " + "a" * 62, LATIN1, False),
    "a long one with it in a full part": ("€" + "a" * 300, LATIN1, False),
    "a long one with it in its short last part": ("a" * 310 + "€", LATIN1, True),
    "a long one in UCS-2 anyhow": ("Ждём вас, €. " * 20, LATIN1, True),
    "Latin-1 has what ASCII lacks": ("Äpfel " * 20, LATIN1, True),
    "ASCII lacks it": ("Äpfel " * 20, ASCII, False),
    "brackets are in both": ("[{}]~^|\\ " * 20, ASCII, True),
    "255 parts with a short reference, more with a long one": ("a" * (255 * 153 - 2) + "€", LATIN1, False),
}


@pytest.mark.parametrize(("text", "lacks", "is_so"), CASES.values(), ids=CASES)
def test_a_text_is_carried_as_long_as_each_part_is(text: str, lacks: frozenset[str], is_so: bool) -> None:
    assert is_text_carried(text, lacks) is is_so


def test_what_encodings_lack() -> None:
    assert "".join(sorted(LATIN1)) == "ΓΔΘΛΞΠΣΦΨΩ€"
    assert LATIN1 < ASCII < set(GSM)
    assert not lacking("utf-8")
