"""[pure] What becomes of a submit after the network took it: the handset's luck and the status reports."""

from __future__ import annotations

from dataclasses import dataclass, replace

DELIVERED, STILL_TRYING, INCOMPATIBLE, NO_ANSWER, EXPIRED = 0x00, 0x30, 0x41, 0x62, 0x46  # TP-ST (9.2.3.15)


@dataclass(frozen=True, slots=True)
class Rule:
    """The reports of one submit, in order: (seconds after acceptance, TP-ST); None = the bank's report_s."""

    reports: tuple[tuple[float | None, int], ...] = ((None, DELIVERED),)
    is_received: bool = True  # the text reaches the handset
    copies: int = 1
    is_early: bool = False  # before the +CMGS result
    stamp: str = "true"  # true, zero, filled
    number: str = "as_submitted"  # as_submitted, national (916…), unknown (8916…)
    spread_s: float = 0.0  # a random delay on top, so that reports change places
    delays_s: tuple[float, ...] = ()  # delay of the first, second, … submit instead, from the start again at the end
    code: str | None = None  # the network refuses: "CMS 38"


RULES = {
    "delivered": Rule(),
    "fail": Rule(((None, EXPIRED),), is_received=False),
    "incompatible": Rule(((None, INCOMPATIBLE),), is_received=False),
    "gave_up": Rule(((None, NO_ANSWER),), is_received=False),
    "pending": Rule(((0.0, STILL_TRYING), (None, DELIVERED))),
    "pending_fail": Rule(((0.0, STILL_TRYING), (None, EXPIRED)), is_received=False),
    "pending_only": Rule(((None, STILL_TRYING),), is_received=False),
    "none": Rule(()),
    "lost": Rule((), is_received=False),
    "twice": Rule(copies=2),
    "early": Rule(is_early=True),
    "shuffled": Rule(spread_s=1.0),
    "swapped": Rule(delays_s=(0.4, 0.0)),
    "zero_time": Rule(stamp="zero"),
    "filled_time": Rule(stamp="filled"),
    "national": Rule(number="national"),
    "trunk": Rule(number="unknown"),
}


def rule(name: str, **changes: object) -> Rule:
    """A named rule, with changes."""
    return replace(RULES[name], **changes)  # type: ignore[arg-type]
