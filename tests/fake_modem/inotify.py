"""Linux's inotify, as far as the bank needs it: who opens a port, who writes a file of the fake sysfs."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable
from pathlib import Path

from tests.fake_modem.loop import Loop

WRITTEN, OPENED = 0x08, 0x20  # IN_CLOSE_WRITE, IN_OPEN
EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows
_libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """`watch` calls back in the bank's thread, until `forget`."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._descriptor: int = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._actions: dict[int, Callable[[], None]] = {}
        loop.watch(self._descriptor, self.read)

    def watch(self, path: Path | str, mask: int, action: Callable[[], None]) -> int:
        """The watch's number, for `forget`."""
        number: int = _libc.inotify_add_watch(self._descriptor, os.fsencode(path), mask)
        if number < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch", str(path))
        self._actions[number] = action
        return number

    def forget(self, number: int) -> None:
        if self._actions.pop(number, None) is not None:
            _libc.inotify_rm_watch(self._descriptor, number)

    def close(self) -> None:
        self._loop.forget(self._descriptor)
        os.close(self._descriptor)

    def read(self) -> None:
        """Act on what has happened until now."""
        try:
            octets = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return
        at = 0
        while at < len(octets):
            number, _, _, length = EVENT.unpack_from(octets, at)
            at += EVENT.size + length
            if action := self._actions.get(number):
                action()
