"""[pure] Names of months and weekdays in Russian, English and Chinese, in the case that the words before them ask for.

`5 декабря` and `декабрь 2026`, `в среду` and `во вторник`: a template is written once and must read well on every day.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from enum import Enum


class Language(Enum):
    """Of a template: whose words dates are written in."""

    RUSSIAN = "ru"
    ENGLISH = "en"
    CHINESE = "zh"


class Case(Enum):
    """Of a Russian noun; the value is its place in the tables below."""

    NOMINATIVE = 0
    GENITIVE = 1
    DATIVE = 2
    ACCUSATIVE = 3
    PREPOSITIONAL = 4


CYRILLIC = re.compile("[а-яёіїєґәғқңөұүһ]", re.IGNORECASE)
LATIN = re.compile("[a-zà-ž]", re.IGNORECASE)
HAN = re.compile("[\u3400-\u9fff]")

# nominative, genitive, dative, accusative, prepositional
MONTHS = (
    ("январь", "января", "январю", "январь", "январе"),
    ("февраль", "февраля", "февралю", "февраль", "феврале"),
    ("март", "марта", "марту", "март", "марте"),
    ("апрель", "апреля", "апрелю", "апрель", "апреле"),
    ("май", "мая", "маю", "май", "мае"),
    ("июнь", "июня", "июню", "июнь", "июне"),
    ("июль", "июля", "июлю", "июль", "июле"),
    ("август", "августа", "августу", "август", "августе"),
    ("сентябрь", "сентября", "сентябрю", "сентябрь", "сентябре"),
    ("октябрь", "октября", "октябрю", "октябрь", "октябре"),
    ("ноябрь", "ноября", "ноябрю", "ноябрь", "ноябре"),
    ("декабрь", "декабря", "декабрю", "декабрь", "декабре"),
)
DAYS = (
    ("понедельник", "понедельника", "понедельнику", "понедельник", "понедельнике"),
    ("вторник", "вторника", "вторнику", "вторник", "вторнике"),
    ("среда", "среды", "среде", "среду", "среде"),
    ("четверг", "четверга", "четвергу", "четверг", "четверге"),
    ("пятница", "пятницы", "пятнице", "пятницу", "пятнице"),
    ("суббота", "субботы", "субботе", "субботу", "субботе"),
    ("воскресенье", "воскресенья", "воскресенью", "воскресенье", "воскресенье"),
)
SHORT_MONTHS = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
SHORT_DAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
ENGLISH_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHINESE_DAYS = "一二三四五六日"

# What a preposition asks of a weekday, and of a month that stands without its day.
CASES: Mapping[str, tuple[Case, Case]] = {
    "в": (Case.ACCUSATIVE, Case.PREPOSITIONAL),
    "на": (Case.ACCUSATIVE, Case.ACCUSATIVE),
    "по": (Case.ACCUSATIVE, Case.ACCUSATIVE),
    "до": (Case.GENITIVE, Case.GENITIVE),
    "с": (Case.GENITIVE, Case.GENITIVE),
    "от": (Case.GENITIVE, Case.GENITIVE),
    "после": (Case.GENITIVE, Case.GENITIVE),
    "к": (Case.DATIVE, Case.DATIVE),
}
# Those that take an о before some words: во вторник, со среды, ко вторнику.
WITH_VOWEL: Mapping[str, tuple[str, ...]] = {"в": ("вт",), "с": ("вт", "ср"), "к": ("вт",)}
LEAD = re.compile(r"(?<!\w)(?:(в|с|к)о?|на|по|до|от|после)[ \u00a0]+$", re.IGNORECASE)


_MONTH_WORDS: Mapping[str, int] = {
    form: number
    for number, forms in enumerate(zip(MONTHS, SHORT_MONTHS, ENGLISH_MONTHS, strict=True), start=1)
    for form in (*forms[0][:2], forms[1], forms[2].lower(), forms[2][:3].lower())
} | {"мая": 5, "сент": 9, "нояб": 11, "sept": 9}


def month_named(word: str) -> int | None:
    """The number of the month whose Russian or English name, in whole or short, this is."""
    return _MONTH_WORDS.get(word.lower())


def language_of(text: str) -> Language | None:
    """By which script most of its words are written in; None without any. An address on the web is but one word."""
    words = text.split()
    counts = {
        Language.RUSSIAN: sum(CYRILLIC.search(word) is not None for word in words),
        Language.CHINESE: len(HAN.findall(text)),
        Language.ENGLISH: sum(LATIN.search(word) is not None for word in words),
    }
    best = max(counts, key=lambda language: counts[language])
    return best if counts[best] else None


def parted(text: str) -> tuple[str, str]:
    """The text without the preposition at its end, and the preposition with its blank; "" when there is none."""
    found = LEAD.search(text)
    return (text[: found.start()], found[0]) if found else (text, "")


def led(lead: str, forms: tuple[str, ...], kind: int) -> str:
    """The word in the case that the preposition `lead` asks for, behind it; `kind`: 0 a weekday, 1 a month."""
    found = LEAD.fullmatch(lead)
    if found is None:
        return forms[Case.NOMINATIVE.value]
    stem = (found[1] or found[0].strip()).lower()
    word = forms[CASES[stem][kind].value]
    vowel = "о" if word.startswith(WITH_VOWEL.get(stem, ())) and stem in WITH_VOWEL else ""
    written = lead.rstrip(" \u00a0")
    return (written[:1] + vowel if found[1] else written) + lead[len(written) :] + word


Word = Callable[[date, str, bool], str]  # of a day, behind a preposition, whether its day of the month is written too

RUSSIAN: Mapping[str, Word] = {
    "A": lambda day, lead, _with_day: led(lead, DAYS[day.weekday()], 0),
    "a": lambda day, lead, _with_day: lead + SHORT_DAYS[day.weekday()],
    "B": lambda day, lead, with_day: (
        lead + MONTHS[day.month - 1][1] if with_day else led(lead, MONTHS[day.month - 1], 1)
    ),
    "b": lambda day, lead, with_day: lead + ("мая" if with_day and day.month == 5 else SHORT_MONTHS[day.month - 1]),
    "OB": lambda day, lead, _with_day: lead + MONTHS[day.month - 1][0],
    "EB": lambda day, lead, _with_day: lead + MONTHS[day.month - 1][1],
}
ENGLISH: Mapping[str, Word] = {
    "A": lambda day, lead, _with_day: lead + ENGLISH_DAYS[day.weekday()],
    "a": lambda day, lead, _with_day: lead + ENGLISH_DAYS[day.weekday()][:3],
    "B": lambda day, lead, _with_day: lead + ENGLISH_MONTHS[day.month - 1],
    "b": lambda day, lead, _with_day: lead + ENGLISH_MONTHS[day.month - 1][:3],
    "OB": lambda day, lead, _with_day: lead + ENGLISH_MONTHS[day.month - 1],
    "EB": lambda day, lead, _with_day: lead + ENGLISH_MONTHS[day.month - 1],
}
CHINESE: Mapping[str, Word] = {
    "A": lambda day, lead, _with_day: f"{lead}星期{CHINESE_DAYS[day.weekday()]}",
    "a": lambda day, lead, _with_day: f"{lead}周{CHINESE_DAYS[day.weekday()]}",
    "B": lambda day, lead, _with_day: f"{lead}{day.month}月",
    "b": lambda day, lead, _with_day: f"{lead}{day.month}月",
    "OB": lambda day, lead, _with_day: f"{lead}{day.month}月",
    "EB": lambda day, lead, _with_day: f"{lead}{day.month}月",
}
WORDS: Mapping[Language, Mapping[str, Word]] = {
    Language.RUSSIAN: RUSSIAN,
    Language.ENGLISH: ENGLISH,
    Language.CHINESE: CHINESE,
}
HALVES: Mapping[Language, tuple[str, str]] = {  # of the day: %p
    Language.RUSSIAN: ("AM", "PM"),
    Language.ENGLISH: ("AM", "PM"),
    Language.CHINESE: ("上午", "下午"),
}


def half_of(at: time, language: Language) -> str:
    """Before noon or after it."""
    return HALVES[language][at.hour >= 12]
