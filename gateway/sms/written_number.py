"""[pure] From what people write in a phone column to digits, or the reason why it is no phone number.

Knows spaces, brackets, labels, extensions, any script's digits and what a spreadsheet makes of numbers. What country a
number belongs to and whether it exists is number.py's; choosing one of several numbers is the mail merge's.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from gateway.sms.number_error import Cause, refusal

_LONGEST_TEXT = 200  # a cell with more is no phone number
_LONGEST_NUMBER = 15  # ITU-T E.164, and as many digits as a spreadsheet's number keeps
_FULL_NUMBER = 7  # as many digits make a number of their own beside another
_PLAIN_FORMS = {"Pd": "-", "Sm": "-", "Zs": " ", "Cf": ""}  # dashes, minus signs, spaces, invisible marks
_LONG_FORM = range(10, 14)  # digits of a mobile number with or without its country code


@dataclass(frozen=True, slots=True)
class Written:
    """The digits of a number as written."""

    digits: str = field(repr=False)
    is_international: bool  # begins with a plus sign or 00 and then the country code


_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:\d\d|(?:19|20)\d\d)"
_DATE = rf"{_DAY}[./-]{_MONTH}[./-]{_YEAR}|{_YEAR}[./-]{_MONTH}[./-]{_DAY}"
_TIME = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?"

# What is no phone number by its shape, in this order.
_SHAPES = (
    (re.compile(r"[^@]*@"), Cause.MAIL),
    (re.compile(rf"\s*(?:{_DATE})(?:[\sT]+{_TIME})?\s*$"), Cause.DATE),
    (re.compile(rf"\s*{_TIME}\s*$"), Cause.DATE),
)
_IDENTITY_SHAPES = {
    "RU": re.compile(
        r"\s*(?:\d{3}-\d{3}-\d{3}[ -]\d\d"  # pension insurance (SNILS)
        r"|\d\d ?\d\d(?:\s+|\s*N\s*)\d{6})\s*$"  # passport: series and number
    )
}

# Words beside a number: the first line that knows one decides; words that no line knows are letters.
_WORDS: tuple[tuple[re.Pattern[str], Cause | None], ...] = tuple(
    (re.compile(words, re.IGNORECASE), cause)
    for words, cause in (
        (
            r"нет|не|без|отказ\w*|отсутств\w*|стоп|запре\w*|умер\w*|жоқ|no|not|none|never|stop|without|refus\w*|don",
            Cause.DECLINED,
        ),
        (
            r"инн|снилс|паспорт\w*|полис\w*|омс|дмс|огрн\w*|сч[её]т\w*|карт[аы]|иин|жсн|"
            r"id|passport|policy|account|iban|card",
            Cause.IDENTITY,
        ),
        (r"(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)[ья]|марта?|ма[йя]|августа?|года?", Cause.DATE),
        (
            r"n|д|р|с|t|т|тел|телефон\w*|тлф|моб|мобильн\w*|сот|сотов\w*|дом|домашн\w*|раб|рабоч\w*|конт|контакт\w*|ном|номер|факс|"
            r"смс|sms|для|связи|личн\w*|tel|telephone|phone|ph|mobile|mob|cell|whatsapp|ватсап|вотсап|viber|вайбер|telegram|"
            r"мам[аы]|пап[аы]|мать|отец|муж|жена|сын|дочь|бабушка|дедушка|брат|сестра|ұялы|手机|手机号|电话|联系电话|"
            r"mother|father|mum|mom|dad|wife|husband|son|daughter|妈妈|爸爸|母亲|父亲|妻子|丈夫|儿子|女儿|本人|家属|家长|"
            r"[妈爸母父妻夫子女儿]|爷爷|奶奶|外公|外婆|老公|老婆|监护人|супруга?",
            None,
        ),
    )
)
_WORD = re.compile(r"[^\W\d_]+")

BEHIND_WHOSE = r"(?<=[^\W\d_][)）])\s*(?=[+\d])"  # `8 900 000-00-01 (мама) 8 900 000-00-02 (папа)`
_EXTENSION = re.compile(
    r"(?<=[\d\s,;(])[\s,;(]*(?:доб|добавочн\w*|доп|внутр\w*|вн|ext|extension|分机|转|[xх#])[.:\sN]*\d{1,6}\s*\)?\s*$",
    re.IGNORECASE,
)
_BETWEEN_NUMBERS = re.compile(rf"[,;、/\\|\n和或]|\b(?:и|или|or|and)\b|{BEHIND_WHOSE}", re.IGNORECASE)
_SIGNS = re.compile(r"[*#%$=^~?]|\d\D*\+")  # a plus sign behind a digit; a question mark is a doubt
_CORE = re.compile(r"\d(?:.*\d)?", re.DOTALL)  # from the first digit to the last
_IN_CORE = re.compile(r"[\d\s().\-/]*")
_NOT_DIGIT = re.compile(r"\D+")

_WHOLE = re.compile(r"\s*(\+?\d+)[.,]0+\s*$")
_FRACTION = re.compile(r"\s*\+?\d{9,}[.,]\d{1,6}\s*$")  # more digits are a number of their own
_SCIENTIFIC = re.compile(r"\s*(\d+)(?:[.,](\d*))?E\+?(\d{1,3})\s*$", re.IGNORECASE)


def read(text: str, country: str) -> Written:
    """The digits of the one number that `text` holds; raises NumberError."""
    if len(text) > _LONGEST_TEXT:
        raise refusal(Cause.SIGNS)
    plain = _EXTENSION.sub("", _from_spreadsheet(_plain(text)))
    _refuse_shapes(plain, country)
    _refuse_several(plain)
    _refuse_words(plain)
    return _digits(plain)


def _plain(text: str) -> str:
    """Compatibility forms, digits of any script and dashes in ASCII; no invisible characters."""
    if text.isascii():
        return text
    return "".join(map(_plain_character, unicodedata.normalize("NFKC", text.replace("№", " N "))))


def _plain_character(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return _PLAIN_FORMS.get(unicodedata.category(character), character)


def _from_spreadsheet(text: str) -> str:
    """A number that went through a floating-point cell, written out; raises when digits are lost."""
    if whole := _WHOLE.match(text):
        return _exact(whole[1])
    if scientific := _SCIENTIFIC.match(text):
        return _written_out(scientific[1], scientific[2] or "", int(scientific[3]))
    if _FRACTION.match(text):
        raise refusal(Cause.FRACTION)
    return text


def _written_out(head: str, decimals: str, exponent: int) -> str:
    """7.9000000001E+10 has every digit; 7.9E+10 has lost nine, and what stood there can't be known."""
    if len(decimals) < exponent or decimals[exponent:].strip("0"):
        raise refusal(Cause.PRECISION_LOST)
    return _exact(head + decimals[:exponent])


def _exact(digits: str) -> str:
    if len(digits.lstrip("+")) > _LONGEST_NUMBER:
        raise refusal(Cause.PRECISION_LOST)
    return digits


def _refuse_shapes(text: str, country: str) -> None:
    identity = _IDENTITY_SHAPES.get(country)
    if identity and identity.match(text):
        raise refusal(Cause.IDENTITY)
    for shape, cause in _SHAPES:
        if shape.match(text):
            raise refusal(cause)


def _refuse_several(text: str) -> None:
    parts = _BETWEEN_NUMBERS.split(text)
    if len(parts) > 1 and sum(_count_digits(part) >= _FULL_NUMBER for part in parts) > 1:
        raise refusal(Cause.SEVERAL)
    if text.count("+") > 1 or _is_two_long_numbers(text):
        raise refusal(Cause.SEVERAL)


def _is_two_long_numbers(text: str) -> bool:
    """Two numbers with nothing but a space between them."""
    total = _count_digits(text)
    if total < 2 * _LONG_FORM.start:
        return False
    words = text.split()
    first = (_count_digits("".join(words[:end])) for end in range(1, len(words)))
    return any(count in _LONG_FORM and total - count in _LONG_FORM for count in first)


def _count_digits(text: str) -> int:
    return len(_NOT_DIGIT.sub("", text))


def _refuse_words(text: str) -> None:
    """Words that say what the number is may stand before or after it; whatever else they say, it is not for us."""
    words = _WORD.findall(text)
    if not words:
        return
    if not _count_digits(text):
        raise refusal(Cause.NOTHING)
    meanings = [_meaning(word) for word in words]
    for meaning in (Cause.DECLINED, Cause.IDENTITY, Cause.DATE, Cause.LETTERS):
        if meaning in meanings:
            raise refusal(meaning)


def _meaning(word: str) -> Cause | None:
    return next((cause for words, cause in _WORDS if words.fullmatch(word)), Cause.LETTERS)


def _digits(text: str) -> Written:
    core = _CORE.search(text)
    if core is None:
        raise refusal(Cause.NOTHING)
    _refuse_core(text, core.group())
    digits = _NOT_DIGIT.sub("", text)
    if len(digits) > _LONGEST_NUMBER and len(set(digits)) > 1:  # all alike: number.py knows placeholders
        raise refusal(Cause.TOO_LONG if digits[_LONGEST_NUMBER:].strip("0") else Cause.PRECISION_LOST)
    is_abroad = digits.startswith("00") and len(digits) >= _LONG_FORM.start
    return Written(digits[2:] if is_abroad else digits, is_abroad or "+" in text)


def _refuse_core(text: str, core: str) -> None:
    if _WORD.search(core):
        raise refusal(Cause.LETTERS)
    if _SIGNS.search(text):
        raise refusal(Cause.SIGNS)
    if not _IN_CORE.fullmatch(core):
        raise refusal(Cause.SEVERAL if _BETWEEN_NUMBERS.search(core) else Cause.SIGNS)
