"""Who is behind which port: recognising modems and SIMs by their own numbers, and opening the one that is wanted.

A configured port stands for the stick that is plugged in there: of its ports the one that takes SMS is opened. A stick
that comes back elsewhere is known again by its SIM. A stick that one carrier has is spoken to by no other.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from gateway.errors import CarrierLost, Cause
from gateway.i18n import _
from gateway.modem import probing, surveying, usb, who
from gateway.modem.ports import find_ports as ports_there
from gateway.modem.probing import PROBE_S, Found, Nobody, Prober
from gateway.modem.readiness import Identity
from gateway.modem.roster import Met, Roster
from gateway.modem.search import Search
from gateway.modem.session import GsmSession
from gateway.modem.surveying import Survey
from gateway.modem.usb import DEV, SYSFS, Rank
from gateway.modem.who import has_number, is_glob, is_meant, is_same_sim
from gateway.settings import ModemSettings

DISCOVER_S = 20.0  # for a person who waits: modems that are just starting get so long


class Pool:
    """The modems of this machine. Any thread may call it."""

    def __init__(self, sysfs: Path = SYSFS, dev: Path = DEV, probe_s: float = PROBE_S) -> None:
        self._sysfs, self.dev, self._probe_s = sysfs, dev, probe_s
        self.roster = Roster(sysfs)
        self._prober = Prober(partial(probing.ask, deadline_s=probe_s), lambda port: bool(self.roster.holder(port)))

    # What a carrier asks.

    def connect(self, settings: ModemSettings) -> GsmSession:
        """The opened line to the configured modem; raises CarrierLost with the reason and what to do."""
        if not settings.port or is_glob(settings.port):
            return self._wherever(settings, lambda told: is_meant(told, settings), is_hasty=has_number(settings))
        if os.path.exists(settings.port):
            return self._at_port(settings, settings.port)
        return self._moved(settings)

    def meet(self, settings: ModemSettings, port: str, told: Identity) -> Identity:
        """The opened modem's numbers before its PIN is sent; raises CarrierLost when it plainly is another one."""
        identity = self.roster.known(told)
        if who.is_other(identity, settings):
            raise self._stranger(settings, port)
        return identity

    def check(self, settings: ModemSettings, port: str, identity: Identity) -> Identity:
        """The opened modem's numbers, its SIM's as they were told first; raises CarrierLost when another is meant."""
        identity = self.roster.known(identity)
        if not is_meant(identity, settings):
            raise self._stranger(settings, port)
        self.roster.remember(settings.name, identity, port)
        self.roster.know(identity)
        return identity

    def _stranger(self, settings: ModemSettings, port: str) -> CarrierLost:
        self._prober.forget(port)
        problem = _("On {port} is another modem or SIM than configured for {name}.")
        return CarrierLost(problem.format(port=port, name=settings.name), Cause.STRANGER)

    # What there is.

    def ports(self, patterns: Iterable[str] | None = None) -> list[str]:
        return ports_there(patterns, sysfs=self._sysfs, dev=self.dev)

    def is_of(self, port: str | None, paths: Iterable[str]) -> bool:
        """Whether any of the paths is a port of the stick that `port` belongs to."""
        return port is not None and self.roster.stick(port) in {self.roster.stick(path) for path in paths}

    def survey(self, patterns: Iterable[str] | None = None) -> Survey:
        """What is known by now of the modems that no carrier has; whoever was not asked yet is asked. Never waits."""
        answers = {port: self._prober.latest(port) for port in self.roster.free(self.ports(patterns), "")}
        return surveying.survey(answers, self.roster.known, self.roster.is_awaited, self._sysfs)

    def _rank(self, port: str) -> Rank:
        return usb.rank(port, self._sysfs)

    # Opening.

    def _at_port(self, settings: ModemSettings, port: str) -> GsmSession:
        """The stick at this port, by whichever of its ports takes SMS; the one that last did is tried first."""
        paths = usb.ports_of_stick(port, self._sysfs, self.dev)
        if len(paths) == 1:
            return self._opened(settings, port)
        met = self.roster.met(settings.name)
        before = met.port if met and met.port in paths else ""
        first = before or port
        session = self._opened(settings, first)
        takes_sms = _takes_sms(session, self._probe_s)
        if takes_sms:
            return session
        session.close()
        self._prober.forget(first)
        search = self._search(settings, lambda _told: True)
        useless = {first} if takes_sms is False else set()  # what was silent may only have been slow
        search.run(lambda: [path for path in usb.ports_of_stick(port, self._sysfs, self.dev) if path not in useless])
        best = self._best(settings, search, search.found)
        if best is None:
            answers = bool(useless or search.found)
            raise _own_fault(search) or _none_takes_sms(port, answers=answers, did_before=bool(before))
        return best

    def _wherever(
        self, settings: ModemSettings, is_wanted: Callable[[Identity], bool], *, is_hasty: bool
    ) -> GsmSession:
        """The modem that is wanted, on any port."""
        patterns = (settings.port,) if settings.port and is_glob(settings.port) else None
        search = self._search(settings, is_wanted, is_hasty=is_hasty)
        search.run(lambda: self.roster.free(self.ports(patterns), settings.name))
        found = self._best(settings, search, search.found)
        session = found or self._locked(settings, search) or self._hanging(settings, search)
        if session is None:
            for each in search.found:
                self._prober.forget(each.port)  # asked anew next time: it may only have been starting
            raise _missing(settings.name, search)
        return session

    def _locked(self, settings: ModemSettings, search: Search) -> GsmSession | None:
        """The line to the device that it had last, when the SIM there tells no number: it may want its PIN first."""
        met = self.roster.met(settings.name)
        found = search.of(partial(who.is_silent_sim, known=met.identity)) if met else []
        return self._best(settings, search, found)

    def _hanging(self, settings: ModemSettings, search: Search) -> GsmSession | None:
        """The line to the modem that it had last, when that stick is still there and silent: remedies need it."""
        met = self.roster.met(settings.name)
        silent = {os.path.realpath(each.port) for each in search.problems if each.cause is Cause.SILENT}
        if met is None or not met.port or os.path.realpath(met.port) not in silent:
            return None
        answered = {self.roster.stick(each.port) for each in search.answered}
        return None if self.roster.stick(met.port) in answered else self._opened(settings, met.port)

    def _moved(self, settings: ModemSettings) -> GsmSession:
        """Nothing is at its port any more: the same SIM, else the same device, at a port that is nobody's."""
        met = self.roster.met(settings.name)
        if met is None or not met.identity.line:
            return self._opened(settings, settings.port or "")  # says what is wrong with it
        anywhere = settings.model_copy(update={"port": None})
        try:
            return self._wherever(anywhere, lambda told: is_same_sim(told, met.identity), is_hasty=True)
        except CarrierLost:
            return self._opened(settings, settings.port or "")

    def _search(
        self, settings: ModemSettings, is_wanted: Callable[[Identity], bool], *, is_hasty: bool = True
    ) -> Search:
        def is_one(told: Identity) -> bool:
            return is_wanted(self.roster.known(told))

        return Search(self._prober, self.roster.stick, self._rank, settings.baudrate, is_one, is_hasty)

    def _best(self, settings: ModemSettings, search: Search, found: Iterable[Found]) -> GsmSession | None:
        """The line to the best of these that nobody was quicker to open."""
        met = self.roster.met(settings.name)
        useful = [each for each in found if each.takes_sms]
        for each in sorted(useful, key=lambda one: (_is_new(one, met), self._rank(one.port), one.port)):
            try:
                return self._opened(settings, each.port)
            except CarrierLost as problem:
                self._prober.forget(each.port)
                search.problems.append(Nobody(each.port, problem.cause, str(problem)))
        return None

    def _opened(self, settings: ModemSettings, port: str) -> GsmSession:
        """The opened line, nothing sent yet."""
        session = GsmSession(port, settings.baudrate)
        if holder := self.roster.take(settings.name, port, session):
            problem = _("Port {port} belongs to the modem that {name} has already.")
            raise CarrierLost(problem.format(port=port, name=holder), Cause.FORBIDDEN)
        try:
            self._prober.leave(port)
            session.connect()
        except Exception:
            session.alive = False
            raise
        return session


POOL = Pool()


def connect(settings: ModemSettings) -> GsmSession:
    """Pool.connect of this process's pool."""
    return POOL.connect(settings)


def meet(settings: ModemSettings, port: str, told: Identity) -> Identity:
    """Pool.meet of this process's pool."""
    return POOL.meet(settings, port, told)


def check(settings: ModemSettings, port: str, identity: Identity) -> Identity:
    """Pool.check of this process's pool."""
    return POOL.check(settings, port, identity)


def find_ports(patterns: Iterable[str] | None = None) -> list[str]:
    """The ports that match, or without patterns all that may have a modem."""
    return POOL.ports(patterns)


def discover(patterns: Iterable[str] | None = None) -> list[ModemSettings]:
    """Every modem that answers, as if configured by its port: sim-1, sim-2, …"""
    wanted = None if patterns is None else tuple(patterns)
    until = time.monotonic() + DISCOVER_S
    while not (survey := POOL.survey(wanted)).is_complete and time.monotonic() < until:
        time.sleep(0.02)
    return [ModemSettings(name=f"sim-{number}", port=each.port) for number, each in enumerate(survey.found, 1)]


def _own_fault(search: Search) -> CarrierLost | None:
    """Where our own code has failed with a port, nothing is known of the stick."""
    own = next((each for each in search.problems if each.cause is Cause.GATEWAY), None)
    return CarrierLost(own.reason, Cause.GATEWAY) if own else None


def _none_takes_sms(port: str, *, answers: bool, did_before: bool) -> CarrierLost:
    """Of a stick whose ports were all asked. One that took SMS before is out of order: there a remedy may help."""
    if not answers:
        return CarrierLost(_("The modem at {port} is silent.").format(port=port), Cause.SILENT)
    if did_before:
        problem = _("The modem at {port} answers, but takes SMS on none of its ports.")
        return CarrierLost(problem.format(port=port), Cause.FAULTY)
    problem = _("The modem at {port} answers, but takes SMS on none of its ports; use another one.")
    return CarrierLost(problem.format(port=port), Cause.UNSUITABLE)


def _missing(name: str, search: Search) -> CarrierLost:
    """Why the modem is not to be had, in the order of what helps a person."""
    if search.found and not any(each.takes_sms for each in search.found):
        return CarrierLost(_("Modem {name} takes no SMS on any of its ports.").format(name=name), Cause.ABSENT)
    if search.count:
        sentence = _("Modem {name} answers on no free port (asked: {count}). Is it plugged in?")
    else:
        sentence = _("There is no free port at which modem {name} could answer. Is it plugged in?")
    problem = sentence.format(name=name, count=search.count)
    barred = next((each for each in search.problems if each.cause in (Cause.FORBIDDEN, Cause.GATEWAY)), None)
    return CarrierLost(f"{problem} {barred.reason}" if barred else problem, Cause.ABSENT)


def _is_new(found: Found, met: Met | None) -> bool:
    return met is None or not is_same_sim(found.identity, met.identity)


def _takes_sms(session: GsmSession, within_s: float) -> bool | None:
    """Whether the port at the other end is one for SMS; None: nobody answers there."""
    try:
        session.bring_in_step(within_s)
        return probing.takes_sms(session)
    except CarrierLost:
        return None
