"""Asking the running daemon to do something with a carrier, and waiting for its answer."""

from __future__ import annotations

import sqlite3
import time

from gateway.cli.context import now
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import db, orders

LOOK_EVERY_S = 0.05


def the_daemon(connection: sqlite3.Connection, carrier: str, verb: str, word: str, within_s: float) -> str:
    """What it answered. Raises GatewayError with the reason when it could not, or did not come to it in time."""
    order = orders.give(connection, carrier, verb, word, now())
    deadline = time.monotonic() + within_s
    try:
        while time.monotonic() < deadline:
            answer = _answer(connection, order)
            if answer is not None:
                return answer
            _wait_for_commit(connection, deadline)
    except BaseException:
        orders.withdraw(connection, order, now())
        raise
    raise GatewayError(_too_late(orders.withdraw(connection, order, now()), carrier, within_s))


def _answer(connection: sqlite3.Connection, order: int) -> str | None:
    """None: not yet."""
    row = orders.find(connection, order)
    if row is None or row["state"] == "failed":
        raise GatewayError((row and row["answer"]) or _("It could not be done."))
    return str(row["answer"]) if row["state"] == "done" else None


def _too_late(was_waiting: bool, carrier: str, within_s: float) -> str:
    sentence = _(
        "{name} is still at it after {seconds:.0f} s; `smsgw modems history {name}` will show what came of it."
    )
    if was_waiting:
        sentence = _(
            "{name} did not come to it within {seconds:.0f} s; nothing was done. `smsgw modems` shows how it is."
        )
    return sentence.format(name=carrier, seconds=within_s)


def _wait_for_commit(connection: sqlite3.Connection, deadline: float) -> None:
    """Until another process has committed or the time is up."""
    version = db.data_version(connection)
    while db.data_version(connection) == version and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_S)
