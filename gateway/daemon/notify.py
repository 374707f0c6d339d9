"""What the service manager is told: ready, how it goes, alive, reloading, stopping.

One datagram of KEY=VALUE lines to the socket that $NOTIFY_SOCKET names; without one nothing is said. A datagram that
can't be sent is lost: the daemon never waits for its manager. sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import MutableMapping

SOCKET = "NOTIFY_SOCKET"
PERIOD = "WATCHDOG_USEC"
MEANT = "WATCHDOG_PID"  # whom the watchdog is meant for; it is inherited by programs that we start
MICRO = 1_000_000
LONGEST_STATUS = 200  # characters; `systemctl status` shows one line


class Manager:
    """The service manager, or nobody."""

    def __init__(self, address: str | None = None, watchdog_s: float | None = None) -> None:
        self._address = address
        self._status = ""
        self.watchdog_s = watchdog_s  # it ends us when we gave no sign of life for so long; None: it doesn't watch

    @classmethod
    def take_from(cls, environment: MutableMapping[str, str]) -> Manager:
        """By the environment, whose variables are taken out of it: they are not for the programs that we start."""
        address, period, meant = (environment.pop(name, "") for name in (SOCKET, PERIOD, MEANT))
        is_ours = meant in ("", str(os.getpid()))
        return cls(address or None, int(period) / MICRO if period.isdigit() and int(period) and is_ours else None)

    @property
    def is_there(self) -> bool:
        return self._address is not None

    def ready(self) -> None:
        """The service serves, for the first time or again after `reloading`."""
        self._tell("READY=1")

    def alive(self) -> None:
        """The watchdog is fed."""
        self._tell("WATCHDOG=1")

    def reloading(self) -> None:
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def more_time(self, for_s: float) -> None:
        """Start or stop may take so long from now, whatever the unit's own limits are; the watchdog waits as long."""
        lines = [f"EXTEND_TIMEOUT_USEC={int(for_s * MICRO)}"]
        self._tell(*lines, *([f"{PERIOD}={int(for_s * MICRO)}"] if self.watchdog_s else []))

    def status(self, sentence: str) -> None:
        """One line for `systemctl status`, when it is another one than the last."""
        line = " ".join(sentence.split())[:LONGEST_STATUS]
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def _tell(self, *lines: str) -> None:
        if self._address is None:
            return
        place = "\0" + self._address[1:] if self._address.startswith("@") else self._address  # @: an abstract name
        try:
            with socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            ) as sender:
                sender.sendto("\n".join(lines).encode(), place)
        except OSError:  # gone, or its buffer is full
            return
