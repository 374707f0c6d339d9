"""What must hold of the queue's rows whatever happened, as queries that give what doesn't; and the schema's own shape.

Every query reads one snapshot and changes nothing: it may run beside the daemon. A million messages take some seconds.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from gateway.i18n import _
from gateway.queue import db
from gateway.queue.states import OUT, State

SHOWN = 10  # ids that are told of each
SOUND = "ok"  # what SQLite answers when all is well
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
Objects = dict[tuple[str, str], str]  # kind and name -> the statement that made it

_STATES = ", ".join(f"'{state.value}'" for state in State)
_OUT = ", ".join(f"'{state.value}'" for state in OUT)

RULES: dict[str, tuple[str, str]] = {  # what is wrong -> the ids of which it is
    "state": (_("messages in a state that there is not"), f"SELECT id FROM outbox WHERE state NOT IN ({_STATES})"),
    "last_event": (
        _("messages whose last event tells another state"),
        """SELECT id FROM (SELECT o.id, o.state, (SELECT to_state FROM events AS e
                                                 WHERE e.outbox_id = o.id AND e.to_state IS NOT NULL
                                                 ORDER BY e.id DESC LIMIT 1) AS told FROM outbox AS o)
           WHERE told IS NOT NULL AND told IS NOT state""",
    ),
    "sent": (
        _("sent messages of which a part is not out"),
        f"""SELECT DISTINCT o.id FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id
            WHERE o.state IN ('sent', 'delivered', 'undelivered') AND s.state NOT IN ({_OUT})""",
    ),
    "delivered": (
        _("delivered messages of which a part is not delivered"),
        """SELECT DISTINCT o.id FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id
           WHERE o.state = 'delivered' AND s.state <> 'delivered'""",
    ),
    "no_segments": (
        _("messages that went out without any SMS"),
        """SELECT o.id FROM outbox AS o WHERE o.state IN ('sent', 'delivered', 'undelivered')
           AND NOT EXISTS (SELECT 1 FROM segments AS s WHERE s.outbox_id = o.id)""",
    ),
    "segments": (
        _("messages whose SMS are not numbered from first to last"),
        """SELECT outbox_id FROM segments GROUP BY outbox_id
           HAVING count(*) <> max(total) OR min(total) <> max(total)
               OR min(number) <> 1 OR max(number) <> max(total)""",
    ),
    "orphans": (
        _("SMS without their message"),
        "SELECT s.outbox_id FROM segments AS s WHERE NOT EXISTS (SELECT 1 FROM outbox AS o WHERE o.id = s.outbox_id)",
    ),
    "begun": (
        _("SMS in the air of messages that are not being sent"),
        """SELECT o.id FROM segments AS s JOIN outbox AS o ON o.id = s.outbox_id
           WHERE s.state = 'begun' AND o.state <> 'sending'""",
    ),
    "in_the_air": (
        _("carriers with more than one SMS in the air"),
        "SELECT max(outbox_id) FROM segments WHERE state = 'begun' GROUP BY carrier HAVING count(*) > 1",
    ),
    "sending": (
        _("messages being sent by nobody"),
        "SELECT id FROM outbox WHERE state = 'sending' AND carrier IS NULL",
    ),
    "uncertain": (
        _("uncertain messages without an uncertain SMS"),
        """SELECT o.id FROM outbox AS o WHERE o.state = 'uncertain'
           AND NOT EXISTS (SELECT 1 FROM segments AS s WHERE s.outbox_id = o.id AND s.state = 'uncertain')""",
    ),
    "external_id": (
        _("messages whose external_id could be used again"),
        """SELECT o.id FROM outbox AS o WHERE o.external_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM external_ids AS e WHERE e.external_id = o.external_id)""",
    ),
    "ids": (
        _("messages whose id could be given again"),
        """SELECT max(id) FROM outbox HAVING max(id) > COALESCE(
               (SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)""",
    ),
}
# What nothing of the queue goes without: compiling them compiles the triggers on them, too: half a millisecond.
WRITES = (
    "INSERT INTO outbox DEFAULT VALUES",
    "UPDATE outbox SET state = state, due = due, carrier = carrier, attempts = attempts",
)
COLUMNS = "SELECT name, type, [notnull], dflt_value, pk, hidden FROM pragma_table_xinfo(:table) ORDER BY cid"
MAY_REFUSE = re.compile(
    r"\b(CHECK|AS|REFERENCES|UNIQUE)\b", re.IGNORECASE
)  # what a column has that can fail a row of ours
OBJECTS = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that does not hold, and the first messages of which it does not."""

    rule: str
    what: str
    count: int
    ids: Sequence[int] = ()


def faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    """Every rule that does not hold, of one moment."""
    connection.execute("BEGIN")
    try:
        for rule, (what, query) in RULES.items():
            found = [row[0] for row in connection.execute(query)]
            if found:
                yield Fault(rule, what, len(found), tuple(sorted(found)[:SHOWN]))
    finally:
        connection.execute("ROLLBACK")


def damage(connection: sqlite3.Connection) -> list[str]:
    """What SQLite itself finds wrong with the file, all of it read; also references that lead nowhere."""
    told = [str(row[0]) for row in _read(connection, f"PRAGMA integrity_check({SHOWN})")]
    broken = _read(connection, "PRAGMA foreign_key_check")
    lines = [line for line in told if line != SOUND] + [": ".join(map(str, row[::2])) for row in broken[:SHOWN]]
    return list(dict.fromkeys(lines))


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite says by it that the file is none of its own any more."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF in DAMAGED


def _read(connection: sqlite3.Connection, pragma: str) -> list[tuple[object, ...]]:
    """Its rows; where the file is so damaged that it can't be checked to the end, SQLite's words for that."""
    try:
        return connection.execute(pragma).fetchall()
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return [(str(error),)]


def differences(connection: sqlite3.Connection) -> list[str]:
    """Tables, indices and triggers of this version that are missing, or changed by more than harmless columns."""
    with closing(db.reference()) as reference:
        names = [key for key in _changed(connection, reference) if not _added(connection, reference, *key)]
    return sorted(f"{kind} {name}" for kind, name in names)


def added_columns(connection: sqlite3.Connection) -> list[str]:
    """Columns that another program added to our tables, and that can fail no row of ours: `outbox.visit`."""
    with closing(db.reference()) as reference:
        found = [(name, _added(connection, reference, kind, name)) for kind, name in _changed(connection, reference)]
    return [f"{table}.{column}" for table, columns in found for column in columns]


def write_fault(connection: sqlite3.Connection, statements: Sequence[str] = WRITES) -> str:
    """SQLite's words, when no message can be written: a trigger names what is gone. Empty: all is well.

    Nothing is run, so it is of the schema that this connection saw last: ask over a new one.
    A trigger that merely says no to some rows is no such fault: `alone` passes over these.
    """
    try:
        for statement in statements:
            connection.execute(f"EXPLAIN {statement}").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        return str(error)
    return ""


def strangers(connection: sqlite3.Connection) -> list[str]:
    """Triggers that are not the gateway's."""
    with closing(db.reference()) as reference:
        return sorted(name for kind, name in _objects(connection).keys() - _objects(reference) if kind == "trigger")


def _objects(connection: sqlite3.Connection) -> Objects:
    return {(kind, name): sql for kind, name, sql in connection.execute(OBJECTS)}


def _changed(connection: sqlite3.Connection, reference: sqlite3.Connection) -> list[tuple[str, str]]:
    wanted, there = _objects(reference), _objects(connection)
    return [key for key, sql in wanted.items() if there.get(key) != sql]


def _added(connection: sqlite3.Connection, reference: sqlite3.Connection, kind: str, name: str) -> list[str]:
    """The columns beside ours, where they are all that differs: SQLite puts them into the statement as told."""
    wanted, there = (_objects(each).get((kind, name), "") for each in (reference, connection))
    start = next((place for place, (our, their) in enumerate(zip(wanted, there, strict=False)) if our != their), 0)
    end = len(there) - (len(wanted) - start)
    if kind != "table" or end <= start or there[end:] != wanted[start:] or MAY_REFUSE.search(there[start:end]):
        return []
    ours, theirs = (each.execute(COLUMNS, {"table": name}).fetchall() for each in (reference, connection))
    return [] if set(ours) - set(theirs) else [row[0] for row in theirs if row not in ours]
