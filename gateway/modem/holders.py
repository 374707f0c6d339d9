"""Who else has hold of a serial port: another program's name and number, for the person who is to end it.

Three signs: the kernel's list of locks (flock), the open files of processes (those of other users only root sees), and
the lock files of dial-up programs. ModemManager is known by its name alone: it opens and closes ports all the time.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.modem.sysfs import word_of

PROC = Path("/proc")
LOCK_FOLDERS = (Path("/run/lock"), Path("/var/lock"))  # LCK..ttyUSB0: minicom, wvdial, pppd, gammu (FHS 3.0, 5.9)
MODEM_MANAGER = "ModemManager"
PSEUDO_TERMINALS = "/dev/pts/"
FRESH_S = 1.0  # one look at all processes is good for all ports that are opened together


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a port."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} ({self.pid})"


def who_holds(port: str, proc: Path = PROC, folders: tuple[Path, ...] = LOCK_FOLDERS) -> list[Holder]:
    """Every other process that has the port locked or open, as far as this user may see."""
    path = os.path.realpath(port)
    pids = dict.fromkeys([*_by_locks(path, proc), *_by_files(path, proc), *_by_lock_files(path, proc, folders)])
    return [Holder(pid, name_of(pid, proc)) for pid in pids if pid != os.getpid()]


def who_keeps(port: str, proc: Path = PROC, folders: tuple[Path, ...] = LOCK_FOLDERS) -> list[Holder]:
    """Who keeps us out of the port: as `who_holds`, but a pseudo-terminal is always open at its other end."""
    path, found = os.path.realpath(port), who_holds(port, proc, folders)
    if not _is_pseudo_terminal(path):
        return found
    locked = {*_by_locks(path, proc), *_by_lock_files(path, proc, folders)}
    return [holder for holder in found if holder.pid in locked]


def others_with(port: str, proc: Path = PROC) -> list[Holder]:
    """Who has the port open without having locked it. Cheap for many ports at once; a moment old at the most.

    A pseudo-terminal is always open at its other end, so it tells nothing.
    """
    path = os.path.realpath(port)
    if _is_pseudo_terminal(path):
        return []
    return [Holder(pid, name_of(pid, proc)) for pid in _looks.at(proc).get(path, ()) if pid != os.getpid()]


def modem_manager(proc: Path = PROC) -> Holder | None:
    """ModemManager, if it runs."""
    for pid in _pids(proc):
        if name_of(pid, proc) == MODEM_MANAGER:
            return Holder(pid, MODEM_MANAGER)
    return None


def name_of(pid: int, proc: Path = PROC) -> str:
    """The process's name; `?` when it has ended meanwhile."""
    return word_of(proc / str(pid) / "comm") or "?"


def _is_pseudo_terminal(path: str) -> bool:
    return path.startswith(PSEUDO_TERMINALS)


def _pids(proc: Path) -> Iterator[int]:
    with suppress(OSError):
        yield from (int(name) for name in os.listdir(proc) if name.isdecimal())


def _by_locks(path: str, proc: Path) -> Iterator[int]:
    """Lines such as `1: FLOCK  ADVISORY  WRITE 712 00:1a:3 0 EOF`: number of the process, device and inode."""
    with suppress(OSError):
        status = os.stat(path)
        wanted = (os.major(status.st_dev), os.minor(status.st_dev), status.st_ino)
        for line in (proc / "locks").read_text().splitlines():
            fields = line.replace("->", " ").split()
            if len(fields) > 5 and fields[1] == "FLOCK" and _place(fields[5]) == wanted:
                yield int(fields[4])


def _place(text: str) -> tuple[int, ...] | None:
    with suppress(ValueError):
        major, minor, inode = text.split(":")
        return int(major, 16), int(minor, 16), int(inode)
    return None


def _by_files(path: str, proc: Path) -> list[int]:
    return list(_looks.at(proc, is_anew=True).get(path, ()))


def _by_lock_files(path: str, proc: Path, folders: tuple[Path, ...]) -> Iterator[int]:
    """Ten digits and a line's end, or the number in binary; one whose process is gone was left behind."""
    for folder in folders:
        with suppress(OSError):
            octets = (folder / f"LCK..{os.path.basename(path)}").read_bytes()
            words = octets.split()
            pid = int(words[0]) if words and words[0].isdigit() else int.from_bytes(octets[:4], "little")
            if (proc / str(pid)).exists():
                yield pid


class _Looks:
    """The latest look at which process has which terminal open."""

    def __init__(self) -> None:
        self._taking = threading.Lock()
        self._taken_at = float("-inf")
        self._proc: Path | None = None
        self._found: Mapping[str, list[int]] = {}

    def at(self, proc: Path, *, is_anew: bool = False) -> Mapping[str, list[int]]:
        with self._taking:
            age_s = time.monotonic() - self._taken_at
            if is_anew or age_s > FRESH_S or proc != self._proc:
                self._found, self._proc, self._taken_at = _open_terminals(proc), proc, time.monotonic()
            return self._found


_looks = _Looks()


def _open_terminals(proc: Path) -> dict[str, list[int]]:
    """Each open terminal's processes. Processes of other users are closed to all but root, and are passed over."""
    found: dict[str, list[int]] = {}
    for pid in _pids(proc):
        for target in _open_files(proc / str(pid) / "fd"):
            if os.path.basename(target).startswith("tty") or _is_pseudo_terminal(target):
                holders = found.setdefault(target, [])
                if pid not in holders:
                    holders.append(pid)
    return found


def _open_files(folder: Path) -> Iterator[str]:
    with suppress(OSError):
        for name in os.listdir(folder):
            with suppress(OSError):
                yield os.readlink(folder / name)
