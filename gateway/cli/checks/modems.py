"""Does each modem answer, is its SIM unlocked and in a network, how strong is the signal, is there a service centre?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

from gateway.alarms.words import OF_A_MODEM
from gateway.cli.checks import clock, ports
from gateway.cli.checks.finding import Finding
from gateway.cli.context import now
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _, ngettext
from gateway.life import Life

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.modem.session import GsmSession
    from gateway.settings import AlarmSettings, ModemSettings, Settings

IsRefused = Callable[[Sequence[str]], bool]
CHECK = "modem"
ANSWER_S = 5.0  # a modem that is awake answers AT within a second
WEAKEST_DBM = -105  # below this SMS get lost; 27.007 counts -113 as no signal
WELL = frozenset({Life.READY, Life.PAUSED})  # paused: because a person wants it so
REMEDIES: Mapping[str, str] = {
    Life.ABSENT: _("Plug it in."),
    Life.STARTING: _("Look again in half a minute."),
    Life.SEARCHING: _(
        "Does a phone with this SIM find the network here? If not, ask the operator. Antenna at a window?"
    ),
    Life.RECOVERING: _("The gateway treats it, for some minutes. If that does not help: unplug it, plug it in again."),
    **OF_A_MODEM,
}
FULL_PERCENT = 80  # from then on what comes in may soon find no room
OUT_OF_NETWORK: Mapping[Cause, str] = {
    Cause.DENIED: _("Ask the operator about this SIM: is it active, paid for, and allowed in this modem (IMEI)?"),
    Cause.NO_NETWORK: _("Antenna at a window, another place? Does a phone with this SIM find the network here?"),
}


def asked(settings: Settings, is_refused: IsRefused = lambda keys: False) -> Iterator[Finding]:
    """No daemon has the ports, so we ask each modem; no PIN is sent. `is_refused` knows the PINs that a SIM refused."""
    from gateway.modem import pool

    reached: list[str] = []
    for modem in settings.modems:
        yield from _ask(modem, is_refused, settings.alarms, reached)
    others = _others(settings, reached)
    for modem in others:
        yield from _ask(modem, is_refused, settings.alarms, reached)
    if not (settings.modems or others or settings.smpp):
        yield none_found(pool.find_ports())


def _others(settings: Settings, reached: Sequence[str]) -> list[ModemSettings]:
    """Modems at other ports than those `reached` that no table names, where these are used too."""
    from gateway.modem import pool

    if settings.modems and not settings.gateway.take_up_new:
        return []
    found = [each for each in pool.discover() if not pool.POOL.is_of(each.port, reached)]
    named = {modem.name for modem in settings.modems}
    free = (name for name in map("sim-{}".format, count(1)) if name not in named)
    return [each.model_copy(update={"name": name}) for each, name in zip(found, free, strict=False)]


def none_found(ports_there: Sequence[str] = ()) -> Finding:
    """Neither configured nor found."""
    finding = _("No modem was found.")
    remedy = _("Plug one in and look again; `ls -l /dev/serial/by-path /dev/ttyUSB* /dev/ttyACM*` shows the ports.")
    if ports_there:
        finding = _("No modem was found: nothing answers on {ports}.").format(ports=", ".join(ports_there))
        remedy = _("Is one plugged in and powered? Another program may hold its port, such as ModemManager.")
    return Finding(CHECK, False, finding, remedy)


def _ask(modem: ModemSettings, is_refused: IsRefused, alarms: AlarmSettings, reached: list[str]) -> Iterator[Finding]:
    from gateway.modem import pool
    from gateway.modem.readiness import NotReady

    if not ports.is_usable(modem.port):  # the check of the ports has said so
        return
    try:
        session = pool.connect(modem)
    except CarrierLost as problem:
        yield Finding(CHECK, False, f"{modem.name}: {problem}", _("Correct this, then look again."))
        return
    reached.append(session.port)
    try:
        session.bring_in_step(ANSWER_S)
        yield Finding(CHECK, True, _("{name}: the modem at {port} answers.").format(name=modem.name, port=session.port))
        yield from _sim(session, modem, is_refused, alarms)
    except NotReady as problem:
        yield Finding("sim", False, f"{modem.name}: {problem}", _("Correct this, then look again."))
    except CarrierLost as problem:
        yield Finding(CHECK, False, f"{modem.name}: {problem}", _("Unplug it, plug it in again, and look again."))
    finally:
        session.close()


def _sim(session: GsmSession, modem: ModemSettings, is_refused: IsRefused, alarms: AlarmSettings) -> Iterator[Finding]:
    """Without its PIN a SIM tells nothing more."""
    from gateway.modem import pin

    for command in ("ATE0", "AT+CMEE=1"):
        session.ask(command)
    state = pin.asked_for(session)
    if state in pin.USABLE:
        yield Finding("sim", True, _("{name}: the SIM is unlocked.").format(name=modem.name))
        yield from _radio(session, modem.name, alarms)
    else:
        finding = _("{name}: the SIM asks for {what}.").format(name=modem.name, what=state)
        is_well, remedy = _unlocking(session, modem, state, is_refused)
        yield Finding("sim", is_well, finding, remedy)


def _unlocking(session: GsmSession, modem: ModemSettings, state: str, is_refused: IsRefused) -> tuple[bool, str]:
    """Whether `run` will manage without a person, and what to do."""
    from gateway.modem import pin

    if state != pin.SIM_PIN:
        return False, _("Unlock it in a phone.")
    if modem.pin is None:
        return False, _("Put `pin` into its [[modem]] table.")
    if is_refused(_forbidding(session, modem.pin.get_secret_value())):
        return False, _("The SIM refused this PIN; it is not tried again: correct it in the configuration.")
    return True, _("The daemon enters the PIN of the configuration, once.")


def _forbidding(session: GsmSession, secret: str) -> Sequence[str]:
    """Under which the daemon remembers that this SIM refused this PIN."""
    from gateway.modem import pin, quirks, startup

    made = startup.make(session)
    return pin.forbidding(startup.with_sim(session, made, quirks.for_modem(made.manufacturer, made.model)), secret)


def _radio(session: GsmSession, name: str, alarms: AlarmSettings) -> Iterator[Finding]:
    from gateway.modem import answers, network

    told = network.states(session)
    if network.is_registered(told):
        place = network.operator(session) or _("a network")
        yield Finding("network", True, _("{name}: in {network}.").format(name=name, network=place))
    else:
        yield Finding("network", False, f"{name}: {network.detail(told)}", OUT_OF_NETWORK[network.cause(told)])
    yield signal(name, network.signal_dbm(session))
    yield from _storage(name, _fills(session))
    yield from _clock(name, network.clock(session), alarms)
    told_centre = session.ask("AT+CSCA?").lines
    if told_centre:  # a modem that doesn't tell may well have one
        yield centre(name, answers.has_service_centre(told_centre))


def signal(name: str, signal_dbm: int | None) -> Finding:
    if signal_dbm is None:
        return Finding("signal", True, _("{name}: the modem tells no signal.").format(name=name))
    is_enough = signal_dbm >= WEAKEST_DBM
    remedy = "" if is_enough else _("Move the antenna to a window or take a longer one.")
    return Finding(
        "signal", is_enough, _("{name}: the signal is {dbm}.").format(name=name, dbm=_dbm(signal_dbm)), remedy
    )


def _fills(session: GsmSession) -> list[tuple[int, int]]:
    """(used, capacity) of each storage; of the chosen one alone where the modem does not name them."""
    from gateway.modem import answers, quirks, startup
    from gateway.modem.storage import Storage

    made = startup.make(session)
    names = startup.storages(session, quirks.for_modem(made.manufacturer, made.model))
    chosen = answers.fill_in(session.ask("AT+CPMS?").lines)
    return list(Storage(session, names).measure().values()) or [fill for fill in (chosen,) if fill]


def _storage(name: str, fills: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """How full the fullest storage for messages is, where the modem tells it."""
    used, capacity = max((fill for fill in fills if fill[1]), key=lambda fill: fill[0] / fill[1], default=(0, 0))
    if capacity:
        finding = ngettext(
            "{name}: {used} of {capacity} place for messages is taken.",
            "{name}: {used} of {capacity} places for messages are taken.",
            capacity,
        )
        is_well = used * 100 < FULL_PERCENT * capacity
        remedy = "" if is_well else _("The daemon fetches and deletes what is there; what stays, delete in a phone.")
        told = finding.format(name=name, used=used, capacity=capacity)
        yield Finding("sim storage", is_well, told, remedy)


def _clock(name: str, theirs: datetime | None, alarms: AlarmSettings) -> Iterator[Finding]:
    """This machine's clock against the network's, where the network has set the modem's."""
    if theirs is None or theirs.year < clock.RELEASED:
        return
    off_s = abs((now() - theirs).total_seconds())
    if off_s > alarms.clock_off:
        minutes = round(off_s / 60)
        finding = ngettext(
            "{name}: the network's time is another one, by {minutes} minute.",
            "{name}: the network's time is another one, by {minutes} minutes.",
            minutes,
        )
        yield Finding("clock", False, finding.format(name=name, minutes=minutes), clock.REMEDY)


def centre(name: str, is_there: bool) -> Finding:
    if is_there:
        return Finding(
            "service centre", True, _("{name}: the SIM has the number of its service centre.").format(name=name)
        )
    remedy = _('Ask the operator for it and store it once: AT+CSCA="+…"')
    return Finding(
        "service centre", False, _("{name}: the SIM has no service centre number.").format(name=name), remedy
    )


def _dbm(signal_dbm: int | None) -> str:
    return "" if signal_dbm is None else f"{signal_dbm} dBm"
