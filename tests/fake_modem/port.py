"""A modem's serial port: a real pseudo-terminal with a stable name, which can be pulled out and put back in."""

from __future__ import annotations

import fcntl
import os
import selectors
import termios
import tty
from collections.abc import Callable
from pathlib import Path

from tests.fake_modem.loop import Loop

MOST_UNREAD = 65536  # bytes that wait for a reader; a device loses what comes after them


class Port:
    """The device's end of a pseudo-terminal. The other end stays open here, so the gateway may close and reopen it."""

    def __init__(self, loop: Loop, link: Path, on_bytes: Callable[[bytes], None]) -> None:
        self._loop, self._on_bytes = loop, on_bytes
        self.link = link
        self._unwritten = bytearray()
        self._master, self._slave = -1, -1
        self.path = ""  # /dev/pts/N while it is plugged in

    @property
    def is_open(self) -> bool:
        return self._master >= 0

    def open(self) -> None:
        """Appear, under another /dev/pts/N than last time."""
        used = self.path
        pair = os.openpty()
        if os.ttyname(pair[1]) == used:
            spare, pair = pair, os.openpty()
            for descriptor in spare:
                os.close(descriptor)
        self._master, self._slave = pair
        self.path = os.ttyname(self._slave)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._loop.watch(self._master, self._ready)
        self.link.unlink(missing_ok=True)
        self.link.symlink_to(self.path)

    def close(self) -> None:
        """Vanish: whoever reads the other end gets EIO. Safe to call twice."""
        if not self.is_open:
            return
        self.link.unlink(missing_ok=True)
        self._loop.forget(self._master)
        for descriptor in (self._master, self._slave):
            os.close(descriptor)
        self._master = self._slave = -1
        self._unwritten.clear()

    def write(self, octets: bytes) -> None:
        """Hand over now what fits, the rest as the reader makes room; nothing when unplugged."""
        if not self.is_open:
            return
        if not self._unwritten:
            octets = octets[self._write_some(octets) :]
        if octets and len(self._unwritten) < MOST_UNREAD:
            self._unwritten += octets
            self._loop.watch(self._master, self._ready, selectors.EVENT_READ | selectors.EVENT_WRITE)

    def _write_some(self, octets: bytes | bytearray) -> int:
        try:
            return os.write(self._master, octets)
        except BlockingIOError:
            return 0

    def _ready(self) -> None:
        if self._unwritten:
            del self._unwritten[: self._write_some(self._unwritten)]
            if not self._unwritten:
                self._loop.watch(self._master, self._ready)
        try:
            received = os.read(self._master, 65536)
        except BlockingIOError:
            return
        # A device's port forgets that somebody had it alone when he closes it, be it by dying. This one is always open
        # here too and would never forget: so it does at once, else nobody but root could open it after a kill -9.
        fcntl.ioctl(self._slave, termios.TIOCNXCL)
        self._on_bytes(received)
