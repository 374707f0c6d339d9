"""[pure] Which +CNMI to set: how the modem tells of new messages and status reports (3GPP TS 27.005, 3.4.1).

Wanted: incoming SMS stored and told by +CMTI (mt 1), so that a power cut loses none; status reports routed at once as
+CDS (ds 1), since few modems store them. What the modem doesn't offer is replaced by the next best.
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.modem.answers import groups_in, numbers_in

# For each field (mode, mt, bm, ds, bfr) what we want, best first; 0 is none of it.
WISHES = ((2, 1, 3, 0), (1, 2, 3, 0), (0,), (1, 2, 0), (0, 1))
STORED_FIRST = ((2, 1, 3, 0), (1, 2, 3, 0), (0,), (2, 1, 0), (0, 1))
# For modems that do not say what they offer, tried in this order.
GUESSES = ("2,1,0,1,0", "2,1,0,1", "2,1,0,2,0", "1,1,0,1,0", "2,1,0,0,0", "2,1")


def candidates(lines: Iterable[str], override: str = "") -> tuple[str, ...]:
    """Arguments for AT+CNMI= to try, best first, from the answer to AT+CNMI=? and the overlay's own."""
    line = next((line for line in lines if line.startswith("+CNMI:")), "")
    groups = groups_in(line) if line else []
    if len(groups) < 2 or not any(map(numbers_in, groups)):
        chosen: tuple[str, ...] = GUESSES
    else:
        chosen = tuple(_choice(groups, wishes) for wishes in (WISHES, STORED_FIRST))
    return tuple(dict.fromkeys((*((override,) if override else ()), *chosen)))


def _choice(groups: list[str], wishes: tuple[tuple[int, ...], ...]) -> str:
    offered = [numbers_in(group) for group in groups[: len(wishes)]]
    best = [next((n for n in wish if n in offer), 0) for offer, wish in zip(offered, wishes, strict=False)]
    return ",".join(map(str, best))
