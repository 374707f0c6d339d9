"""[pure] Whether two sets of numbers mean the same modem or SIM: those configured, those known, those told now."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import replace

from gateway.modem.readiness import Identity
from gateway.settings import ModemSettings

GLOB = "*?["


def is_meant(identity: Identity, settings: ModemSettings) -> bool:
    """Whether the modem has every number that is configured."""
    return all(is_same(wanted, told) for wanted, told in _wanted(identity, settings))


def is_other(identity: Identity, settings: ModemSettings) -> bool:
    """Whether it tells another number than one that is configured; what it does not tell yet, it may still have."""
    return any(told and not is_same(wanted, told) for wanted, told in _wanted(identity, settings))


def _wanted(identity: Identity, settings: ModemSettings) -> list[tuple[str, str | None]]:
    """Each number that is configured, with the modem's own."""
    pairs = (settings.imei, identity.imei), (settings.imsi, identity.imsi), (settings.iccid, identity.iccid)
    return [(wanted, told) for wanted, told in pairs if wanted is not None]


def is_same(wanted: str, told: str | None) -> bool:
    """Whether two numbers name the same thing: with or without its check digit."""
    shorter, longer = sorted((wanted, told or ""), key=len)
    return bool(shorter) and longer.startswith(shorter) and len(longer) - len(shorter) <= 1


def is_same_device(one: Identity, other: Identity) -> bool:
    return bool(one.imei) and is_same(one.imei or "", other.imei)


def is_same_card(one: Identity, other: Identity) -> bool:
    """Whether both have told the same SIM."""
    if one.iccid and other.iccid:
        return is_same(one.iccid, other.iccid)
    return bool(one.imsi) and one.imsi == other.imsi


def is_same_sim(told: Identity, known: Identity) -> bool:
    """Whether it is the modem that is known: by its SIM; by the device where one of the two tells no SIM."""
    if (known.iccid and told.iccid) or (known.imsi and told.imsi):
        return is_same_card(known, told)
    return is_same_device(known, told)


def is_silent_sim(told: Identity, known: Identity) -> bool:
    """Whether it is the device that is known, with a SIM that tells no number, or none."""
    return not (told.iccid or told.imsi) and is_same_device(known, told)


def known_as(told: Identity, known: Iterable[Identity]) -> Identity:
    """With the ICCID under which the SIM is known: told with all its digits or not, or not told at all.

    And with its IMSI, which it doesn't tell before its PIN.
    """
    for sim in known:
        is_told = told.iccid is not None and is_same(sim.iccid or "", told.iccid)
        if is_told or (told.iccid is None and told.imsi is not None and told.imsi == sim.imsi):
            return replace(told, iccid=sim.iccid, imsi=told.imsi or sim.imsi)
    return told


def is_for(identity: Identity, port: str, settings: ModemSettings) -> bool:
    """Whether a modem that was found at `port` may be the one of a [[modem]] table without a port of its own."""
    is_near = not settings.port or fnmatch.fnmatch(port, settings.port)
    return is_near and is_meant(identity, settings)


def is_glob(port: str) -> bool:
    """Whether it stands for any number of ports."""
    return any(sign in port for sign in GLOB)


def has_number(settings: ModemSettings) -> bool:
    """Whether the modem can be known by one of its own numbers."""
    return any((settings.imei, settings.imsi, settings.iccid))
