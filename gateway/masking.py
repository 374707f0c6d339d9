"""[pure] What must not stand in a log: numbers become +7******4567, texts, PDUs and PINs become [hidden]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[hidden]"

# Values under these keys are never shown, whatever they are.
SECRET_KEYS = frozenset(
    {"body", "text", "texts", "message_text", "pdu", "hex", "octets", "pin", "password", "template", "values", "cells"}
)
# Values under these keys are identities of devices or places, not of people, and look like numbers.
OPEN_KEYS = frozenset(
    {"imei", "imsi", "iccid", "line", "port", "host", "pid", "id", "outbox_id", "key", "timestamp", "version"}
)
# Sentences under these keys are about the configuration: what stands bare in them is a limit or a value of it, and what
# a person wrote as text, a number to call perhaps, stands in quotes (settings/mistakes.py).
SETTINGS_KEYS = frozenset({"mistakes"})

PIN_COMMAND = re.compile(r'(CPIN\s*=\s*)"?[0-9]+"?(?:\s*,\s*"?[0-9]+"?)?', re.IGNORECASE)
PDU = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{20,}(?![0-9A-Za-z])")  # a PDU with a number in it has 10 octets or more
MOMENT = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?"  # a date has as many digits as a number
BETWEEN = r"[ \u00a0\u2009-\u2015\u202f().-]{0,3}"  # spaces and dashes as people and phones write them
NUMBER = re.compile(rf"({MOMENT})|(?<![\w.:/-])(\+?)(\d(?:{BETWEEN}\d){{6,18}})(?![\w:])")
# So many digits in a row are a number even where a time, a path or an address could stand: tel:79000001234
RUN = re.compile(r"(?<![0-9A-Za-z])(\d)\d{5,10}(\d{4})(?![0-9A-Za-z])")
QUOTED = re.compile(r'("(?:[^"\\]|\\.)*"?)')  # an end that was cut off belongs to it
BARE = re.compile(
    r"(?<![\w+.])(\d{7,9}(?:\.\d+)?)(?!\w|\.\d)"
)  # from ten digits on it may be a number to call, quoted or not
DIGIT = re.compile(r"\d")
SHORT = 6  # CPIN=1 is the shortest that is hidden: a number has seven digits, a PDU twenty


def masked(value: Any, key: str = "") -> Any:
    """The value as it may be logged; lists and mappings inside it too."""
    if key in SECRET_KEYS:
        return HIDDEN
    if isinstance(value, str):
        return _masked_words(value, key)
    if isinstance(value, Mapping):
        return {name: masked(inner, str(name)) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [masked(inner, key if key in SETTINGS_KEYS else "") for inner in value]
    return _masked_other(value, key)


def masked_text(text: str) -> str:
    """The text without PINs, PDUs and numbers."""
    if len(text) < SHORT or not DIGIT.search(text):
        return text
    without_pin = PIN_COMMAND.sub(rf"\1{HIDDEN}", text)
    return RUN.sub(r"\1******\2", NUMBER.sub(_masked_number, PDU.sub(HIDDEN, without_pin)))


def _masked_words(text: str, key: str) -> str:
    if key in SETTINGS_KEYS:
        return "".join(masked_text(part) if part[:1] == '"' else _masked_bare(part) for part in QUOTED.split(text))
    return text if key in OPEN_KEYS else masked_text(text)


def _masked_bare(text: str) -> str:
    """All but whole numbers of up to nine digits."""
    return "".join(part if BARE.fullmatch(part) else masked_text(part) for part in BARE.split(text))


def _masked_other(value: Any, key: str) -> Any:
    """Numbers are masked by their size; anything that is not plain data is shown as text and masked so."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return masked_text(str(value)) if value >= 10**9 and key not in OPEN_KEYS else value
    return HIDDEN if isinstance(value, (bytes, bytearray)) else masked_text(str(value))


def _masked_number(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    digits = "".join(DIGIT.findall(found[3]))
    return f"{found[2]}{digits[0]}******{digits[-4:]}"
