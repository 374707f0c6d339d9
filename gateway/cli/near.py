"""What a person may have meant by a name that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gateway.errors import UsageProblem
from gateway.i18n import _

if TYPE_CHECKING:
    import sqlite3


OF_THE_SERVICE = frozenset({"start", "stop", "restart", "reload"})  # systemd's, which people try here too


def suggest_verb(name: str, known: Iterable[str]) -> str:
    """What to type instead of a verb that there is not."""
    if name not in OF_THE_SERVICE:
        return suggest(name, known)
    sentence = _(" The service: `{command}`. Without one, `smsgw run` is the daemon until Ctrl-C.")
    return sentence.format(command=f"sudo systemctl {name} smsgw")


def suggest(name: str, known: Iterable[str]) -> str:
    """` Did you mean …?`, or nothing when none is like it."""
    found = difflib.get_close_matches(name.lower(), known, n=1)
    return _(" Did you mean {name}?").format(name=found[0]) if found else ""


def check_code(connection: sqlite3.Connection, code: str | None) -> None:
    """Raise UsageProblem for what can be no message's error_code; None is any."""
    from gateway.queue import codes

    if code is not None and not codes.is_known(connection, code):
        sentence = _("No message can have the error_code {code}.{hint} `smsgw outbox list` shows which there are.")
        raise UsageProblem(sentence.format(code=code, hint=suggest(code, codes.known(connection))))
