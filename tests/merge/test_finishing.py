"""What is done to a filled text: last lines once, signs replaced on request alone, and what makes a text dear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.merge.advice import of_text
from gateway.merge.finishing import AS_WRITTEN, Finish, latin_length, plain_punctuation, transliterated, with_endings
from gateway.merge.plan import Planned, key_of
from gateway.merge.savings import PLAIN_PUNCTUATION, TRANSLITERATE, savings, waste
from gateway.merge.words import HAN
from gateway.sms.alphabet import choose
from gateway.sms.message import Alphabet
from gateway.sms.segmentation import count

ENDINGS = ("Клиника", "Отписка: СТОП")
ENDED = {
    "both": ("Ждём вас", "Ждём вас\nКлиника\nОтписка: СТОП"),
    "one is there": ("Ждём вас\nКлиника", "Ждём вас\nКлиника\nОтписка: СТОП"),
    "one ends the sentence": ("Ждём вас. Клиника", "Ждём вас. Клиника\nОтписка: СТОП"),
    "both are there": ("Ждём вас\nКлиника\nОтписка: СТОП", "Ждём вас\nКлиника\nОтписка: СТОП"),
    "a word within the text": ("Клиника ждёт вас", "Клиника ждёт вас\nКлиника\nОтписка: СТОП"),
}


@pytest.mark.parametrize(("text", "whole"), ENDED.values(), ids=ENDED)
def test_signature_and_opt_out_stand_under_a_text_once(text: str, whole: str) -> None:
    assert with_endings(text, ENDINGS) == whole
    assert with_endings(whole, ENDINGS) == whole


LATIN = {
    "a word": ("Москва", "Moskva"),
    "soft and hard signs": ("Объявление, соль", "Obieiavlenie, sol"),
    "one capital of several letters": ("Щукина Юлия", "Shchukina Iuliia"),
    "capitals": ("ЩУКИНА ЮЛИЯ", "SHCHUKINA IULIIA"),
    "a capital at the end of capitals": ("АПТЕКА ХОРОШ", "APTEKA KHOROSH"),
    "a capital alone": ("Ж", "Zh"),
    "initials": ("Щукина Ю. Я.", "Shchukina Iu. Ia."),
    "ё and й": ("ёж, йод", "ezh, iod"),
    "Ukrainian": ("Київ, їжак", "Kyiv, izhak"),
    "a numero sign": ("каб. №5", "kab. No5"),
    "Chinese, and all with it": ("北京 Москва", "北京 Москва"),
    "a letter that the standard lacks": ("ңәр", "ңәr"),
}


@pytest.mark.parametrize(("cyrillic", "latin"), LATIN.values(), ids=LATIN)
def test_cyrillic_becomes_latin_as_in_passports(cyrillic: str, latin: str) -> None:
    expected = {"Київ, їжак": "Kiiv, izhak"}.get(cyrillic, latin)
    assert transliterated(cyrillic) == expected


def test_typographic_signs_become_plain_ones() -> None:
    assert plain_punctuation("«А» – “б”\u00a0— ‘в’… 1\u202f000\u200b") == '"А" - "б" - \'в\'... 1 000'


SIGNS = st.text(alphabet=st.sampled_from("aZ щЩьЪяЯжЖёйЮ№ыєЇ—«»…\u00a0\u200b.€1"), max_size=40)


@given(SIGNS)
def test_the_length_in_latin_is_known_without_writing_it(text: str) -> None:
    assert latin_length(text) == len(transliterated(plain_punctuation(text)))


@given(SIGNS.filter(lambda text: not HAN.search(text)))
def test_russian_and_its_usual_signs_fit_the_gsm_alphabet_afterwards(text: str) -> None:
    assert choose(transliterated(plain_punctuation(text))) is Alphabet.GSM7


@given(st.text(max_size=60))
def test_nothing_is_replaced_unasked(text: str) -> None:
    assert AS_WRITTEN.of(text) == text
    assert not AS_WRITTEN.replaced(text)


@given(SIGNS)
def test_what_was_replaced_is_counted_sign_by_sign(text: str) -> None:
    finish = Finish(is_plain=True, is_latin=True)
    replaced = finish.replaced(text)
    assert sum(replaced.values()) == sum(text.count(sign) for sign, _other in replaced)
    assert (finish.of(text) != text) == bool(replaced)


def test_a_new_signature_makes_no_new_message_of_an_old_one() -> None:
    before = Planned(2, "+79000000001", "Ждём вас", 1)
    assert key_of(Planned(2, "+79000000001", "Ждём вас\nКлиника", 1, "Ждём вас")) == key_of(before)


LONG = "a" * 100
WASTE = {  # text, SMS too many, signs, what saves them
    "a dash": (f"Dear patient – {LONG}", 1, {"–": 1}, (PLAIN_PUNCTUATION,)),
    "quotes and a blank": (f"“Dawn”\u00a0clinic {LONG}", 1, {"“": 1, "”": 1, "\u00a0": 1}, (PLAIN_PUNCTUATION,)),
    "Cyrillic": ("Ждём " * 20, 1, {}, (TRANSLITERATE,)),
    "Cyrillic with a dash": ("Ждём " * 20 + "—", 1, {"—": 1}, (TRANSLITERATE, PLAIN_PUNCTUATION)),
    "a euro that takes two": ("€" + "a" * 159, 1, {"€": 1}, ()),
    "a numero sign": (f"Room № 5 {LONG}", 1, {"№": 1}, (TRANSLITERATE,)),
    "a numero sign with a dash": (f"Room № 5 – {LONG}", 1, {"№": 1, "–": 1}, (TRANSLITERATE, PLAIN_PUNCTUATION)),
    "a sign that nothing replaces": (f"10 m² {LONG}", 1, {"²": 1}, ()),
    "a face, and a dash with it": (f"Dear patient 🙂 – {LONG}", 1, {"🙂": 1, "–": 1}, ()),
    "a name": (f"Dear Nguyễn {LONG}", 1, {"ễ": 1}, ()),
}


@pytest.mark.parametrize(("text", "sms", "signs", "options"), WASTE.values(), ids=WASTE)
def test_a_text_that_takes_too_many_sms_names_the_signs_and_the_remedy(
    text: str, sms: int, signs: dict[str, int], options: tuple[str, ...]
) -> None:
    found = waste(text, count(text))
    assert found is not None
    assert (found.sms, dict(found.signs), found.options) == (sms, signs, options)


SENTENCES = {
    "a sign that nothing replaces": "“²”: one sign makes this 2 SMS in Unicode. Without it, it is 1.",
    "a face, and a dash with it": "“🙂”, “–”: 2 signs make this 2 SMS in Unicode. Without them it is 1.",
    "a numero sign": "“№”: one sign makes this 2 SMS in Unicode. With --transliterate it is 1.",
    "a numero sign with a dash": (
        "“–”, “№”: 2 signs make this 2 SMS in Unicode. With --transliterate --plain-punctuation it is 1."
    ),
    "Cyrillic": "Cyrillic makes this 2 SMS in Unicode. With --transliterate it is 1.",
    "a euro that takes two": "“€” take the room of two characters each: without them it is 1 SMS.",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_the_preview_says_what_a_text_takes_more_sms_for(name: str) -> None:
    text = WASTE[name][0]
    assert of_text(text, count(text)) == SENTENCES[name]


CHEAP = ["Ждём вас — завтра", "a" * 161, "北京" * 50 + "—", "ң" * 80, "Ждём вас 🙂 " * 9, "Zażółć gęślą " * 8, "“a”"]


@pytest.mark.parametrize("text", CHEAP)
def test_where_nothing_saves_an_sms_nothing_is_advised(text: str) -> None:
    assert waste(text, count(text)) is None


@given(st.text(alphabet=st.sampled_from("aщ—«€ь№\n 北"), min_size=1, max_size=400).filter(str.strip))
def test_what_is_promised_is_what_the_options_give(text: str) -> None:
    segments = count(text)
    found = waste(text, segments)
    if found is not None and found.options:
        finish = Finish(is_plain=PLAIN_PUNCTUATION in found.options, is_latin=TRANSLITERATE in found.options)
        assert count(finish.of(text)) == segments - found.sms


def test_the_savings_of_a_list_are_counted_by_their_remedy() -> None:
    texts = [WASTE["a dash"][0], WASTE["quotes and a blank"][0], WASTE["Cyrillic"][0], "Ждём"]
    first, second = savings([(text, count(text)) for text in texts])
    assert {(first.options, first.messages, first.sms), (second.options, second.messages, second.sms)} == {
        ((PLAIN_PUNCTUATION,), 2, 2),
        ((TRANSLITERATE,), 1, 1),
    }
