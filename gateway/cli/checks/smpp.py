"""Does each SMSC answer, is its certificate good, does it let this account in?

Without a daemon we bind ourselves, as it would, and take leave at once. Beside a running one we don't: an account has
few binds, and the daemon tells.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING, Any

from gateway.cli.checks.finding import Finding
from gateway.errors import CarrierLost, Cause
from gateway.i18n import _, ngettext
from gateway.life import Life

if TYPE_CHECKING:
    from gateway.settings import Settings, SmppSettings
    from gateway.smpp.wire import Link, Wire

CHECK = "smpp"
LEAST_DAYS = 14  # that a certificate should still be good: an operator takes days to renew one
A_DAY_S = 86_400
WELL = frozenset({Life.READY, Life.PAUSED})  # paused: because a person wants it so

REMEDIES: Mapping[Cause, str] = {  # beside what the problem itself says
    Cause.NO_NETWORK: _("Look again in some minutes; if it stays so, ask the operator."),
    Cause.DENIED: _("Compare every letter with what the operator sent, then look again."),
    Cause.FORBIDDEN: _("Correct this, then look again."),
}
LONG_PASSWORD = _("The password is longer than the {most} characters that SMPP 3.4 has: ask for a shorter one.")
NO_PASSWORD = _("No password is configured: put it in a file, and name the file in `password_file`.")
STATES: Mapping[str, str] = {  # beside what the daemon says of it
    Life.SEARCHING: _("It is tried again by itself."),
    Life.FAILED: _("When its account and settings are right: smsgw modems resume {name}"),
    Life.BLOCKED: _("Ask the operator about this account, then: smsgw modems resume {name}"),
}


def contradictions(settings: Settings) -> Iterator[Finding]:
    """Keys that don't go together: the daemon can work with them, but hardly as somebody meant it."""
    for bind in settings.smpp:
        if (bind.ca_file or bind.server_name) and not bind.tls:
            sentence = _("{name}: the link is not encrypted, though there is a ca_file or server_name.")
            yield Finding(CHECK, False, sentence.format(name=bind.name), _("`tls = true`, or take them away."))
        if bind.password_file and bind.password_credential:
            sentence = _("{name}: there are password_file and password_credential; the credential counts.")
            yield Finding(CHECK, False, sentence.format(name=bind.name), _("Take one of them away."))


def from_daemon(settings: Settings, carriers: Iterable[Mapping[str, Any]], now: datetime) -> Iterator[Finding]:
    """As the running daemon tells it."""
    rows = {carrier["name"]: carrier for carrier in carriers if carrier["kind"] == CHECK}
    for bind in settings.smpp:
        row = rows.get(bind.name)
        if row is not None:
            yield _told(row)
        if bind.tls and row is not None and row["state"] == Life.READY:
            yield from _certificate_of(bind, now)


def asked(settings: Settings, now: datetime) -> Iterator[Finding]:
    """No daemon has the binds, so we try each account."""
    for bind in settings.smpp:
        yield from _ask(bind, now)


def _told(row: Mapping[str, Any]) -> Finding:
    if row.get("updated_at") == "":
        sentence = _("{name}: the running daemon does not know it yet.").format(name=row["name"])
        return Finding(CHECK, False, sentence, _("sudo systemctl reload smsgw; without systemd: kill -HUP PID"))
    is_well = row["state"] in WELL
    sentence = f"{row['name']}: {row['state']}"
    if is_well:
        return Finding(CHECK, True, f"{sentence}, {row['detail']}" if row["detail"] else sentence)
    more = STATES.get(row["state"], "").format(name=row["name"])
    return Finding(CHECK, False, sentence, " ".join(part for part in (row["detail"], more) if part))


def _ask(bind: SmppSettings, now: datetime) -> Iterator[Finding]:
    from gateway.smpp.wire import Wire

    with closing(Wire()) as wire:
        try:
            yield from _try(wire, bind, now)
        except CarrierLost as problem:
            yield Finding(CHECK, False, f"{bind.name}: {problem}", _remedy(bind, problem.cause))


def _try(wire: Wire, bind: SmppSettings, now: datetime) -> Iterator[Finding]:
    """Each step that is well; raises CarrierLost at the first that is not."""
    from gateway.smpp.session import Session
    from gateway.smpp.terms import Terms

    terms = Terms(bind)
    if terms.is_for_service_only:
        link = _linked(wire, bind)
        yield Finding(CHECK, True, _only_reached(bind, terms.address))
        yield from _certificate(bind.name, link, now)
        return
    requests = terms.binds()  # in which the password is
    links = [_linked(wire, bind) for _request in requests]
    yield from _certificate(bind.name, links[0], now)
    sessions = [
        Session(bind.name, link, request, bind.enquire_every, time.monotonic)
        for link, request in zip(links, requests, strict=True)
    ]
    for session in sessions:
        session.bind(wire)
    yield Finding(CHECK, True, _let_in(bind, terms.address, sessions[0].smsc))
    for session in sessions:
        session.unbind(wire)


def _linked(wire: Wire, bind: SmppSettings) -> Link:
    from gateway.smpp.wire import context

    try:
        return wire.connect(bind.host, bind.port, context(bind.ca_file) if bind.tls else None, bind.server_name)
    except CarrierLost as problem:
        if problem.cause is Cause.DENIED:  # a certificate, which says itself what to do; the account was not tried
            raise CarrierLost(str(problem), Cause.FORBIDDEN) from None
        raise


def _let_in(bind: SmppSettings, address: str, smsc: str) -> str:
    sentence = _("{name}: the SMSC at {address} lets {system_id} in.")
    if smsc:
        sentence = _("{name}: the SMSC at {address} lets {system_id} in; it calls itself {smsc}.")
    return sentence.format(name=bind.name, address=address, system_id=bind.system_id, smsc=smsc)


def _only_reached(bind: SmppSettings, address: str) -> str:
    sentence = _("{name}: {address} answers. Only the service itself has the password, so only it tries the account.")
    return sentence.format(name=bind.name, address=address)


def _remedy(bind: SmppSettings, cause: Cause) -> str:
    remedy = REMEDIES.get(cause, REMEDIES[Cause.FORBIDDEN])
    if cause is not Cause.DENIED:
        return remedy
    return " ".join(part for part in (_about_password(bind), remedy) if part)


def _about_password(bind: SmppSettings) -> str:
    from gateway.smpp.commands import LONGEST_PASSWORD
    from gateway.smpp.terms import Terms

    if bind.password_file is None and bind.password_credential is None:
        return NO_PASSWORD
    length = len(Terms(bind).binds()[0].password)
    return LONG_PASSWORD.format(most=LONGEST_PASSWORD) if length > LONGEST_PASSWORD else ""


def _certificate_of(bind: SmppSettings, now: datetime) -> Iterator[Finding]:
    """Of an SMSC that the daemon is bound to: TLS alone is no bind."""
    from gateway.smpp.wire import Wire

    with closing(Wire()) as wire:
        try:
            link = _linked(wire, bind)
        except CarrierLost as problem:
            yield Finding(CHECK, False, f"{bind.name}: {problem}", REMEDIES[Cause.FORBIDDEN])
            return
        yield from _certificate(bind.name, link, now)


def _certificate(name: str, link: Link, now: datetime) -> Iterator[Finding]:
    """How long it is still good; nothing without TLS."""
    if not isinstance(link.socket, ssl.SSLSocket):
        return
    until = str((link.socket.getpeercert() or {}).get("notAfter", ""))
    if until:
        days = int((ssl.cert_time_to_seconds(until) - now.timestamp()) // A_DAY_S)
        sentence = ngettext(
            "{name}: the SMSC's certificate is good for {count} day more.",
            "{name}: the SMSC's certificate is good for {count} days more.",
            days,
        )
        is_well = days >= LEAST_DAYS
        remedy = "" if is_well else _("Ask the operator to renew it; if `ca_file` is set, ask for the new file too.")
        yield Finding(CHECK, is_well, sentence.format(name=name, count=days), remedy)
