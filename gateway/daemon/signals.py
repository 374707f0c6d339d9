"""What the outside asks of the daemon by signals: to stop (SIGTERM, SIGINT), to read its configuration anew (SIGHUP).

SIGHUP has two meanings. With a controlling terminal it says that the terminal was closed: stop. Without one, as under
systemd or after setsid, nobody can close one: reload. nohup has it ignored, and so it stays.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable
from types import FrameType

TERMINAL = "/dev/tty"  # opens only for a process that has a controlling terminal
ASKED_TWICE = 1  # exit code
SAME_S = 0.3  # what comes within is the same wish: `timeout` and other supervisors tell process and group
MOST = 4096  # signals at once


class Signals:
    """Made and used by the main thread, which alone runs handlers; any thread may look at `is_stopping`.

    A handler may run between any two steps of the main thread, so it only sets a flag: the lock of a threading.Event
    could be held just then. The interpreter itself writes an octet into the pipe that `wait` listens to.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.is_stopping = False
        self._monotonic = monotonic
        self._asked_at = 0.0
        self._is_reload_wanted = False
        self._ear, self._mouth = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def catch(self) -> None:
        """From now on."""
        signal.set_wakeup_fd(self._mouth, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_stop)
        if signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
            signal.signal(signal.SIGHUP, self._on_stop if has_terminal() else self._on_reload)

    def wait(self, for_s: float) -> None:
        """Until a signal comes, or so long."""
        if select.select([self._ear], [], [], max(0.0, for_s))[0]:
            os.read(self._ear, MOST)

    def take_reload(self) -> bool:
        """Whether the configuration is to be read anew; asked once, told once."""
        is_wanted, self._is_reload_wanted = self._is_reload_wanted, False
        return is_wanted

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        now = self._monotonic()
        if not self.is_stopping:
            self.is_stopping, self._asked_at = True, now
        elif now - self._asked_at > SAME_S:  # what is in the air is `uncertain` at the next start
            os._exit(ASKED_TWICE)

    def _on_reload(self, _number: int, _frame: FrameType | None) -> None:
        self._is_reload_wanted = True


def has_terminal() -> bool:
    """Whether this process has a controlling terminal."""
    try:
        os.close(os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
