"""Who is there: from what the ports have answered to the modems behind them, each once, by its best port.

Which ports may be asked, and who has which, the pool knows. Nothing is opened or waited for here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from gateway.modem import usb
from gateway.modem.probing import Answer, Found
from gateway.modem.readiness import Identity
from gateway.modem.usb import stick_or_port


@dataclass(frozen=True, slots=True)
class Survey:
    """The modems that nobody here has opened yet."""

    found: tuple[Found, ...]  # one port of each
    is_complete: bool  # False: a port has neither answered nor been given up, and no other port of its stick takes SMS


def survey(
    answers: Mapping[str, Answer | None],
    known: Callable[[Identity], Identity],
    is_configured: Callable[[Found], bool],
    sysfs: Path,
) -> Survey:
    """`answers`: of each port, None as long as it has given none; `known`: an identity as it is told first."""
    heard = [answer for answer in answers.values() if isinstance(answer, Found) and _is_one(answer)]
    found = [replace(each, identity=known(each.identity)) for each in heard]
    unheard = {stick_or_port(port, sysfs) for port, answer in answers.items() if answer is None}
    are_heard = unheard <= {stick_or_port(each.port, sysfs) for each in found if each.takes_sms}
    return Survey(tuple(_one_each((each for each in found if not is_configured(each)), sysfs)), are_heard)


def _is_one(found: Found) -> bool:
    """Whether it says what it is; else anything may be there that says OK."""
    return bool(found.identity.imei or found.identity.manufacturer)


def _one_each(found: Iterable[Found], sysfs: Path) -> Iterator[Found]:
    """Of the ports of one modem the best, in the order of the modems' first ports."""
    modems: dict[object, list[Found]] = {}
    for each in found:
        modems.setdefault(_whose(each, sysfs), []).append(each)
    for group in modems.values():
        if useful := [each for each in group if each.takes_sms]:
            yield min(useful, key=partial(_rank, sysfs))


def _whose(found: Found, sysfs: Path) -> object:
    """What all ports of a modem have in common, and no two modems: two may well have one IMEI."""
    identity = found.identity
    numbers = identity.imei and (identity.imei, identity.iccid or identity.imsi)
    return usb.stick_of(found.port, sysfs) or numbers or found.port


def _rank(sysfs: Path, found: Found) -> usb.Rank:
    return usb.rank(found.port, sysfs)
