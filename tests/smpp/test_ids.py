"""One message id in all the forms that SMSCs give it, and what a bind learns of them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.smpp import ids
from gateway.smpp.ids import Learner, Radix

# What the receipt says, and what the answer had said
PAIRS = {
    "alike": ("169552957", "169552957"),
    "decimal for hexadecimal": ("169552957", "a1b2c3d"),
    "decimal for capitals padded to eight": ("169552957", "0A1B2C3D"),
    "hexadecimal for decimal": ("0a1b2c3d", "169552957"),
    "hexadecimal with its prefix": ("0x0a1b2c3d", "169552957"),
    "padded to ten": ("169552957", "0169552957"),
    "padding that the answer lacks": ("0000169552957", "169552957"),
    "capitals for small letters": ("0A1B2C3D", "0a1b2c3d"),
    "small letters for capitals, long": ("a1b2c3d4e5f60718293a4b5c", "A1B2C3D4E5F60718293A4B5C"),
    "the largest of 64 bits": ("18446744073709551615", "ffffffffffffffff"),
    "a constant of one SMSC": ("msg_id_not_implemented", "msg_id_not_implemented"),
    "zero": ("0", "00000000"),
}


@pytest.mark.parametrize(("receipted", "answered"), PAIRS.values(), ids=PAIRS)
def test_every_usual_form_of_an_id_is_tried(receipted: str, answered: str) -> None:
    found = ids.forms(receipted)
    assert answered in found
    assert found[0] == receipted  # the likeliest


UNTOUCHED = [
    "550e8400-e29b-41d4-a716-446655440000",
    "AbC-1",
    "9" * 65,
    "9" * 20,
    "",
    "1.5",
    "٣",
    "msg_id_not_implemented",
]


@pytest.mark.parametrize("message_id", UNTOUCHED)
def test_an_id_that_is_no_number_is_not_touched(message_id: str) -> None:
    assert ids.forms(message_id) == (message_id,)


IDS = st.text(max_size=65) | st.from_regex(r"(0[xX])?[0-9a-fA-F]{1,20}", fullmatch=True)


@given(IDS)
@example("0xAb1")
def test_forms_are_few_and_each_comes_once(message_id: str) -> None:
    found = ids.forms(message_id)
    assert found[0] == message_id
    assert len(set(found)) == len(found) <= 20


def learner(pairs: list[tuple[str, str]]) -> Learner:
    found = Learner()
    for answered, receipted in pairs:
        found.answered(answered)
        found.receipted(receipted)
    return found


def hexadecimal(count: int, first: int = 900_000_000) -> list[tuple[str, str]]:
    """Padded capitals in the answer, decimal in the receipt."""
    return [(f"{number:010X}", str(number)) for number in range(first, first + count)]


def alike(count: int, first: int = 900_000_000) -> list[tuple[str, str]]:
    return [(str(number), str(number)) for number in range(first, first + count)]


def test_after_a_few_receipts_only_one_form_is_tried() -> None:
    found = learner(hexadecimal(2))
    assert not found.is_sure
    found = learner(hexadecimal(3))
    assert found.is_sure
    assert found.form is not None
    assert found.form.radix is Radix.DECIMAL_TO_HEX
    found.answered("0035A4E9FF")
    assert found.receipted(str(0x35A4E9FF)) == ("0035A4E9FF",)


def test_an_id_from_before_is_still_tried_in_all_forms_the_learnt_one_first() -> None:
    found = learner(hexadecimal(5))
    forms = found.receipted(str(0x35A4E9FF))
    assert forms[0] == "0035A4E9FF"
    assert str(0x35A4E9FF) in forms


def test_what_is_learnt_is_forgotten_when_the_smsc_does_otherwise() -> None:
    found = learner(hexadecimal(5))
    for answered, receipted in alike(1, 5_000_000_000):
        found.answered(answered)
        assert answered in found.receipted(receipted)
    assert not found.is_sure
    for answered, receipted in alike(3, 6_000_000_000):
        found.answered(answered)
        found.receipted(receipted)
    assert found.form is not None
    assert found.form.radix is Radix.SAME


def test_an_id_that_reads_two_ways_teaches_nothing() -> None:
    found = Learner()
    for answered in ("16", "10", "22"):
        found.answered(answered)
    for _again in range(5):
        assert found.receipted("16")[0] == "16"  # and 0x16 is 22
    assert not found.is_sure


def test_receipts_of_unknown_ids_teach_nothing() -> None:
    found = Learner()
    for number in range(100):
        found.receipted(str(10_000_000 + number))
    assert not found.is_sure


def test_answers_of_long_ago_teach_nothing() -> None:
    found = Learner()
    for answered, _receipted in hexadecimal(3):
        found.answered(answered)
    for number in range(Learner.REMEMBERED):
        found.answered(f"m{number}")
    for _answered, receipted in hexadecimal(3):
        found.receipted(receipted)
    assert not found.is_sure


@pytest.mark.parametrize(
    ("pairs", "words"),
    [(hexadecimal(3), "hexadecimal in answers, decimal in receipts"), (alike(3), "alike"), ([], "not known")],
)
def test_what_is_known_shows_in_words(pairs: list[tuple[str, str]], words: str) -> None:
    assert words in learner(pairs).words


@given(st.integers(0, 2**64 - 1), st.sampled_from((0, 8, 10, 16)), st.booleans())
def test_any_number_is_found_whatever_its_form(number: int, width: int, is_upper: bool) -> None:
    written = f"{number:0{width or 1}{'X' if is_upper else 'x'}}"
    assert written in ids.forms(str(number))
    assert str(number) in ids.forms(written)


def test_a_receipt_before_its_answer_is_not_taken_for_that_of_another_sms_with_the_same_digits() -> None:
    """Hexadecimal answers, decimal receipts: the 16th SMS is "10", and "16" is that of the 22nd."""
    learner, others = Learner(), [f"+7900000{n:04d}" for n in range(100)]
    for n in range(20, 40):
        learner.answered(f"{n:X}", others[n])
    for n in range(14, 28):
        assert f"{n:X}" in learner.receipted(str(n), others[n])
    assert learner.form is None or learner.form.of("16") == "10"


def test_a_number_without_its_countrys_code_is_the_same() -> None:
    learner = Learner()
    for n in range(10, 20):
        learner.answered(f"{n:x}", f"+7900000{n:04d}")
        learner.receipted(str(n), f"900000{n:04d}")
    assert learner.is_sure
