"""Ports that come: a look at /dev about twice a second, some microseconds each.

It needs no word from the kernel, so it works in a container too. What goes needs no watch: its
carrier notices first.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from gateway.modem.ports import FOLDERS
from gateway.modem.usb import DEV, SERIAL
from gateway.modem.who import is_glob

Sight = dict[str, tuple[int, int]]  # a port's number and change time: another after it was plugged anew


class HotPlug:
    """What was there at the last look. One thread's."""

    def __init__(self, dev: Path = DEV) -> None:
        self._dev = dev
        self._seen: Sight = {}

    def came(self, configured: Iterable[str] = ()) -> list[str]:
        """The ports that are there and were not, are others, or have got other rights; `configured`: also of these."""
        now = {path: place for path in self._paths(configured) if (place := _place(path))}
        before, self._seen = self._seen, now
        return [path for path, place in now.items() if before.get(path) != place]

    def _paths(self, configured: Iterable[str]) -> Iterator[str]:
        with suppress(OSError):
            yield from (str(self._dev / name) for name in os.listdir(self._dev) if SERIAL.fullmatch(name))
        for folder in FOLDERS:  # links that udev makes a moment after the device
            with suppress(OSError):
                yield from (str(self._dev / folder / name) for name in os.listdir(self._dev / folder))
        for port in configured:
            yield from glob.glob(port) if is_glob(port) else (port,)


def _place(path: str) -> tuple[int, int] | None:
    with suppress(OSError):
        status = os.stat(path)
        return status.st_rdev, status.st_ctime_ns
    return None
