"""Modems as the running daemon, which has their ports, tells of them: state, SIM, network, signal, storage, trouble."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from gateway.cli import show
from gateway.cli.checks import modems
from gateway.cli.checks.finding import Finding
from gateway.i18n import _, ngettext
from gateway.life import Life

CHECK = modems.CHECK
OPEN = frozenset({Life.READY, Life.PAUSED, Life.BLOCKED})  # the modem answers, whatever holds it back
BY_SIM = _("Where it changes its socket, `iccid` or `imei` names it better than `port`.")
KEPT_S = 86_400  # so long people are told of a trouble that is over
STORAGE = _(
    "What the gateway may fetch it fetches and deletes by itself; what a phone has saved there, delete in a phone."
)


def from_daemon(
    carriers: Iterable[Mapping[str, Any]],
    moment: datetime,
    full_percent: int = modems.FULL_PERCENT,
    by_port: Collection[str] = (),
) -> Iterator[Finding]:
    """Who has binds may do without modems. `full_percent`: from then on a storage is an alarm, too. `by_port`: names of
    modems that only their port tells."""
    everything = list(carriers)
    for carrier in everything:
        if carrier["kind"] == CHECK:
            yield from _of_modem(carrier, moment, full_percent, carrier["name"] in by_port)
    if not everything:
        yield modems.none_found()


def _of_modem(carrier: Mapping[str, Any], moment: datetime, full_percent: int, is_by_port: bool) -> Iterator[Finding]:
    is_well = carrier["state"] in modems.WELL
    yield Finding(CHECK, is_well, _state(carrier), "" if is_well else _remedy(carrier, is_by_port))
    yield from _last_fault(carrier, moment)
    if carrier["state"] in OPEN:
        yield from _sim(carrier)
        yield from _air(carrier)
        yield from _storage(carrier, full_percent)


def _state(carrier: Mapping[str, Any]) -> str:
    """And the daemon's own sentence for it."""
    place = f" ({carrier['port']})" if carrier["port"] else ""
    words = f"{carrier['name']}: {carrier['state']}{place}"
    return ". ".join(part for part in (words, carrier["detail"]) if part)


def _remedy(carrier: Mapping[str, Any], is_by_port: bool) -> str:
    remedy = modems.REMEDIES.get(carrier["state"], "").format(name=carrier["name"])
    return f"{remedy} {BY_SIM}" if is_by_port and carrier["state"] == Life.ABSENT else remedy


def _last_fault(carrier: Mapping[str, Any], moment: datetime) -> Iterator[Finding]:
    """One that is over is no problem; not what its state says anyhow."""
    from gateway.queue import times

    text = carrier["last_error"]
    if not text or text in carrier["detail"]:
        return
    since_s = (moment - times.from_text(carrier["last_error_at"])).total_seconds()
    if since_s < KEPT_S:
        sentence = _("{name}: its last trouble was {ago}: {text} `smsgw modems history {name}` tells more.")
        yield Finding(CHECK, True, sentence.format(name=carrier["name"], ago=show.ago(since_s), text=text))


def _sim(carrier: Mapping[str, Any]) -> Iterator[Finding]:
    if not carrier["iccid"]:
        return
    count, limit = carrier["sent_today"], carrier["limit_today"]
    sentence = ngettext(
        "{name}: SIM {iccid} is unlocked; {count} SMS today.",
        "{name}: SIM {iccid} is unlocked; {count} SMS today.",
        count,
    )
    if limit is not None:
        sentence = _("{name}: SIM {iccid} is unlocked; {count} of {limit} SMS today.")
    yield Finding("sim", True, sentence.format(name=carrier["name"], iccid=carrier["iccid"], count=count, limit=limit))


def _air(carrier: Mapping[str, Any]) -> Iterator[Finding]:
    """Of a modem that a person has paused nothing may be known."""
    name, is_ready = carrier["name"], carrier["state"] == Life.READY
    if carrier["operator"] or is_ready:
        place = carrier["operator"] or _("a network")
        yield Finding("network", True, _("{name}: in {network}.").format(name=name, network=place))
    if carrier["signal_dbm"] is not None or is_ready:
        yield modems.signal(name, carrier["signal_dbm"])


def _storage(carrier: Mapping[str, Any], full_percent: int) -> Iterator[Finding]:
    name, percent = carrier["name"], carrier["storage_percent"]
    if percent is not None:
        is_well = percent < full_percent
        finding = _("{name}: the fullest storage for messages is full to {percent} %.")
        yield Finding("sim storage", is_well, finding.format(name=name, percent=percent), "" if is_well else STORAGE)
    if carrier["has_service_centre"] is not None:
        yield modems.centre(name, bool(carrier["has_service_centre"]))
