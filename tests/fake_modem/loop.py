"""One thread for a whole bank: file descriptors and timers, guarded by one lock that callers from outside take too."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import selectors
import threading
import time
from collections.abc import Callable

Action = Callable[[], None]


class Timer:
    """An action that can be called off."""

    __slots__ = ("action",)

    def __init__(self, action: Action) -> None:
        self.action: Action | None = action

    def cancel(self) -> None:
        self.action = None


class Loop:
    """`watch` and `after` may be called by any thread that holds `lock`; actions run with the lock held."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._is_stopping = False
        self.failure: Exception | None = None
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waker, False)
        self._selector.register(self._woken, selectors.EVENT_READ, self._drain)

    def after(self, delay_s: float, action: Action) -> Timer:
        """Run `action` once, `delay_s` seconds from now."""
        timer = Timer(action)
        heapq.heappush(self._timers, (time.monotonic() + delay_s, next(self._order), timer))
        return timer

    def watch(self, descriptor: int, action: Action, events: int = selectors.EVENT_READ) -> None:
        """Run `action` whenever `descriptor` is ready; a second call changes the events."""
        if descriptor in self._selector.get_map():
            self._selector.modify(descriptor, events, action)
        else:
            self._selector.register(descriptor, events, action)

    def forget(self, descriptor: int) -> None:
        if descriptor in self._selector.get_map():
            self._selector.unregister(descriptor)

    def wake(self) -> None:
        """Let the loop see what another thread changed."""
        with contextlib.suppress(BlockingIOError):  # it has not yet read the last calls
            os.write(self._waker, b"w")

    def run(self) -> None:
        """Until `stop`; an error in an action ends the loop and is kept in `failure`."""
        try:
            self._run()
        except Exception as failure:
            self.failure = failure
            raise

    def _run(self) -> None:
        while not self._is_stopping:
            ready = self._selector.select(self._wait_s())
            with self.lock:
                for key, _ in ready:
                    if key.fd in self._selector.get_map():  # not closed by an action just before
                        key.data()
                self._run_due()

    def stop(self) -> None:
        self._is_stopping = True
        self.wake()

    def close(self) -> None:
        self._selector.close()
        os.close(self._woken)
        os.close(self._waker)

    def _wait_s(self) -> float | None:
        with self.lock:
            return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _run_due(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            if timer.action is not None:
                timer.action()

    def _drain(self) -> None:
        os.read(self._woken, 4096)
