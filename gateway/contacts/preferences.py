"""[pure] A contact's language and time zone, as lists have them: `русский`, `EN`, `中文`; `Asia/Omsk`, `UTC+3`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gateway.merge.cells import folded

LANGUAGE_HEADING = re.compile(r"^(?:язык.*|(?:preferred )?language|lang|语言|тіл[іи]?)$", re.IGNORECASE)
ZONE_HEADING = re.compile(r"^(?:часовой пояс|time ?zone|tz|时区)$", re.IGNORECASE)

# ISO 639-1, with the names that people write; the first three letters of ISO 639-2 are among them.
LANGUAGES: Mapping[str, tuple[str, ...]] = {
    "ru": ("русский", "рус", "русс", "russian", "rus", "俄语", "俄文"),
    "en": ("английский", "англ", "english", "eng", "英语", "英文"),
    "zh": ("китайский", "кит", "chinese", "zho", "chi", "中文", "汉语", "华语"),
    "kk": ("казахский", "каз", "kazakh", "kaz", "қазақ", "қазақша"),
    "uz": ("узбекский", "узб", "uzbek", "uzb"),
    "tg": ("таджикский", "тадж", "tajik", "tgk"),
    "ky": ("киргизский", "кыргызский", "kyrgyz", "kir"),
    "tt": ("татарский", "тат", "tatar", "tat"),
    "uk": ("украинский", "укр", "ukrainian", "ukr"),
    "be": ("белорусский", "бел", "belarusian", "bel"),
    "hy": ("армянский", "арм", "armenian", "hye", "arm"),
    "az": ("азербайджанский", "азерб", "azerbaijani", "aze"),
    "ka": ("грузинский", "груз", "georgian", "kat", "geo"),
    "de": ("немецкий", "нем", "german", "deu", "ger", "德语"),
    "fr": ("французский", "франц", "french", "fra", "fre", "法语"),
    "es": ("испанский", "spanish", "spa", "西班牙语"),
    "tr": ("турецкий", "turkish", "tur"),
    "ar": ("арабский", "arabic", "ara"),
    "vi": ("вьетнамский", "vietnamese", "vie"),
    "ko": ("корейский", "korean", "kor"),
    "ja": ("японский", "japanese", "jpn", "日语"),
}
BY_NAME: Mapping[str, str] = {folded(name): code for code, names in LANGUAGES.items() for name in (code, *names)}
TAG = re.compile(r"([a-z]{2})(?:[-_][a-z0-9]{2,8})*")  # en, en-GB, zh_Hans: the language alone counts
OFFSET = re.compile(r"(?:utc|gmt)\s*([+-])\s*(\d{1,2})(?::?00)?")  # whole hours
FARTHEST = 14  # hours from UTC


@lru_cache(maxsize=256)
def language_code(written: str) -> str | None:
    """`ru`; None when nobody can tell which is meant. Any tag of two letters counts, named here or not."""
    name = folded(written).rstrip(".")
    if name in BY_NAME:
        return BY_NAME[name]
    tag = TAG.fullmatch(name)
    return tag[1] if tag else None


@lru_cache(maxsize=256)
def zone_name(written: str) -> str | None:
    """The IANA name; None when there is no such zone. `UTC+3` is one without summer time."""
    offset = OFFSET.fullmatch(folded(written))
    if offset:
        hours = int(offset[2])
        west = "-" if offset[1] == "+" else "+"  # POSIX counts westwards: Etc/GMT-3 is three hours ahead
        return None if hours > FARTHEST else f"Etc/GMT{west}{hours}" if hours else "Etc/UTC"
    return _known(written.strip().replace(" ", "_"))


def _known(name: str) -> str | None:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
