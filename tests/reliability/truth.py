"""Whether what the database says of each message is what the network and the handsets saw.

Every message goes to a number of its own, so that whatever reached a handset belongs to one row.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.queue import checking
from tests.fake_modem.bank import Bank

SETTLED = frozenset({"sent", "delivered", "undelivered", "failed", "rejected", "expired", "cancelled"})
IS_OUT = frozenset({"sent", "delivered"})

MESSAGES = """
    SELECT id, msisdn, recipient, body, state, segments,
           (SELECT count(*) FROM events AS e WHERE e.outbox_id = o.id AND e.to_state = 'uncertain') AS uncertain
    FROM outbox AS o"""


def rows(database: Path, statement: str, *values: object) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database, timeout=60.0)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(statement, values)]


def complaints(database: Path, bank: Bank, accepted: Iterable[int], swallowed: Sequence[str] = ()) -> list[str]:
    """What is not so; empty when all is well. `accepted`: ids that a writer was given.

    `swallowed`: numbers of whose SMS the network said yes and lost them.
    """
    messages = {row["id"]: row for row in rows(database, MESSAGES)}
    taken = copies(bank)
    wrong = [f"message {each} is gone" for each in accepted if each not in messages]
    for message in messages.values():
        is_swallowed = message["recipient"] in swallowed
        wrong += wrong_with(message, taken.get(message["recipient"], Counter()), bank, is_swallowed=is_swallowed)
    with closing(sqlite3.connect(database, timeout=60.0, isolation_level=None)) as connection:
        wrong += [f"{fault.what}: {fault.count} ({fault.ids})" for fault in checking.faults(connection)]
        wrong += checking.damage(connection)
    return wrong


def doubled(bank: Bank) -> int:
    """How many SMS the network took more than once."""
    return sum(count - 1 for parts in copies(bank).values() for count in parts.values())


def copies(bank: Bank) -> dict[str, Counter[int]]:
    """Recipient -> number of the part -> how often the network took it."""
    found: dict[str, Counter[int]] = {}
    for each in list(bank.submitted):
        part = each.decoded.part.number if each.decoded.part else 1
        found.setdefault(each.decoded.recipient, Counter())[part] += 1
    return found


def wrong_with(
    message: dict[str, Any], copies: Mapping[int, int], bank: Bank, *, is_swallowed: bool = False
) -> list[str]:
    """By its row, what the network took of it, and its handset."""
    name, state = f"message {message['id']} ({message['state']})", message["state"]
    wrong = []
    if state not in SETTLED:
        wrong.append(f"{name} has no end")
    extra = sum(count - 1 for count in copies.values())
    if extra > message["uncertain"]:
        wrong.append(f"{name} was doubled silently: {extra} more than once, {message['uncertain']} uncertain")
    if state in IS_OUT and len(copies) < (message["segments"] or 1):
        wrong.append(f"{name} is said to be out, and the network took {len(copies)} of {message['segments']} SMS")
    if state == "delivered" and not is_swallowed:
        wrong += _not_shown(name, message, bank)
    return wrong


def _not_shown(name: str, message: dict[str, Any], bank: Bank) -> list[str]:
    shown = bank.phones.get(message["recipient"], [])
    return [] if message["body"] in shown else [f"{name} is not on its handset as it was written"]
