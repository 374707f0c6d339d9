"""The kinds of value that keys take, each checked once here."""

from __future__ import annotations

import difflib
import os
import re
import zoneinfo
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_core import PydanticCustomError

from gateway.i18n import _
from gateway.settings.duration import seconds

LOCALTIME = Path("/etc/localtime")  # a link into the zone database on every Linux
ZONE_FOLDER = "zoneinfo/"


def near_miss(name: str, known: list[str]) -> str:
    """` (did you mean "…"?)` when one of `known` is close to `name`, else nothing."""
    folded = {word.lower(): word for word in known}
    near = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return _(' (did you mean "{name}"?)').format(name=folded[near[0]]) if near else ""


def one_of(known: Sequence[str]) -> AfterValidator:
    """A word that is in a list; one that is near to it is named."""

    def check(word: str) -> str:
        if word not in known:
            raise PydanticCustomError("near_miss", "{hint}", {"hint": near_miss(word, list(known))})
        return word

    return AfterValidator(check)


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as problem:
        hint = near_miss(name, sorted(zoneinfo.available_timezones()))
        raise PydanticCustomError("near_miss", "{hint}", {"hint": hint}) from problem
    return name


def _country(code: str) -> str:
    from phonenumbers import SUPPORTED_REGIONS

    if code.upper() not in SUPPORTED_REGIONS:
        raise ValueError("no such country")
    return code.upper()


def _pin(pin: SecretStr) -> SecretStr:
    digits = pin.get_secret_value()
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 8):
        raise ValueError("not a PIN")
    return pin


def _printable(name: str) -> str:
    if not name.isprintable() or name != name.strip():
        raise ValueError("not a name")
    return name


def _sendable(text: str) -> str:
    """A phone must be able to show it; what begins or ends with blanks could not be told from what stands beside it."""
    from gateway.sms.alphabet import check
    from gateway.sms.message import TextRefused

    try:
        check(text)
    except TextRefused as problem:
        raise PydanticCustomError("near_miss", "{hint}", {"hint": f" ({problem})"}) from problem
    return text.strip()


def _pattern(pattern: str) -> str:
    try:
        named = re.compile(pattern).groupindex
    except re.error as problem:
        raise PydanticCustomError("near_miss", "{hint}", {"hint": f" ({problem})"}) from problem
    if "balance" not in named and "allowance" not in named:
        raise ValueError("no group balance")
    return pattern


def system_zone(environment: dict[str, str] | None = None) -> str:
    """The machine's own IANA zone: $TZ, else the one that /etc/localtime links to, else UTC."""
    given = (os.environ if environment is None else environment).get("TZ", "").lstrip(":")
    return next((name for name in (given, _linked_zone()) if name in zoneinfo.available_timezones()), "UTC")


def _linked_zone() -> str:
    return os.path.realpath(LOCALTIME).rpartition(ZONE_FOLDER)[2]


LONGEST_S = 10 * 366 * 86400  # ten years: far beyond any use, and dates still fit a calendar
Duration = Annotated[float, BeforeValidator(seconds), Field(gt=0, le=LONGEST_S)]  # seconds
Zone = Annotated[str, AfterValidator(_zone)]  # IANA name
Country = Annotated[str, AfterValidator(_country)]  # ISO 3166 alpha-2
Name = Annotated[str, Field(min_length=1, max_length=32), AfterValidator(_printable)]
File = Annotated[Path, Field(strict=False)]
Text = Annotated[str, Field(min_length=1), AfterValidator(_printable)]
Pin = Annotated[SecretStr, AfterValidator(_pin)]
ShortCode = Annotated[str, Field(pattern=r"^[0-9]{2,8}$")]
ShortCodes = Annotated[tuple[ShortCode, ...], Field(strict=False)]
Imei = Annotated[str, Field(pattern=r"^[0-9]{14,16}$")]
Imsi = Annotated[str, Field(pattern=r"^[0-9]{6,15}$")]
Iccid = Annotated[str, Field(pattern=r"^[0-9]{18,22}$")]
Cost = Annotated[float, Field(strict=False, ge=0, le=1_000_000, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=1_000_000)]
Switch = Annotated[int, Field(ge=0, le=1_000_000)]  # 0 switches it off
Percent = Annotated[int, Field(ge=0, le=100)]
TimeWindow = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]
Prefix = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{0,13}$")]
Address = Annotated[str, Field(pattern=r"^https?://[^\s/?#]\S*$")]
Ussd = Annotated[str, Field(pattern=r"^[*#0-9]{2,40}$")]
Ending = Annotated[str, Field(max_length=300), AfterValidator(_sendable)]
Pattern = Annotated[str, AfterValidator(_pattern)]
