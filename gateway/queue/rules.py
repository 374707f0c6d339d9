"""[pure] What the configuration tells the queue: the clinic's country and clock, its carriers, the categories."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from types import MappingProxyType
from zoneinfo import ZoneInfo

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

UNCERTAIN_WAIT_S = 600.0  # a late answer or a report comes within minutes, if it comes
INCOMPLETE_AFTER_S = DAY_S  # networks hand over the parts of one message within hours, if at all


@dataclass(frozen=True, slots=True)
class Category:
    """What goes without saying for a kind of message."""

    priority: int  # 0 (last) to 9 (first)
    expires_after_s: float  # counted from when it was queued, or from not_before
    is_resent: bool = True  # sent once more when nobody knows whether it went out


DEFAULT_CATEGORY = "notification"
CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        "emergency": Category(9, DAY_S),
        "otp": Category(8, 15 * 60.0, is_resent=False),  # two codes confuse; its owner asks for another
        "notification": Category(5, 3 * DAY_S),
        "marketing": Category(2, DAY_S),
    }
)


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """By what a message is examined, and how long the queue waits for what may not come."""

    country: str = "RU"  # ISO 3166 alpha-2: for numbers without a country code
    timezone: str = "UTC"  # IANA name: for times without an offset
    short_codes: Collection[str] = ()
    carriers: Collection[str] = ()  # the names that `sender` may pin a message to
    are_carriers_known: bool = True  # False: they are still looked for, and any name may turn out to be one
    categories: Mapping[str, Category] = field(default_factory=lambda: CATEGORIES)
    uncertain_wait_s: float = UNCERTAIN_WAIT_S
    incomplete_after_s: float = INCOMPLETE_AFTER_S

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.timezone)

    def category(self, name: str | None) -> Category | None:
        """By the name as a writer put it; None for a name that is none."""
        return self.categories.get((name or "").strip().casefold() or DEFAULT_CATEGORY)
