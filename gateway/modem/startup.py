"""From an open port to a modem that sends and receives SMS, for every kind that devices differ in.

Each step is tolerant: only PDU mode is indispensable. AT+CSMP is never sent: it belongs to text mode, and on Qualcomm
and ZTE devices it erases the service centre's number. Nor are the storages for writing and receiving changed: messages
are read wherever the modem puts them. Clauses: 3GPP TS 27.007 and 27.005, by command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import answers, notify, pin, quirks
from gateway.modem.pin import PinMemory
from gateway.modem.quirks import Quirks
from gateway.modem.readiness import Identity, NotReady, Setup
from gateway.modem.session import GsmSession

WAKE_UP_S = 12.0  # a modem that boots answers after some 10 s; the worker tries again later anyway
RADIO_S = 15.0  # AT+CFUN=1 powers the radio up
SIM_S = 1.0  # until a SIM that has power again has said who it is
START_S = 120.0  # all of it takes 1 s, on slow devices 20 s
FULL_FUNCTIONALITY = 1
SERVICES_WITH_ACKNOWLEDGEMENT = 1  # +CSMS: phase 2+
# What was routed to a daemon that was killed and never acknowledged: the network shall bring it again. Left alone, it
# would end all routing when the network's patience is over (27.005, 3.4.4). With nothing left over it is refused.
GIVE_BACK = "AT+CNMA=2"
KEEP_LINK = 2  # +CMMS: until switched off
READABLE = ("SM", "ME", "SR")  # SIM, equipment, status reports
JOINED = "MT"  # SIM and equipment as one, where a modem offers only that

# The network's coming and going is told unasked, of each kind of it that network.py asks for, since some devices tell
# the truth of one kind alone: a modem that forgets this has restarted (watch.py). And the modem's clock goes by the
# network's (27.007, 8.40), so that `doctor` can compare this machine's with it. Whatever is refused is done without.
NEWS = ("AT+CREG=1", "AT+CEREG=1", "AT+CGREG=1", "AT+CTZU=1")

# Nothing depends on these: echo off, errors as numbers.
TERMS = ("ATE0", "AT+CMEE=1")


def start(
    session: GsmSession, secret: str | None, memory: PinMemory, meet: Callable[[Identity], None] = lambda _told: None
) -> Setup:
    """Bring the modem up. Raises NotReady or CarrierLost with the reason and what to do.

    `meet` hears what it tells of itself before its PIN is sent, and raises where that is not to be.
    """
    session.bring_in_step(WAKE_UP_S)
    session.forget_failures()
    with session.within(START_S):
        return _started(session, secret, memory, meet)


def _started(session: GsmSession, secret: str | None, memory: PinMemory, meet: Callable[[Identity], None]) -> Setup:
    identity = _agree(session)
    own = quirks.for_modem(identity.manufacturer, identity.model)
    identity = with_sim(session, identity, own)
    meet(identity)
    identity = _unlocked(session, secret, identity, own, memory, meet)
    _switch_radio_on(session)
    identity = with_sim(session, make(session) if not identity.manufacturer else identity, own)
    own = quirks.for_modem(identity.manufacturer, identity.model)
    for command in own.init:
        session.ask(command)
    return _set_up(session, identity, own)


def make(session: GsmSession) -> Identity:
    """Manufacturer and model; empty where the modem doesn't say."""
    names = (answers.value_of(_lines(session, f"AT+{name}"), f"+{name}") for name in ("CGMI", "CGMM"))
    manufacturer, model = (name or "" for name in names)
    return Identity(manufacturer, model)


def with_sim(session: GsmSession, identity: Identity, own: Quirks) -> Identity:
    """The identity with every number that is still missing, as far as the modem tells it now."""
    return replace(
        identity,
        imei=identity.imei or answers.number_in(_lines(session, "AT+CGSN")),
        iccid=identity.iccid or iccid(session, own),
        imsi=identity.imsi or answers.number_in(_lines(session, "AT+CIMI")),
    )


def iccid(session: GsmSession, own: Quirks) -> str | None:
    """The SIM's number, by the first command that gives one."""
    found = (answers.iccid_in(_lines(session, command)) for command in own.iccid)
    return next((number for number in found if number), None)


def _agree(session: GsmSession) -> Identity:
    """Terms of talking; the reset comes between, since only then its kind is known."""
    _ask_all(session, TERMS)
    identity = make(session)
    if quirks.for_modem(identity.manufacturer, identity.model).uses_reset:
        _ask_all(session, ("ATZ", *TERMS))
    return identity


def _ask_all(session: GsmSession, commands: tuple[str, ...]) -> None:
    for command in commands:
        session.ask(command)


def _lines(session: GsmSession, command: str) -> tuple[str, ...]:
    answer = session.ask(command)
    return answer.lines if answer.is_ok else ()


def _unlocked(
    session: GsmSession,
    secret: str | None,
    identity: Identity,
    own: Quirks,
    memory: PinMemory,
    meet: Callable[[Identity], None],
) -> Identity:
    """A SIM that was put in while the device ran is seen by most of them only once the SIM's power was off: it is met
    before it gets a PIN, as any other, and may be another one than what was told before.
    """
    try:
        pin.unlock(session, secret, identity, memory)
    except pin.NoSim:
        for level in (0, FULL_FUNCTIONALITY):
            session.ask(f"AT+CFUN={level}", RADIO_S)
        session.mail.pause(SIM_S)
        identity = with_sim(session, replace(identity, iccid=None, imsi=None), own)
        meet(identity)
        pin.unlock(session, secret, identity, memory)
    return identity


def _switch_radio_on(session: GsmSession) -> None:
    level = answers.value_of(_lines(session, "AT+CFUN?"), "+CFUN")
    if level is not None and level.partition(",")[0].strip() != str(FULL_FUNCTIONALITY):
        session.ask(f"AT+CFUN={FULL_FUNCTIONALITY}", RADIO_S)


def _set_up(session: GsmSession, identity: Identity, own: Quirks) -> Setup:
    if not session.ask("AT+CMGF=0").is_ok:
        raise _without_pdu_mode(session)
    session.ask("AT+COPS=3,0")  # the operator's name in letters
    for command in NEWS:
        session.ask(command)
    if own.uses_cmms and answers.offers(_lines(session, "AT+CMMS=?"), "+CMMS", KEEP_LINK):
        session.ask(f"AT+CMMS={KEEP_LINK}")
    return Setup(
        identity=identity,
        quirks=own,
        storages=storages(session, own),
        needs_acknowledgement=_agree_on_acknowledgement(session, own),
        notifications=_ask_for_notifications(session, own),
        has_service_centre=answers.has_service_centre(_lines(session, "AT+CSCA?")),
    )


def _without_pdu_mode(session: GsmSession) -> NotReady:
    """A modem that refuses everything is not unsuitable, but out of order."""
    if session.temperature.has_worked:
        return NotReady(_("This modem has no PDU mode for SMS; use another one."), Cause.UNSUITABLE)
    return NotReady(_("The modem answers every command with an error."), Cause.FAULTY)


def storages(session: GsmSession, own: Quirks) -> tuple[str, ...]:
    """Those in which what came in may lie."""
    groups = answers.storages_in(_lines(session, "AT+CPMS=?"))
    offered = own.storages or (groups[0] if groups else ())
    return tuple(name for name in READABLE if name in offered) or tuple(name for name in (JOINED,) if name in offered)


def _agree_on_acknowledgement(session: GsmSession, own: Quirks) -> bool:
    offered = own.uses_csms and answers.offers(_lines(session, "AT+CSMS=?"), "+CSMS", SERVICES_WITH_ACKNOWLEDGEMENT)
    if not offered or not session.ask(f"AT+CSMS={SERVICES_WITH_ACKNOWLEDGEMENT}").is_ok:
        return False
    session.ask(GIVE_BACK)
    return True


def _ask_for_notifications(session: GsmSession, own: Quirks) -> str:
    """A modem that refuses them all can still send; its storage is looked through more often."""
    arguments = notify.candidates(_lines(session, "AT+CNMI=?"), own.cnmi)
    return next((argument for argument in arguments if session.ask(f"AT+CNMI={argument}").is_ok), "")


def check_echo(session: GsmSession) -> bool:
    """Whether echo is really off: then one that comes later tells of a restart. Raises CarrierLost on silence."""
    before = session.echoes
    if not session.ask("AT").is_ok and session.is_dirty:
        raise CarrierLost(_("The modem stopped answering while it started."), Cause.SILENT)
    return session.echoes == before
