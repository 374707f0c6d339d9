"""The ports of this machine and who is behind them: finding, recognising and opening modems."""

from __future__ import annotations

import glob
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.errors import CarrierLost
from gateway.i18n import _
from gateway.modem import quirks, startup
from gateway.modem.readiness import Identity as Numbers
from gateway.modem.session import GsmSession
from gateway.settings import ModemSettings

# By path first: that name stays with the socket, also for sticks without a serial number of their own.
PATTERNS = ("/dev/serial/by-path/*", "/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*", "/dev/rfcomm*")
PROBE_S = 4.0  # a port that stays silent so long has no modem that is awake
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


_probing = threading.Lock()  # two workers that look for their modems must not disturb each other


def find_ports(patterns: Iterable[str] = PATTERNS) -> list[str]:
    """The ports that may have a modem, each device once, under its first name."""
    found: dict[str, str] = {}
    for pattern in patterns:
        for port in sorted(glob.glob(pattern)):
            found.setdefault(os.path.realpath(port), port)
    return list(found.values())


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


def discover(patterns: Iterable[str] = PATTERNS) -> list[ModemSettings]:
    """Every modem that answers, as if it had been configured: sim-1, sim-2, …; of a stick's ports the first counts."""
    found: dict[str, Identity] = {}
    with _probing:
        for port in find_ports(patterns):
            identity = identify(port)
            if identity and (identity.imei or identity.manufacturer):
                found.setdefault(identity.imei or port, identity)
    return [ModemSettings(name=f"sim-{number}", port=each.port) for number, each in enumerate(found.values(), 1)]


def connect(settings: ModemSettings) -> GsmSession:
    """The opened line to the configured modem, nothing sent yet; raises CarrierLost with the reason and what to do."""
    if settings.port and not any(sign in settings.port for sign in GLOB):
        return _opened(settings.port, settings.baudrate)
    with _probing:
        return _opened(_located(settings), settings.baudrate)


def _opened(port: str, baudrate: int) -> GsmSession:
    session = GsmSession(port, baudrate)
    session.connect()
    return session


def _located(settings: ModemSettings) -> str:
    """The port on which the modem with the configured numbers answers."""
    ports = find_ports((settings.port,) if settings.port else PATTERNS)
    for port in ports:
        identity = identify(port, baudrate=settings.baudrate)
        if identity and _is_meant(identity, settings):
            return port
    raise CarrierLost(
        _("Modem {name} is on none of the {count} free ports: is it plugged in?").format(
            name=settings.name, count=len(ports)
        )
    )


def _is_meant(identity: Identity, settings: ModemSettings) -> bool:
    wanted = ((settings.imei, identity.imei), (settings.imsi, identity.imsi), (settings.iccid, identity.iccid))
    return all(number is None or _same(number, told) for number, told in wanted)


def _same(wanted: str, told: str | None) -> bool:
    """Whether two numbers name the same thing: an IMEI may lack its check digit, an ICCID too."""
    shorter, longer = sorted((wanted, told or ""), key=len)
    return bool(shorter) and longer.startswith(shorter) and len(longer) - len(shorter) <= 1


def _identity(session: GsmSession) -> Identity:
    session.ask("ATE0")
    made = startup.make(session)
    who: Numbers = startup.with_sim(session, made, quirks.for_modem(made.manufacturer, made.model))
    return Identity(session.port, who.manufacturer, who.model, who.imei, who.imsi, who.iccid)
