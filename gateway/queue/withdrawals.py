"""Contacts who have withdrawn: what each said last of a category, and a message for one of them that comes back.

`contacts/withdrawing.py` takes back what waits when somebody withdraws. What a carrier has at that moment is asked
about here, before it goes once more.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime

from gateway.i18n import _
from gateway.queue import opt_outs, taking_back
from gateway.queue.rules import IntakeRules, category_name
from gateway.queue.states import State

EVERY = ""  # category of an entry that is about all of them: what an answer of STOP leaves
WITHDRAWN = ("opted_out", _("Wants no more messages of this kind."))

# An answer of STOP is lifted by one of START, for whoever has agreed to nothing too; not while another number is out.
_LIFTED = f"""
    EXISTS (SELECT 1 FROM person_numbers AS n JOIN opt_outs AS o ON o.msisdn = n.msisdn
        WHERE n.person = c.person AND NOT o.is_out AND o.source = '{opt_outs.REPLY}' AND o.at >= c.at)
    AND NOT EXISTS (SELECT 1 FROM person_numbers AS n WHERE n.person = c.person
        AND (SELECT is_out FROM opt_outs WHERE msisdn = n.msisdn ORDER BY at DESC, id DESC LIMIT 1))"""
_LATEST = f"""
    SELECT person, is_given FROM (
        SELECT c.person, c.is_given, row_number() OVER (PARTITION BY c.person ORDER BY c.at DESC, c.id DESC) AS place
        FROM consents AS c
        WHERE {{whose}} AND (c.category = :category OR c.category = :every AND NOT ({_LIFTED})))
    WHERE place = 1"""
# The latest of each person who ever said anything of the category, and of one person.
LATEST, LATEST_OF_ONE = _LATEST.format(whose="TRUE"), _LATEST.format(whose="c.person = :person")
# Of those only who ever said no: few have, and of a hundred thousand the latest words are a second's work.
LATEST_OF_DOUBTFUL = _LATEST.format(whose="c.person IN (SELECT person FROM consents WHERE NOT is_given)")
# A campaign that came from no file is one to contacts: its rows are their ids.
FOR_CONTACT = """
    SELECT CAST(o.category AS TEXT), o.msisdn, CASE WHEN c.file = '' THEN o.list_row END
    FROM outbox AS o LEFT JOIN campaigns AS c ON c.id = o.campaign WHERE o.id = :id"""
TO_CONTACTS = """
    SELECT o.id FROM json_each(:messages) AS k CROSS JOIN outbox AS o ON o.id = k.value
    JOIN campaigns AS c ON c.id = o.campaign WHERE c.file = ''"""
# Another one whenever somebody has withdrawn or come back.
STAMP = "SELECT name, seq FROM sqlite_sequence WHERE name IN ('consents', 'opt_outs')"


def stamp(connection: sqlite3.Connection) -> dict[str, int]:
    """For a look whether anything was said since."""
    return dict(connection.execute(STAMP))


def latest(connection: sqlite3.Connection, category: str, every: str = EVERY) -> dict[int, bool]:
    """Of every person who said anything: whether it was yes, the last time."""
    rows = connection.execute(LATEST, {"category": category, "every": every})
    return {int(person): bool(is_given) for person, is_given in rows}


def said_no(connection: sqlite3.Connection, category: str, every: str = EVERY) -> set[int]:
    """Every person whose last word was no."""
    rows = connection.execute(LATEST_OF_DOUBTFUL, {"category": category, "every": every})
    return {int(person) for person, is_given in rows if not is_given}


def refusal(connection: sqlite3.Connection, message: int, rules: IntakeRules) -> tuple[str, str] | None:
    """Why nothing more of it may go out: its number asked for no more, or its contact has withdrawn. None: it may."""
    written, msisdn, person = connection.execute(FOR_CONTACT, {"id": message}).fetchone()
    if not opt_outs.is_refusable(rules, written):
        return None
    if opt_outs.among(connection, [msisdn]):
        return opt_outs.CODE, opt_outs.TEXT
    values = {"category": category_name(written), "every": EVERY, "person": person}
    said = None if person is None else connection.execute(LATEST_OF_ONE, values).fetchone()
    return None if said is None or said[1] else WITHDRAWN


def refused(
    connection: sqlite3.Connection, messages: Mapping[int, tuple[str | None, str]], rules: IntakeRules
) -> set[int]:
    """Of several messages, with their categories and numbers, those of which nothing more may go out."""
    refusable = {key: msisdn for key, (written, msisdn) in messages.items() if opt_outs.is_refusable(rules, written)}
    if not refusable:
        return set()
    out = opt_outs.among(connection, set(refusable.values()))
    to_contacts = connection.execute(TO_CONTACTS, {"messages": json.dumps(list(refusable))}).fetchall()
    withdrawn = {key for (key,) in to_contacts if refusal(connection, key, rules) is not None}
    return withdrawn | {key for key, msisdn in refusable.items() if msisdn in out}


def enforce(connection: sqlite3.Connection, message: int, rules: IntakeRules, now: datetime) -> bool:
    """In the caller's transaction: a queued message that is not wanted any more goes out no more; whether it is one."""
    found = refusal(connection, message, rules)
    if found is not None:
        taking_back.end(connection, message, State.QUEUED, *found, now)
    return found is not None
