"""A configuration that was read anew, laid over the carriers that serve: who stays as it is, changes, goes, comes.

Limits and the like change in place. A carrier of which more has changed ends what it has in the air, and is opened
anew.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.daemon import hiring
from gateway.daemon.crew import Crew, Member
from gateway.daemon.taking_up import identity_of
from gateway.life import Life
from gateway.modem.who import is_for
from gateway.settings import ModemSettings, Settings, SmppSettings


def modems(crew: Crew[ModemSettings], settings: Settings, *, takes_up: bool, is_all_new: bool) -> None:
    """`takes_up`: those stay, too, that nobody configured. `is_all_new`: all are to be opened anew."""
    wanted = {modem.name: modem for modem in settings.modems}
    names = frozenset(wanted)
    crew.keep(lambda modem, is_found: modem.name in names or (is_found and takes_up))
    for member in crew.members:
        modem = wanted.pop(member.name, None)
        if modem is None and member.is_found and takes_up and not _is_configured(member, settings.modems):
            modem = member.settings
        _change(crew, member, modem, is_all_new=is_all_new)
    for modem in wanted.values():
        crew.start(modem)


def binds(crew: Crew[SmppSettings], settings: Settings, *, is_all_new: bool) -> None:
    """A bind of which more than its price or the senders has changed lets its window run empty, and binds anew. One
    that waits for its next try tries at once: the password in its file may have been mended.
    """
    wanted = {bind.name: bind for bind in settings.smpp}
    names = frozenset(wanted)
    crew.keep(lambda bind, _is_found: bind.name in names)
    for member in crew.members:
        bind = wanted.pop(member.name, None)
        if bind is None or is_all_new or not hiring.is_same_link(member.settings, bind):
            crew.dismiss(member.name, bind)
        else:
            crew.amend(member, bind)
            if member.worker.carrier.status().state != Life.READY:
                member.worker.retry()
    for bind in wanted.values():
        crew.start(bind)


def _change(
    crew: Crew[ModemSettings], member: Member[ModemSettings], wanted: ModemSettings | None, *, is_all_new: bool
) -> None:
    if wanted is None:
        crew.dismiss(member.name)
    elif is_all_new or not hiring.can_change(member.settings, wanted):
        crew.dismiss(member.name, wanted, is_found=wanted is member.settings and member.is_found)
    elif wanted != member.settings:
        hiring.change(member.worker, wanted)
        crew.amend(member, wanted)


def _is_configured(member: Member[ModemSettings], configured: Sequence[ModemSettings]) -> bool:
    """Whether a modem that was found is one that the configuration names by now."""
    status = member.worker.carrier.status()
    found = identity_of(status)
    return any(is_for(found, status.port or "", modem) for modem in configured)
