"""Who wants no messages any more: SMS that say so, and what is done about it.

An answer whose whole text is one of the words below takes its number out of every category that heeds it
(`consent` in the configuration); START brings it back. Nothing is deleted: the latest entry of a number counts, and
entries stay when the person is removed from the contacts. What waits for the number in such a category ends in the same
commit (taking_back.py). A person with that number is noted to have withdrawn, whoever of a family it was.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from gateway.i18n import _
from gateway.queue import taking_back, times
from gateway.queue.examining import Unfit
from gateway.queue.rules import Consent, IntakeRules, category_name

REPLY = "reply"  # source of what came by SMS
OUT = frozenset(
    [
        *("stop", "stopall", "unsubscribe", "стоп", "отписка", "отписаться", "отпишите", "не присылать"),
        *("не присылайте", "退订", "停止", "td", "t"),
    ]
)
BACK = frozenset(["start", "unstop", "subscribe", "старт", "подписаться", "возобновить", "恢复", "订阅"])
AROUND = re.compile(r"^[\s\W_]+|[\s\W_]+$")  # «СТОП!» and "stop." say the same
BLANKS = re.compile(r"\s+")

# Of these numbers those whose latest entry says so.
AMONG = """
    SELECT value FROM json_each(:msisdns)
    WHERE (SELECT is_out FROM opt_outs WHERE msisdn = value ORDER BY at DESC, id DESC LIMIT 1)"""
LAST_AT = "SELECT max(at) FROM opt_outs WHERE msisdn = :msisdn"
A_MOMENT = timedelta(milliseconds=1)  # as times are written down
NOTE = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES (:msisdn, :is_out, :source, :at, :noted_at)"
# Of all persons with the number, for every category; once, should the same be noted again.
WITHDRAW = """
    INSERT INTO consents (person, category, is_given, source, at, noted_at)
    SELECT person, '', 0, :source, :at, :noted_at FROM person_numbers WHERE msisdn = :msisdn
    ON CONFLICT DO NOTHING"""
# Whoever comes back agrees to what the opt-out had taken, and to nothing else: not to what was withdrawn by word, for
# nobody knows who of a family writes, and to what.
RENEW = """
    INSERT INTO consents (person, category, is_given, source, at, noted_at)
    SELECT person, category, 1, :source, :at, :noted_at FROM (
        SELECT c.person, c.category, c.is_given,
               row_number() OVER (PARTITION BY c.person, c.category ORDER BY c.at DESC, c.id DESC) AS place
        FROM person_numbers AS n JOIN consents AS c ON c.person = n.person
        WHERE n.msisdn = :msisdn AND c.category <> '')
    WHERE place = 1 AND is_given
    ON CONFLICT DO NOTHING"""
WAITING = """
    SELECT id, state, CAST(category AS TEXT) FROM outbox INDEXED BY outbox_msisdn
    WHERE msisdn = :msisdn AND state IN ('queued', 'held')"""

CODE = "opted_out"
TEXT = _("This number asked for no more messages of this kind.")
AGAIN = _("It gets them again when it answers START, or when its contact agrees: `smsgw contacts consent`.")


def wish_of(body: str) -> bool | None:
    """True: no more; False: again; None: the text says something else, or more than that."""
    words = BLANKS.sub(" ", AROUND.sub("", body)).casefold().replace("ё", "е")
    return True if words in OUT else False if words in BACK else None


def heed(connection: sqlite3.Connection, sender: str, body: str, rules: IntakeRules, now: datetime) -> None:
    """In the transaction that puts an SMS into the inbox: what it asks for is noted, and holds from here on."""
    wish = wish_of(body)
    if wish is not None and bool(among(connection, [sender])) is not wish:
        note(connection, sender, REPLY, _after_all(connection, sender, now), now, is_out=wish)
        enforce(connection, [sender], rules, now)


def _after_all(connection: sqlite3.Connection, msisdn: str, now: datetime) -> datetime:
    """What is said now is the last word, also when a clock that was ahead wrote down the one before."""
    last = times.optional_time(connection.execute(LAST_AT, {"msisdn": msisdn}).fetchone()[0])
    return now if last is None else max(now, last + A_MOMENT)


def note(
    connection: sqlite3.Connection, msisdn: str, source: str, at: datetime, now: datetime, *, is_out: bool
) -> None:
    """In the caller's transaction. `at`: when the person said so."""
    moments = {"at": times.to_text(at), "noted_at": times.to_text(now)}
    values = {"msisdn": msisdn, "is_out": is_out, "source": source, **moments}
    connection.execute(NOTE, values)
    connection.execute(WITHDRAW if is_out else RENEW, values)


def note_back(connection: sqlite3.Connection, msisdn: str, source: str, at: datetime, now: datetime) -> None:
    """In the caller's transaction: a consent, given at another place, brings the number back."""
    moments = {"at": times.to_text(at), "noted_at": times.to_text(now)}
    connection.execute(NOTE, {"msisdn": msisdn, "is_out": False, "source": source, **moments})


def among(connection: sqlite3.Connection, msisdns: Iterable[str]) -> set[str]:
    """Those of the numbers that want no more messages."""
    found = connection.execute(AMONG, {"msisdns": json.dumps(list(msisdns))})
    return {row[0] for row in found}


def heeding(rules: IntakeRules) -> Collection[str]:
    """The categories that may not go to such a number."""
    return {name for name, category in rules.categories.items() if category.consent is not Consent.NONE}


def is_refusable(rules: IntakeRules, category: str | None) -> bool:
    """Whether people may refuse messages of this category, as a writer put it."""
    return category_name(category) in heeding(rules)


def check(connection: sqlite3.Connection, msisdn: str, category: str | None, rules: IntakeRules) -> None:
    """Raises Unfit for a message that would be rejected as soon as it is examined."""
    if is_refusable(rules, category) and among(connection, [msisdn]):
        raise Unfit(CODE, f"{TEXT} {AGAIN}")


def enforce(connection: sqlite3.Connection, msisdns: Collection[str], rules: IntakeRules, now: datetime) -> None:
    """In the caller's transaction: what waits for those of the numbers that are out goes out no more."""
    categories = heeding(rules) if msisdns else ()
    for msisdn in among(connection, msisdns) if categories else ():
        for message, state, category in connection.execute(WAITING, {"msisdn": msisdn}).fetchall():
            if category_name(category) in categories:
                taking_back.end(connection, message, state, CODE, TEXT, now)
