"""One daemon per database: as long as it lives it holds a lock on `<database>.lock`.

The kernel lets go of the lock however the daemon ends. The file stays; it holds the pid of the last holder, for people,
and how far the database had come when that one last looked: an older database was put back from a copy.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.queue.db import NO_FOLDER, READ_ONLY

PROBE_S = 0.5  # `is_held` takes a shared lock for an instant: a daemon that starts just then tries again for so long
PAUSE_S = 0.02  # between two tries
LONGEST = 100  # octets of the file: pid, last event, time, each on a line
FORM = "%Y-%m-%dT%H:%M:%S.%fZ"

# Why the lock file can't be opened: what to do.
NO_RIGHTS = _("The lock file {path} cannot be opened: give this user the right to write to it and its folder.")
NO_ROOM = _("There is no room for {path}: free some space on its disk.")
REMEDIES = {
    errno.ENOENT: NO_FOLDER,
    errno.ENOTDIR: NO_FOLDER,
    errno.EACCES: NO_RIGHTS,
    errno.EPERM: NO_RIGHTS,
    errno.EROFS: READ_ONLY,
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the database had come, and when that was seen."""

    last_event: int
    at: datetime


class Hold:
    """The lock that this process holds."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.before = _seen(_lines(descriptor))  # what the last holder remembered; None at the first time

    def remember(self, last_event: int, now: datetime) -> None:
        """How far the database has come. Not synchronised: after a power cut it may say less, never more."""
        text = f"{os.getpid()}\n{last_event}\n{now.astimezone(UTC):{FORM}}\n".encode()
        os.pwrite(self._descriptor, text, 0)
        os.ftruncate(self._descriptor, len(text))


def lock_file(database: Path) -> Path:
    """The lock file that belongs to a database, whichever link it is named by."""
    real = database.resolve()
    return real.with_name(f"{real.name}.lock")


@contextmanager
def hold(database: Path) -> Iterator[Hold]:
    """Be the one daemon of this database; raises GatewayError when there is one already."""
    descriptor = _opened(lock_file(database))
    try:
        if not _is_taken_within(PROBE_S, descriptor):
            raise GatewayError(_already(descriptor, database))
        held = Hold(descriptor)
        if held.before is None:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        else:
            held.remember(held.before.last_event, held.before.at)
        yield held
    finally:
        os.close(descriptor)


def is_held(database: Path) -> bool:
    """Whether a daemon lives; False also when this user may not look into the lock file's folder."""
    try:
        descriptor = os.open(lock_file(database), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _is_taken(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _made(path: Path) -> int | None:
    """New; where root is the first to hold it, as `smsgw db restore` does, it is the folder's owner's all the same."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except FileExistsError:
        return None
    if os.geteuid() == 0:
        folder = path.parent.stat()
        os.fchown(descriptor, folder.st_uid, folder.st_gid)
    return descriptor


def _opened(path: Path) -> int:
    try:
        made = _made(path)
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC) if made is None else made
    except OSError as problem:
        sentence = REMEDIES.get(problem.errno or 0, _("The lock file {path} cannot be opened: {reason}."))
        said = sentence.format(path=path, folder=path.parent, reason=problem.strerror)
        raise GatewayError(said) from problem


def _is_taken(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_taken_within(limit_s: float, descriptor: int) -> bool:
    deadline = time.monotonic() + limit_s
    while not _is_taken(descriptor):
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE_S)
    return True


def _lines(descriptor: int) -> list[str]:
    return os.pread(descriptor, LONGEST, 0).decode("ascii", "replace").splitlines()


def _seen(lines: list[str]) -> Seen | None:
    """None for the file of an older version, and for one that is damaged."""
    try:
        _pid, last_event, at = lines
        return Seen(int(last_event), datetime.strptime(at, FORM).replace(tzinfo=UTC))
    except ValueError:
        return None


def _already(descriptor: int, database: Path) -> str:
    pid = "".join(_lines(descriptor)[:1]).strip()
    sentence = _("Another daemon (process {pid}) already serves {database}: see `smsgw status`.")
    return sentence.format(pid=pid or "?", database=database)
