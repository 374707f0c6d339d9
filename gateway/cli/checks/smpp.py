"""Can each SMSC be reached?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.cli.checks.finding import Finding
from gateway.i18n import _

if TYPE_CHECKING:
    from gateway.settings import Settings, SmppSettings

CONNECT_LIMIT_S = 5.0


def check(settings: Settings) -> Iterator[Finding]:
    """One finding per bind."""
    for bind in settings.smpp:
        yield _reach(bind)


def _reach(bind: SmppSettings) -> Finding:
    place = f"{bind.name}: {bind.host}:{bind.port}"
    try:
        socket.create_connection((bind.host, bind.port), CONNECT_LIMIT_S).close()
    except OSError as problem:
        remedy = _("Check host and port, the network, and whether the operator lets this address in.")
        return Finding("smpp", False, f"{place}: {problem.strerror or problem}", remedy)
    return Finding("smpp", True, _("{place} answers.").format(place=place))
