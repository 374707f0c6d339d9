"""[pure] Reading what modems answer, as they really write it: quotes missing, fields missing, noise around.

Each function takes the information lines of one answer and gives the value, or None (or nothing) when it isn't there;
none raises. See 3GPP TS 27.007 for +CREG (7.2), +COPS (7.3), +CSQ (8.5), +CRSM (8.18); TS 27.005 for +CPMS (3.2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from gateway.modem import numbers

DIGITS = re.compile(r"(?<!\d)\d{14,16}(?!\d)")  # an IMEI has 15 digits, 16 with its software version; an IMSI up to 15
ICCID = re.compile(r"(?<![0-9A-Fa-f])(89\d{16,20})[Ff]*(?![0-9A-Fa-f])")  # ITU-T E.118: 89 is telecommunication
SIM_FILE = re.compile(r"\+CRSM:\s*144\s*,\s*\d+\s*,\s*\"?([0-9A-Fa-f]{20})")  # 144 = 0x90: done
MEMORY = re.compile(r"[A-Z]{2}")
GROUP = re.compile(r"\(([^()]*)\)")
UNKNOWN_SIGNAL = 99
HIGHEST_STATE = 11  # 27.007, 7.2: registration states


def value_of(lines: Iterable[str], prefix: str = "") -> str | None:
    """The first line's value, without `prefix`, blanks and quotes."""
    for line in lines:
        text = line.removeprefix(prefix).lstrip(":").strip().strip('"').strip()
        if text:
            return text
    return None


def number_in(lines: Iterable[str]) -> str | None:
    """An IMEI or IMSI, with or without a prefix and quotes."""
    return next((match[0] for match in map(DIGITS.search, lines) if match), None)


def iccid_in(lines: Sequence[str]) -> str | None:
    """A SIM's number from +CCID, ^ICCID and the like, or from the file EF-ICCID, whose digits are swapped in pairs."""
    for line in lines:
        file = SIM_FILE.search(line)
        match = ICCID.search(_swapped(file[1]) if file else line) or ICCID.search(_swapped(_hexadecimal(line)))
        if match:
            return match[1]
    return None


def _hexadecimal(line: str) -> str:
    match = re.search(r"[0-9A-Fa-f]{18,22}$", line.strip().strip('"'))
    return match[0] if match else ""


def _swapped(digits: str) -> str:
    return "".join(digits[at : at + 2][::-1] for at in range(0, len(digits), 2))


def registration_in(lines: Iterable[str]) -> int | None:
    """The state of the last +CREG, +CGREG or +CEREG line: 1 home, 5 roaming, 6 and 7 for SMS only, else not usable."""
    states = [_state(line) for line in lines if re.match(r"\+C[GE]?REG:", line)]
    return next((state for state in reversed(states) if state is not None), None)


def _state(line: str) -> int | None:
    """Answers say mode and state; unasked the mode is left out. The cells that follow may be quoted or not."""
    first, second = [*(part.strip().strip('"') for part in line.partition(":")[2].split(",")), "", ""][:2]
    has_mode = second.isdecimal() and len(second) <= 3 and int(second) <= HIGHEST_STATE  # 3: Iridium writes 001
    state = numbers.whole(second if has_mode else first)
    return state if state is not None and state <= HIGHEST_STATE else None


def signal_dbm_in(lines: Iterable[str]) -> int | None:
    """+CSQ: 0 to 31 stand for -113 to -51 dBm in steps of 2."""
    match = next((found for found in (re.match(r"\+CSQ:\s*(\d{1,9})(?!\d)", line) for line in lines) if found), None)
    steps = int(match[1]) if match else UNKNOWN_SIGNAL
    return -113 + 2 * steps if steps <= 31 else None


def registration_mode_in(lines: Iterable[str]) -> int:
    """<n> of the answer to +CREG? and its kin: 0, nothing is told unasked, or it does not say."""
    for line in lines:
        match = re.match(r"\+C[GE]?REG:\s*0*([0-9])\s*,\s*0*\d{1,2}\b", line)
        if match:
            return int(match[1])
    return 0


# +CESQ: rxlev, ber, rscp, ecno, rsrq, rsrp; each place that tells a level, its unknown value, and the dBm of its 0.
EXTENDED_LEVELS = ((5, 255, -141), (2, 255, -121), (0, 99, -111))


def extended_signal_dbm_in(lines: Iterable[str]) -> int | None:
    """+CESQ: the level in LTE, else in UMTS, else in GSM (27.007, 8.69)."""
    line = next((line for line in lines if line.startswith("+CESQ:")), "")
    levels = [numbers.whole(part.strip()) for part in line.partition(":")[2].split(",")]
    for place, unknown, floor in EXTENDED_LEVELS:
        level = levels[place] if place < len(levels) else None
        if level is not None and level < min(unknown, 98):
            return floor + level
    return None


CLOCK = re.compile(r"\+CCLK:\s*\"?(\d{2}|20\d{2})/(\d{2})/(\d{2}),(\d{2}):(\d{2}):(\d{2})\s*([+-]\d{1,2})?")
YEARS = range(2024, 2064)  # clocks that were never set begin in 1970, 1980, 2000 or 2004


def clock_in(lines: Iterable[str]) -> datetime | None:
    """+CCLK: local time and its distance from UTC in quarters of an hour; without one it is taken as UTC."""
    match = next((found for found in map(CLOCK.match, lines) if found), None)
    if not match:
        return None
    year, *rest = (int(part) for part in match.groups()[:6])
    try:
        zone = timezone(timedelta(minutes=15 * int(match[7] or 0)))
        month, day, hour, minute, second = rest
        told = datetime(year % 100 + 2000, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
    return told if told.year in YEARS else None


def operator_in(lines: Iterable[str]) -> str | None:
    """The name in +COPS: mode, format, name, technology; quotes may lack."""
    for line in lines:
        fields = line.removeprefix("+COPS:").split(",")
        if line.startswith("+COPS:") and len(fields) >= 3:
            return fields[2].strip().strip('"').strip() or None
    return None


def has_service_centre(lines: Iterable[str]) -> bool:
    """+CSCA: False only when the modem shows an empty number; it may be in UCS-2 and without quotes."""
    line = next((line for line in lines if line.startswith("+CSCA:")), None)
    return line is None or bool(re.search(r"\d{3}", line.partition(":")[2].split(",")[0]))


def groups_in(line: str) -> list[str]:
    """The parenthesised groups of a test command's answer, innermost only; without parentheses all is one group."""
    tail = line.partition(":")[2]
    return GROUP.findall(tail) or [tail.strip()]


def numbers_in(group: str) -> frozenset[int]:
    """`0-2,5` -> 0, 1, 2, 5."""
    found: set[int] = set()
    for low, high in re.findall(r"(\d{1,9})(?:\s*-\s*(\d{1,9}))?", group):
        found |= set(range(int(low), min(int(high or low), int(low) + 255) + 1))
    return frozenset(found)


def storages_in(lines: Iterable[str]) -> list[tuple[str, ...]]:
    """+CPMS=?: the names of each storage's choices (read, write, receive); a modem may name fewer, or none."""
    line = next((line for line in lines if line.startswith("+CPMS")), "")
    groups = [tuple(dict.fromkeys(MEMORY.findall(group))) for group in groups_in(line)]
    return [group for group in groups if group]


def fill_in(lines: Iterable[str]) -> tuple[int, int] | None:
    """(used, capacity) of the storage for reading, from the answer to +CPMS= or +CPMS?."""
    line = next((line for line in lines if line.startswith("+CPMS:")), "")
    match = re.match(r"\+CPMS:\s*(?:\"?[A-Z]{2}\"?\s*,\s*)?(\d{1,9})\s*,\s*(\d{1,9})", line)
    return (int(match[1]), int(match[2])) if match else None


def offers(lines: Iterable[str], prefix: str, number: int) -> bool:
    """Whether a test command's answer names `number` in its first group: `+CMMS: (0-2)` offers 2."""
    line = next((line for line in lines if line.startswith(prefix + ":")), "")
    return bool(line) and number in numbers_in(groups_in(line)[0])
