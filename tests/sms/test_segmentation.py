"""Where texts are cut, and where never."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from gateway.sms.alphabet import UnsendableCharacter, choose, units
from gateway.sms.message import Alphabet, Concatenation
from gateway.sms.segmentation import _PLAIN, PART, SINGLE, EmptyText, TooLong, count, split

COMPANIONS = [
    "\r\n",
    "\r",
    "\n",
    "e\u0301",
    "👍🏽",
    "👨‍👩‍👧‍👦",
    "🇰🇿",
    "🇷🇺",
    "❤️",
    "각",
    "\u1100\u1161\u11a8",
    "नि",
    "\u200d",
    "й",
    "€",
    "|",
]
PIECES = st.sampled_from([*COMPANIONS, "a" * 30, "ж" * 29, "x\u0300" * 13, "{" * 20, "a" + "\u0300" * 70, "слово "])
CLUSTERED = st.lists(PIECES, max_size=30).map("".join)
GSM7_TEXTS = st.text("abc Z09@€[]\r\n\f~", max_size=900)
ANY_TEXTS = st.text(max_size=400)


def is_sendable(text: str) -> bool:
    try:
        count(text)
    except (EmptyText, TooLong, UnsendableCharacter):
        return False
    return True


TEXTS = st.one_of(CLUSTERED, GSM7_TEXTS, ANY_TEXTS).filter(is_sendable)


@given(TEXTS, st.booleans())
def test_segments_join_to_the_text_and_none_is_too_big(text: str, is_wide: bool) -> None:
    segments = split(text, 7, is_wide)
    assert "".join(segment.text for segment in segments) == text
    assert {segment.alphabet for segment in segments} == {choose(text)}
    limit = SINGLE[choose(text)] if len(segments) == 1 else PART[choose(text), is_wide]
    assert all(0 < units(segment.text, segment.alphabet) <= limit for segment in segments)


@given(TEXTS, st.booleans())
def test_the_count_is_the_number_of_segments_and_each_knows_its_place(text: str, is_wide: bool) -> None:
    segments = split(text, 7, is_wide)
    assert count(text, is_wide) == len(segments)
    places = [Concatenation(7, len(segments), number + 1, is_wide) for number in range(len(segments))]
    assert [segment.concatenation for segment in segments] == (places if len(segments) > 1 else [None])


@given(TEXTS)
def test_no_cut_falls_inside_a_cluster_that_fits_into_a_segment(text: str) -> None:
    alphabet = choose(text)
    at, cuts = 0, set()
    for segment in split(text, 0):
        at += len(segment.text)
        cuts.add(at)
    for cluster in regex.finditer(r"\X", text):
        if units(cluster.group(), alphabet) <= PART[alphabet, False]:
            assert cuts.isdisjoint(range(cluster.start() + 1, cluster.end()))


@given(TEXTS)
def test_each_segment_takes_as_much_as_it_can(text: str) -> None:
    segments = split(text, 0)
    alphabet = choose(text)
    for segment, following in pairwise(segments):
        first = regex.match(r"\X", following.text).group()
        added = first if units(first, alphabet) <= PART[alphabet, False] else first[0]
        assert units(segment.text + added, alphabet) > PART[alphabet, False]


@given(st.text(regex.compile(f"[{_PLAIN}]").findall("".join(map(chr, range(0x10000)))), max_size=50))
def test_plain_characters_need_no_cluster_search(text: str) -> None:
    assert regex.findall(r"\X", text) == regex.findall(r"(?s)\r\n|.", text)


def test_every_plain_character_is_a_cluster_beside_every_kind_of_plain_neighbour() -> None:
    plain = regex.findall(f"[{_PLAIN}]", "".join(map(chr, range(0x10000))))
    kinds = [character for character in plain if character in "a\n\rЖ©№あ中™"]
    for other in kinds:
        for text in ("".join(f"{character}{other}" for character in plain), "".join(plain)):
            assert len(regex.findall(r"\X", text)) == len(text) - text.count("\r\n")


SIZES = {
    "one septet": ("a", 1),
    "160 septets": ("a" * 160, 1),
    "161 septets": ("a" * 161, 2),
    "306 septets": ("a" * 306, 2),
    "307 septets": ("a" * 307, 3),
    "80 euro signs": ("€" * 80, 1),
    "159 letters and a euro sign": ("a" * 159 + "€", 2),
    "70 Cyrillic letters": ("ж" * 70, 1),
    "71 Cyrillic letters": ("ж" * 71, 2),
    "134 Cyrillic letters": ("ж" * 134, 2),
    "135 Cyrillic letters": ("ж" * 135, 3),
    "35 emoji": ("👍" * 35, 1),
    "36 emoji": ("👍" * 36, 2),
    "66 emoji: 33 a segment, one unit left over": ("👍" * 66, 2),
    "67 emoji": ("👍" * 67, 3),
    "most that GSM 7-bit can": ("a" * 255 * 153, 255),
    "most that UCS-2 can": ("ж" * 255 * 67, 255),
}


@pytest.mark.parametrize(("text", "segments"), SIZES.values(), ids=SIZES)
def test_a_text_takes_the_segments_that_the_standard_gives_it(text: str, segments: int) -> None:
    assert count(text) == segments


WIDE = {
    "304 septets": ("a" * 304, 2),
    "305 septets": ("a" * 305, 3),
    "132 Cyrillic letters": ("ж" * 132, 2),
    "133 Cyrillic letters": ("ж" * 133, 3),
    "160 septets": ("a" * 160, 1),
}


@pytest.mark.parametrize(("text", "segments"), WIDE.values(), ids=WIDE)
def test_a_wide_reference_leaves_one_septet_or_unit_less(text: str, segments: int) -> None:
    assert count(text, is_wide=True) == len(split(text, 65535, is_wide=True)) == segments


CUTS = {
    "escape pair moves whole": ("a" * 152 + "€" + "b" * 10, ["a" * 152, "€" + "b" * 10]),
    "escape pair fits to the last septet": ("a" * 151 + "€" + "b" * 10, ["a" * 151 + "€", "b" * 10]),
    "CR LF moves whole": ("a" * 152 + "\r\n" + "b" * 10, ["a" * 152, "\r\n" + "b" * 10]),
    "CR LF moves whole among Cyrillic": ("ж" * 66 + "\r\n" + "б" * 9, ["ж" * 66, "\r\n" + "б" * 9]),
    "lone CR stays": ("a" * 152 + "\r" + "b" * 10, ["a" * 152 + "\r", "b" * 10]),
    "surrogate pair moves whole": ("ж" * 66 + "👍" + "б" * 9, ["ж" * 66, "👍" + "б" * 9]),
    "skin tone stays with its hand": ("ж" * 65 + "👍🏽" + "б" * 9, ["ж" * 65, "👍🏽" + "б" * 9]),
    "family stays together": ("ж" * 60 + "👨‍👩‍👧‍👦" + "б" * 9, ["ж" * 60, "👨‍👩‍👧‍👦" + "б" * 9]),
    "accent stays on its letter": ("ж" * 66 + "е\u0301" + "б" * 9, ["ж" * 66, "е\u0301" + "б" * 9]),
    "a flag stays a flag": ("ж" * 65 + "🇰🇿" + "б" * 9, ["ж" * 65, "🇰🇿" + "б" * 9]),
    "what no segment can hold is cut at code points": (
        "ж" * 10 + "a" + "\u0300" * 100,
        ["ж" * 10 + "a" + "\u0300" * 56, "\u0300" * 44],
    ),
}


@pytest.mark.parametrize(("text", "pieces"), CUTS.values(), ids=CUTS)
def test_a_cut_does_no_harm(text: str, pieces: list[str]) -> None:
    assert [segment.text for segment in split(text, 0)] == pieces


def test_the_same_text_and_reference_give_the_same_segments() -> None:
    assert split("ж👍🏽" * 60, 300, is_wide=True) == split("ж👍🏽" * 60, 300, is_wide=True)


def test_a_single_segment_has_no_concatenation() -> None:
    (segment,) = split("Ждём вас", 9)
    assert (segment.text, segment.alphabet, segment.concatenation) == ("Ждём вас", Alphabet.UCS2, None)


REFUSED = {
    "empty": ("", EmptyText, "empty_text"),
    "only blanks": (" \r\n\t", EmptyText, "empty_text"),
    "one septet over 255 segments": ("a" * (255 * 153 + 1), TooLong, "text_too_long"),
    "fits by its length, not by its cuts": ("👍" * (255 * 33 + 1), TooLong, "text_too_long"),
    "very long": ("ж" * 10_000_000, TooLong, "text_too_long"),
    "NUL": ("a\x00", UnsendableCharacter, "unsendable_character"),
}


@pytest.mark.parametrize(("text", "error", "code"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_sent_is_refused_by_count_and_split_alike(text: str, error: type, code: str) -> None:
    for refused in (lambda: count(text), lambda: split(text, 0)):
        with pytest.raises(error) as caught:
            refused()
        assert caught.value.code == code


def test_a_text_too_long_says_how_many_sms_it_takes() -> None:
    with pytest.raises(TooLong) as caught:
        count("a" * 256 * 153)
    assert caught.value.segments == 256


def test_a_segment_shows_no_text_in_its_repr() -> None:
    assert "Ждём" not in repr(split("Ждём вас", 0))


@pytest.mark.parametrize(("reference", "is_wide"), [(-1, False), (256, False), (65536, True)])
def test_a_reference_out_of_range_is_an_error(reference: int, is_wide: bool) -> None:
    with pytest.raises(ValueError, match="reference"):
        split("a", reference, is_wide)
