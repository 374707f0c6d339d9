"""An SMS of a SIM to itself, all the way: outbox, modem, network, modem, inbox. On request only: it costs an SMS."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.cli.checks.finding import Finding
from gateway.i18n import _

CHECK = "loopback"
MARK = "smsgw loopback"  # what its text and its external_id begin with
CATEGORY = "otp"  # before everything that can wait, and never sent a second time
LIMIT_S = 180.0  # networks take seconds; a minute when they are busy
LOOK_EVERY_S = 0.2
LAST_NUMBER = """
    SELECT msisdn FROM outbox WHERE external_id GLOB :mark AND msisdn IS NOT NULL ORDER BY id DESC LIMIT 1"""
ARRIVED = "SELECT carrier FROM inbox WHERE id > :after AND body = :body LIMIT 1"
LAST_INBOX = "SELECT COALESCE(max(id), 0) FROM inbox"
FAILED: Mapping[str, str] = {  # a state that it ended in -> what to do
    "rejected": _("Write the SIM's own number as people write it: --number '8 900 000-00-01'"),
    "held": _("Add the SIM's own number to [safety] exempt."),
    "failed": _("See the modem's findings above: `smsgw outbox show {id}` tells each try."),
    "uncertain": _("The modem gave no answer: `smsgw outbox show {id}`, `smsgw modems`."),
    "expired": _("The modem did not come to it in time: is a limit reached? `smsgw modems`"),
    "undelivered": _("The network did not deliver it: is this the SIM's own number?"),
}
NO_NUMBER = _("Most SIMs don't tell it. Give it once: smsgw doctor --loopback {name} --number '8 900 000-00-01'")


def check(
    connection: sqlite3.Connection,
    carriers: Sequence[Mapping[str, Any]],
    name: str,
    number: str | None,
    now: Callable[[], datetime],
    limit_s: float = LIMIT_S,
) -> Iterator[Finding]:
    """Through the running daemon. `name` of a carrier, empty: the first that is ready; `number`: its SIM's own."""
    carrier = _chosen(carriers, name)
    if carrier is None:
        yield _nobody(name, [str(each["name"]) for each in carriers])
        return
    to = number or _last_number(connection, carrier)
    if to is None:
        finding = _("{name}: the SIM's own number is not known.").format(name=carrier)
        yield Finding(CHECK, False, finding, NO_NUMBER.format(name=carrier))
        return
    yield _sent(connection, carrier, to, now, limit_s)


def _chosen(carriers: Sequence[Mapping[str, Any]], name: str) -> str | None:
    ready = [str(carrier["name"]) for carrier in carriers if carrier["state"] == "ready"]
    return next((each for each in ready if name in ("", each)), None)


def _nobody(name: str, known: Sequence[str]) -> Finding:
    if name and name not in known:
        finding = _("There is no modem {name}. There are: {names}.")
        told = finding.format(name=name, names=", ".join(sorted(known)) or _("none"))
        return Finding(CHECK, False, told, _("Name one of them, or none: then it is the first that is ready."))
    finding = _("{name} is not ready.").format(name=name) if name else _("No modem is ready.")
    return Finding(CHECK, False, finding, _("See the modems' findings above."))


def _last_number(connection: sqlite3.Connection, carrier: str) -> str | None:
    found = connection.execute(LAST_NUMBER, {"mark": f"{MARK} {carrier} *"}).fetchone()
    return None if found is None else str(found[0])


def _sent(
    connection: sqlite3.Connection, carrier: str, to: str, now: Callable[[], datetime], limit_s: float
) -> Finding:
    from gateway.queue.adding import NewMessage, add_one

    body = f"{MARK} {carrier} {secrets.token_hex(4)}"
    after = int(connection.execute(LAST_INBOX).fetchone()[0])
    message = NewMessage(to, body, category=CATEGORY, sender=carrier, external_id=body)
    return _followed(connection, add_one(connection, message, now()), after, body, limit_s)


def _followed(connection: sqlite3.Connection, message: int, after: int, body: str, limit_s: float) -> Finding:
    """Until it has arrived, has failed, or the time is up."""
    from gateway.queue import views

    begun = time.monotonic()
    while True:
        took_s = time.monotonic() - begun
        if connection.execute(ARRIVED, {"after": after, "body": body}).fetchone():
            return Finding(CHECK, True, _("It went out and came back within {seconds:.1f} s.").format(seconds=took_s))
        row = views.message(connection, message) or {}
        if row.get("state") in FAILED:
            return _failed(row, message)
        if took_s >= limit_s:
            return _late(row, message, limit_s)
        time.sleep(LOOK_EVERY_S)


def _failed(row: Mapping[str, Any], message: int) -> Finding:
    finding = _("Message {id} is {state}. {reason}")
    told = finding.format(id=message, state=row["state"], reason=row["error_text"] or "").strip()
    return Finding(CHECK, False, told, FAILED[str(row["state"])].format(id=message))


def _late(row: Mapping[str, Any], message: int, limit_s: float) -> Finding:
    """Not back in time: did it go out?"""
    if row.get("state") in ("sent", "delivered"):
        finding = _("It went out as message {id} and did not come back within {limit:.0f} s.")
        remedy = _("Is this the SIM's own number? Is its storage full (smsgw modems)? Some networks are slow.")
    else:
        finding = _("Message {id} did not go out within {limit:.0f} s.")
        remedy = _("`smsgw outbox show {id}` says what it waits for.").format(id=message)
    return Finding(CHECK, False, finding.format(id=message, limit=limit_s), remedy)
