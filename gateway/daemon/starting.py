"""What the daemon sees to before anything is sent: its process, its database, what a crash or a restore has left."""

from __future__ import annotations

import ctypes
import faulthandler
import gc
import os
import resource
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import structlog

from gateway import __version__
from gateway.clock import utc_now
from gateway.daemon.lock import Hold, lock_file
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue import behind, db, heartbeat, restored, upgrade
from gateway.queue.outbox import Outbox, Recovery
from gateway.queue.rules import IntakeRules

TURN_S = 0.0005  # a thread that computes lets the others go on after this; Python's own 5 ms is a modem's whole pause

# mallopt(3). Else the C library gives each of a fleet's threads its own memory, and as soon as a large piece was given
# back takes the next ones from there too: the gaps grow to a fifth of the whole.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE = 128 * 1024  # octets
MEMORY = {M_ARENA_MAX: 2, M_MMAP_THRESHOLD: LARGE, M_TRIM_THRESHOLD: LARGE}

log = structlog.get_logger("gateway.starting")


def set_up_process() -> None:
    """No dump of its memory, which holds patients' texts; when it is ended for hanging, where each thread stood."""
    sys.setswitchinterval(TURN_S)
    with suppress(OSError, AttributeError):  # a C library that has no such thing
        for option, value in MEMORY.items():
            ctypes.CDLL(None).mallopt(option, value)
    with suppress(OSError, ValueError):  # a manager may have forbidden even that
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError, RuntimeError):  # standard error is no file
        faulthandler.enable()


def settle_down() -> None:
    """What is there when the work begins stays: Python need not look through it again while all threads wait."""
    gc.collect()
    gc.freeze()


def refuse_missing(database: Path, *, is_service: bool) -> None:
    """A queue that is gone must not be replaced by an empty one without a word: its disk may not be mounted.

    At the first start by hand there never was one, and it is created. A service finds what `smsgw init` made.
    """
    if _has_something(database) or (not is_service and would_begin(database)):
        return
    sentence = _(
        "There is no database {path}. Is its disk mounted? `smsgw db restore FILE` puts a backup in its place,"
        " `smsgw init` creates an empty one."
    )
    raise GatewayError(sentence.format(path=database))


def would_begin(database: Path) -> bool:
    """Whether nothing was ever there: a start begins with an empty queue."""
    return not _has_something(database) and not lock_file(database).exists()


def _has_something(database: Path) -> bool:
    """A crash of some file systems leaves an empty file; one that can't be looked at is told of when it is opened."""
    try:
        return database.stat().st_size > 0
    except FileNotFoundError:
        return False
    except OSError:
        return True


def bring_up_to_date(database: Path, on_step: Callable[[], None]) -> None:
    """Create the database or upgrade it, after a copy; `on_step` may raise to break off the copying."""
    done = upgrade.create_or_upgrade(database, utc_now(), on_step=on_step)
    if done.is_new:
        log.warning("database_created", database=str(database))
    elif done.is_change:
        kept = None if done.copy is None else str(done.copy.path)
        log.warning("database_upgraded", from_schema=done.from_version, to_schema=done.to_version, old_one=kept)


def recover(database: Path, rules: IntakeRules, held: Hold) -> None:
    """Settle what the last run left, before any carrier opens."""
    with closing(db.open_database(database)) as connection:
        now = utc_now()
        _look_at_clock(connection, now)
        recovery = settle(connection, rules, held, now)
        remember(connection, held, now)
    log.info("started", version=__version__, database=str(database), **asdict(recovery))


def settle(connection: sqlite3.Connection, rules: IntakeRules, held: Hold, now: datetime) -> Recovery:
    """In one commit: the events of a recovery could make a copy that was put back look as new as what it replaced."""
    with db.write(connection):
        since = _restored_from(connection, held)
        if since is not None:
            restored.skip_ids(connection)  # whoever follows the events by their ids is to hear of all that comes now
        if by_s := behind.put_right(connection, now):
            log.warning("clock_set", by_s=round(by_s))
        recovery = Outbox(connection, rules).recover(now)
        if since is not None:
            _hold_restored(connection, since, now)
        heartbeat.start(connection, os.getpid(), now)
    return recovery


def _look_at_clock(connection: sqlite3.Connection, now: datetime) -> None:
    """A box that starts without a battery or a network may be behind by months; the alarm `clock_off` tells people."""
    if latest := heartbeat.still_to_come(connection, now):
        log.warning("clock_set_back", by_s=round((latest - now).total_seconds()), worked_at=latest.isoformat())


def remember(connection: sqlite3.Connection, held: Hold, now: datetime) -> None:
    """How far the database has come, in the lock's file: an older one at the next start was put back from a copy."""
    with suppress(OSError):  # its disk is full
        held.remember(restored.last_event(connection), now)


def _hold_restored(connection: sqlite3.Connection, since: datetime, now: datetime) -> None:
    done = restored.put_right(connection, since, now)
    advice = _("The database was restored. What was queued in it is held: `smsgw outbox list --state held`.")
    log.warning("restored", as_of=since.isoformat(), held=done.held, uncertain=done.uncertain, advice=advice)


def _restored_from(connection: sqlite3.Connection, held: Hold) -> datetime | None:
    """Since when this database knows nothing of what was sent; None for the one that was here before."""
    before = held.before
    if before is not None and restored.last_event(connection) < before.last_event:
        return max(before.at, restored.copied_at(connection) or before.at)
    return restored.copied_at(connection)
