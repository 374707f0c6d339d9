"""[pure] The state of a carrier as people see it: its own word, and what its worker knows besides."""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway.carrier import CarrierStatus
from gateway.i18n import _
from gateway.life import Life

# States of a device that says more than that a remedy is being tried.
PLAIN = frozenset({Life.ABSENT, Life.NEEDS_PIN, Life.STOPPED})


@dataclass(frozen=True, slots=True)
class Known:
    """What a worker knows of its carrier."""

    name: str
    trouble: str = ""  # what its last SMS met, or why it fell
    is_failed: bool = False  # every remedy was tried
    is_treated: bool = False  # a remedy is being tried, or is due
    is_climbing: bool = False  # one was tried that has not proved itself
    pause: str | None = None  # since when and why a person has paused it
    is_busy: bool = False  # it sends
    block: str | None = None  # how long the operator's block is sat out
    hold: str = ""  # what it waits for before it sends on


def shown(own: CarrierStatus, known: Known) -> CarrierStatus:
    """The first that applies: what a person wants, what has failed, what is done about it, the carrier's own word."""
    if own.state == Life.STOPPED:
        return own
    if known.pause is not None:
        return _paused(own, known)
    if known.is_failed:
        return replace(own, state=Life.FAILED, detail=_failed(own.detail or known.trouble, known.name))
    if (known.is_treated and own.state not in PLAIN) or (known.is_climbing and own.state == Life.STARTING):
        return replace(own, state=Life.RECOVERING, detail=own.detail or known.trouble)
    if own.state != Life.READY:
        return own
    if known.block is not None:
        return replace(own, state=Life.BLOCKED, detail=known.block)
    return replace(own, detail=own.detail or known.trouble or known.hold)


def _paused(own: CarrierStatus, known: Known) -> CarrierStatus:
    """One that is being drained still shows how it is."""
    if known.is_busy:
        return replace(own, detail=_("Draining: it ends what it has begun, then it is paused."))
    sentence = _("{pause} `smsgw modems resume {name}` puts it back into service.")
    detail = sentence.format(pause=known.pause, name=known.name)
    return replace(own, state=Life.PAUSED, detail=f"{detail} {own.detail}".strip())


def _failed(reason: str, name: str) -> str:
    sentence = _("{reason} Every remedy was tried. It is tried again every 15 minutes; at once: `{command}`.")
    return sentence.format(reason=reason, command=f"smsgw modems resume {name}").strip()
