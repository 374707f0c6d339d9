"""Who is behind which port: recognising modems and SIMs, and opening the one that is configured.

Ports are probed side by side, since most of a stick's ports stay silent; what answered is remembered for a while, so
that the workers of many modems that start together do not each probe them all.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.modem import quirks, readiness, startup
from gateway.modem.ports import find_ports
from gateway.modem.session import GsmSession
from gateway.settings import ModemSettings

__all__ = ["Identity", "check", "connect", "discover", "find_ports", "identify"]

PROBE_S = 4.0  # a port that stays silent so long has no modem that is awake
PROBES_AT_ONCE = 16  # one stick has up to five ports
KNOWN_S = 60.0  # how long an answer is believed; a port that was plugged anew is asked anew at once
SILENT_S = 3.0  # how long silence is: a modem that starts answers soon
GLOB = "*?["


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered on a port."""

    port: str
    manufacturer: str
    model: str
    imei: str | None
    imsi: str | None
    iccid: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What a port answered, and when."""

    device: tuple[int, int]  # number and change time of the device file: another after re-plugging
    identity: Identity | None
    asked_at: float  # time.monotonic()

    def is_fresh(self, device: tuple[int, int]) -> bool:
        age_s = time.monotonic() - self.asked_at
        return self.device == device and age_s < (KNOWN_S if self.identity else SILENT_S)


_known: dict[str, Known] = {}
_probing = threading.Lock()  # two workers that look for their modems must not disturb each other


def identify(port: str, *, baudrate: int = 115200, deadline_s: float = PROBE_S) -> Identity | None:
    """Who answers on `port`; None when nobody does or another program has it. Never sends a PIN."""
    session = GsmSession(port, baudrate)
    try:
        session.connect()
        session.bring_in_step(deadline_s)
        return _identity(session)
    except CarrierLost:
        return None
    finally:
        session.close()


def discover(patterns: Iterable[str] | None = None) -> list[ModemSettings]:
    """Every modem that answers, as if configured: sim-1, sim-2, …; of the ports of one stick the first one counts."""
    found: dict[str, Identity] = {}
    with _probing:
        for identity in _answers(find_ports(patterns)):
            if identity.imei or identity.manufacturer:
                found.setdefault(identity.imei or identity.port, identity)
    return [ModemSettings(name=f"sim-{number}", port=each.port) for number, each in enumerate(found.values(), 1)]


def connect(settings: ModemSettings) -> GsmSession:
    """The opened line to the configured modem, nothing sent yet; raises CarrierLost with the reason and what to do."""
    if settings.port and not any(sign in settings.port for sign in GLOB):
        return _opened(settings.port, settings.baudrate)
    with _probing:
        return _opened(_located(settings), settings.baudrate)


def check(settings: ModemSettings, port: str, found: readiness.Identity) -> None:
    """Whether the opened modem is the configured one; raises CarrierLost when it is another, and forgets the port."""
    if not _is_meant(found, settings):
        _known.pop(os.path.realpath(port), None)
        raise CarrierLost(
            _("On {port} is another modem or SIM than configured for {name}.").format(port=port, name=settings.name)
        )


def _opened(port: str, baudrate: int) -> GsmSession:
    session = GsmSession(port, baudrate)
    session.connect()
    return session


def _located(settings: ModemSettings) -> str:
    """The port on which the modem with the configured numbers answers."""
    ports = find_ports((settings.port,) if settings.port else None)
    for identity in _answers(ports, settings.baudrate):
        if _is_meant(identity, settings):
            return identity.port
    problem = _("Modem {name} answers on none of the {count} ports that are free: is it plugged in?")
    raise CarrierLost(problem.format(name=settings.name, count=len(ports)))


def _answers(ports: list[str], baudrate: int = 115200) -> list[Identity]:
    """Who answers on the ports, in their order; asks those whose answer is not known."""
    with ThreadPoolExecutor(PROBES_AT_ONCE, "probe") as executor:
        known = list(executor.map(lambda port: _ask(port, baudrate), ports))
    return [identity for identity in known if identity]


def _ask(port: str, baudrate: int) -> Identity | None:
    path = os.path.realpath(port)
    device = _device(path)
    known = _known.get(path)
    if known is None or not known.is_fresh(device):
        known = _known[path] = Known(device, identify(port, baudrate=baudrate), time.monotonic())
    return known.identity


def _device(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_rdev, status.st_ctime_ns


def _is_meant(identity: Identity | readiness.Identity, settings: ModemSettings) -> bool:
    wanted = ((settings.imei, identity.imei), (settings.imsi, identity.imsi), (settings.iccid, identity.iccid))
    return all(number is None or _is_same(number, told) for number, told in wanted)


def _is_same(wanted: str, told: str | None) -> bool:
    """Whether two numbers name the same thing: with or without its check digit."""
    shorter, longer = sorted((wanted, told or ""), key=len)
    return bool(shorter) and longer.startswith(shorter) and len(longer) - len(shorter) <= 1


def _identity(session: GsmSession) -> Identity:
    session.ask("ATE0")
    made = startup.make(session)
    who = startup.with_sim(session, made, quirks.for_modem(made.manufacturer, made.model))
    return Identity(session.port, who.manufacturer, who.model, who.imei, who.imsi, who.iccid)
