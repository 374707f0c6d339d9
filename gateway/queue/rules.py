"""[pure] What the configuration tells the queue: the clinic's country and clock, its carriers, the categories."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from gateway import routing
from gateway.routing import Facts, Route
from gateway.sms import repertoire

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

UNCERTAIN_WAIT_S = 600.0  # a late answer or a report comes within minutes, if it comes
STICKY_WAIT_S = 600.0  # so long a message waits for the SIM that its recipient knows
INCOMPLETE_AFTER_S = DAY_S  # networks hand over the parts of one message within hours, if at all


class WhenUncertain(StrEnum):
    """What is done when nobody knows whether an SMS went out."""

    NEVER = "never"  # it is not sent again
    ONCE = "once"  # it is sent once more when neither an answer nor a report has come within uncertain_wait
    AT_ONCE = "at_once"  # it is sent once more without waiting: two are better than none


class InBacklog(StrEnum):
    """What becomes of a message of a backlog that an outage has left."""

    HOLD = "hold"
    SEND = "send"
    DROP = "drop"


class Consent(StrEnum):
    """Whether people may refuse messages of a category."""

    NONE = "none"  # nobody is asked: what a patient has to know
    UNTIL_WITHDRAWN = "until_withdrawn"  # nothing goes to a number that asked for no more
    NEEDED = "needed"  # nor to contacts who have not agreed


@dataclass(frozen=True, slots=True)
class Category:
    """What goes without saying for a kind of message."""

    priority: int  # 0 (last) to 9 (first)
    expires_after_s: float  # counted from when it was queued, or from not_before
    when_uncertain: WhenUncertain = WhenUncertain.ONCE
    in_backlog: InBacklog = InBacklog.HOLD
    consent: Consent = Consent.NONE


DEFAULT_CATEGORY = "notification"
EMERGENCY = "emergency"
CATEGORIES: Mapping[str, Category] = MappingProxyType(
    {
        EMERGENCY: Category(9, DAY_S, WhenUncertain.AT_ONCE, InBacklog.SEND),
        # Two codes confuse, and its owner asks for another; a backlog of them ends by itself.
        "otp": Category(8, 15 * 60.0, WhenUncertain.NEVER, InBacklog.SEND),
        "notification": Category(5, 3 * DAY_S),
        "marketing": Category(2, DAY_S, consent=Consent.NEEDED),
    }
)


def category_name(written: str | None) -> str:
    """The category that a writer meant: none and blank are the usual one, whatever the case and the space around."""
    return (written or "").strip().casefold() or DEFAULT_CATEGORY


def is_emergency(written: str | None) -> bool:
    """Whether a writer means what must not be kept back because of all else that goes to a number."""
    return category_name(written) == EMERGENCY


FOUND_NAME = re.compile(r"sim-[1-9]\d{0,8}")  # what a modem is called that nobody configured (queue/lines.py)


def is_found_name(name: str) -> bool:
    """Whether a modem that is still to be found may come to be called so."""
    return FOUND_NAME.fullmatch(name) is not None


@dataclass(frozen=True, slots=True)
class SafetyRules:
    """When too much goes to one person, or all at once after an outage; a limit of 0 is none."""

    same_text_limit: int = 3
    same_text_window_s: float = DAY_S
    daily_limit: int = 20
    exempt: Collection[str] = ()  # E.164
    outage_s: float = 30 * 60.0
    backlog_limit: int = 50


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
    sticky_wait_s: float = STICKY_WAIT_S
    prefixes: Mapping[str, Collection[str]] = field(default_factory=dict)  # carrier -> beginnings of E.164 numbers
    longest: Mapping[str, int] = field(default_factory=dict)  # carrier -> SMS that a message over it may take at most
    routes: Sequence[Route] = ()  # the first that fits a message counts
    senders: Mapping[str, Sequence[str]] = field(default_factory=dict)  # sender's name -> the binds that have it
    lacking: Mapping[str, Collection[str]] = field(default_factory=dict)  # carrier -> characters that it can't write
    safety: SafetyRules = SafetyRules()

    @property
    def has_ways(self) -> bool:
        """Whether a message may have to go over some of the carriers only."""
        return bool(self.routes or self.senders)

    def way(self, facts: Facts) -> str | None:
        """Over which carriers a message goes that no writer has pinned to one; None: nobody may carry it."""
        if not self.has_ways:
            return routing.ANY
        return routing.way_of(self.routes, facts, self.senders.get(facts.sender) if facts.sender else None)

    def able_way(self, way: str, text: str) -> str | None:
        """Of this way those that can write the text; None: nobody can. Raises TextRefused."""
        unable = [name for name, lacks in self.lacking.items() if not repertoire.is_text_carried(text, lacks)]
        names = routing.names_of(way) or tuple(sorted(self.carriers))
        if not unable or not (way or self.are_carriers_known):
            return way  # of carriers that are still to be found nobody knows the names
        able = [name for name in names if name not in unable]
        if len(able) == len(names):
            return way
        return routing.way(able, is_shared=routing.is_shared(way) or way == routing.ANY)

    @property
    def zone(self) -> tzinfo:
        return ZoneInfo(self.timezone)

    def most_sms(self, route: str) -> int | None:
        """How many SMS a message may take that goes this way, '' any; None: any number."""
        ways = routing.names_of(route) or list(self.carriers)
        if not ways or not self.are_carriers_known or any(way not in self.longest for way in ways):
            return None
        return max(self.longest[way] for way in ways)

    def category(self, name: str | None) -> Category | None:
        """By the name as a writer put it; None for a name that is none."""
        return self.categories.get(category_name(name))
