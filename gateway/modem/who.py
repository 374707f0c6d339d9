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
    wanted = ((settings.imei, identity.imei), (settings.imsi, identity.imsi), (settings.iccid, identity.iccid))
    return all(number is None or is_same(number, told) for number, told in wanted)


def is_same(wanted: str, told: str | None) -> bool:
    """Whether two numbers name the same thing: with or without its check digit."""
    shorter, longer = sorted((wanted, told or ""), key=len)
    return bool(shorter) and longer.startswith(shorter) and len(longer) - len(shorter) <= 1


def is_same_sim(told: Identity, known: Identity) -> bool:
    """Whether it is the modem that is known: by its SIM; by the device where one of the two tells no SIM."""
    if known.iccid and told.iccid:
        return is_same(known.iccid, told.iccid)
    if known.imsi and told.imsi:
        return known.imsi == told.imsi
    return bool(known.imei) and is_same(known.imei or "", told.imei)


def is_silent_sim(told: Identity, known: Identity) -> bool:
    """Whether it is the device that is known, with a SIM that tells no number, or none."""
    return not (told.iccid or told.imsi) and is_same(known.imei or "", told.imei)


def known_as(told: Identity, known: Iterable[Identity]) -> Identity:
    """With the ICCID under which the SIM is known: told with all its digits or not, or not told at all."""
    for sim in known:
        is_told = told.iccid is not None and is_same(sim.iccid or "", told.iccid)
        if is_told or (told.iccid is None and told.imsi is not None and told.imsi == sim.imsi):
            return replace(told, iccid=sim.iccid)
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
