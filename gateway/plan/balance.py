"""[pure] The operator's answer about a SIM's balance, read by a pattern; and when the money runs out at this rate."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

DAY_S = 86400.0
LOOK_BACK = timedelta(days=28)  # a month's fee and four of each weekday are in it
LEAST_S = 1.5 * DAY_S  # of watching before anything is foretold
FARTHEST = timedelta(days=365)  # beyond it nothing is foretold

BLANK = re.compile(r"[\s'’]")  # \s has the no-break and thin spaces too
MINUS = str.maketrans("−–", "--")
MARK = re.compile(r"[.,]")
GROUPED = re.compile(r"-?[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*")  # 1,234 is a thousand and more, not one and a bit


@dataclass(frozen=True, slots=True)
class Balance:
    """What the answer said; None: it did not say."""

    balance: float | None = None  # in the operator's currency
    allowance: int | None = None  # SMS that the plan still has


@dataclass(frozen=True, slots=True)
class Point:
    """A balance, or an allowance, at a moment."""

    at: datetime
    left: float


def read(answer: str, pattern: str) -> Balance | None:
    """The answer's figures; None when the pattern does not fit it."""
    found = re.search(pattern, answer)
    if found is None:
        return None
    groups = found.groupdict()
    balance, allowance = (_number(groups.get(name)) for name in ("balance", "allowance"))
    read_so = Balance(balance, None if allowance is None else int(allowance))
    return None if read_so == Balance() else read_so


def _number(written: str | None) -> float | None:
    """`1 234,50`, `1,234.50`, `-0.5`; digits of any script. Of two kinds of mark the last one is the decimal one."""
    text = BLANK.sub("", written or "").translate(MINUS)
    at = -1 if GROUPED.fullmatch(text) else max(text.rfind("."), text.rfind(","))
    whole, decimals = (text, "") if at < 0 else (text[:at], text[at + 1 :])
    try:  # what a careless pattern finds may be no number
        number = float(f"{MARK.sub('', whole)}.{decimals}")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def runs_out(points: Sequence[Point]) -> datetime | None:
    """When nothing is left if it goes on like that; None when that can't be told, or is far away. Oldest first.

    A rise is money paid in: what was spent in that stretch is not known, so it does not count.
    """
    falls = [(before.left - after.left, after.at - before.at) for before, after in pairwise(points)]
    spent = sum(fall for fall, _span in falls if fall >= 0)
    watched_s = sum(span.total_seconds() for fall, span in falls if fall >= 0)
    if watched_s < LEAST_S or spent <= 0:
        return None
    wait = timedelta(seconds=min(max(0.0, points[-1].left) / spent * watched_s, 2 * FARTHEST.total_seconds()))
    return points[-1].at + wait if wait <= FARTHEST else None
