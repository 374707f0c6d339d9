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
    is_hung: bool = False  # its worker does not move
    is_treated: bool = False  # a remedy is being tried, or is due
    is_climbing: bool = False  # one was tried that has not proved itself
    own_fault: str = ""  # what the gateway's own code met with it, which keeps it out of service
    watch: str = ""  # why it is given no messages though it is open
    pause: str | None = None  # since when and why a person has paused it
    is_busy: bool = False  # it sends
    block: str | None = None  # how long the operator's block is sat out
    hold: str = ""  # what it waits for before it sends on


def state(own: str, known: Known) -> str:
    """The first that applies: what a person wants, what has failed, what is done about it, the carrier's own word."""
    if own == Life.STOPPED and not known.own_fault:
        return own
    if known.is_hung:
        return Life.FAILED
    if known.pause is not None:
        return own if known.is_busy else Life.PAUSED
    if known.is_failed:
        return Life.FAILED
    if known.own_fault:
        return Life.RECOVERING
    if (known.is_treated and own not in PLAIN) or (known.is_climbing and own == Life.STARTING):
        return Life.RECOVERING
    if own == Life.READY and known.watch:
        return Life.RECOVERING
    return Life.BLOCKED if own == Life.READY and known.block is not None else own


def shown(own: CarrierStatus, known: Known) -> CarrierStatus:
    """The state, and why."""
    to_show = state(own.state, known)
    return replace(own, state=to_show, detail=_detail(own, known, to_show))


def _detail(own: CarrierStatus, known: Known, to_show: str) -> str:
    if known.is_hung and to_show == Life.FAILED:
        return _("The gateway's own thread for it does not move any more: restart the daemon.")
    if known.pause is not None and own.state != Life.STOPPED:
        return _of_pause(own, known)
    match to_show:
        case Life.FAILED | Life.RECOVERING if known.own_fault:
            return _of_own_fault(known)
        case Life.FAILED if known.is_failed:
            return _failed(_reason(own, known), known.name)
        case Life.RECOVERING | Life.FAILED:
            return known.watch or _reason(own, known) or own.detail
        case Life.BLOCKED:
            return known.block or ""
        case Life.READY:
            return _both(known.trouble or known.hold, own.detail)
    return own.detail


def _reason(own: CarrierStatus, known: Known) -> str:
    """Why it is out of service: of a link that is well in itself only its SMS tell, its own words are figures."""
    return known.trouble if own.state == Life.READY else own.detail or known.trouble


def _both(why: str, own: str) -> str:
    """What holds it up, and then what it says of itself: a bind has figures while it is well."""
    if why == own:
        return own
    return " ".join(part for part in (why, own) if part)


def _of_pause(own: CarrierStatus, known: Known) -> str:
    if known.is_busy:
        return _("Draining: it ends what it has begun, then it is paused.")
    sentence = _("{pause} `smsgw modems resume {name}` puts it back into service.")
    return f"{sentence.format(pause=known.pause, name=known.name)} {own.detail}".strip()


def _of_own_fault(known: Known) -> str:
    if not known.is_failed:
        return known.own_fault
    sentence = _("{reason} The next try is within 15 minutes, or now: `{command}`.")
    return sentence.format(reason=known.own_fault, command=f"smsgw modems resume {known.name}")


def _failed(reason: str, name: str) -> str:
    sentence = _("{reason} No remedy helped; the next try is within 15 minutes, or now: `{command}`.")
    return sentence.format(reason=reason, command=f"smsgw modems resume {name}").strip()
