"""[pure] A contact's language and time zone, as lists have them: `русский`, `EN`, `中文`; `Asia/Omsk`, `UTC+3`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache

from gateway.merge.cells import folded
from gateway.merge.zones import UnknownZone, zone_of

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
    """`Asia/Omsk` or `UTC+06:00`, as an import reads it again; None when nobody can tell which zone is meant."""
    try:
        return str(zone_of(written, UTC))
    except UnknownZone:
        return None
