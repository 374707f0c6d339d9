"""What a worker's thread shows to others and is told by them: that it moves, that it is called, that it is to stop."""

from __future__ import annotations

import threading

from gateway.clock import Time


class Pulse:
    """One worker's; its own thread beats and waits, any thread may call, stop and look."""

    def __init__(self, time: Time) -> None:
        self.time = time
        self.moved_at = time.monotonic()  # when its loop last turned
        self.is_in_the_air = False  # an SMS is being handed over
        self.is_hung = False  # it was found not to move any more
        self.is_busy = False  # it is in the middle of sending
        self._stopping = threading.Event()
        self._called = threading.Event()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def stop(self) -> None:
        self._stopping.set()
        self._called.set()

    def call(self) -> None:
        """End the wait of a worker whose carrier is closed."""
        self._called.set()

    def beat(self) -> None:
        """The loop moves."""
        self.moved_at = self.time.monotonic()

    def wait(self, wait_s: float) -> None:
        """Until the time is over, or somebody calls; a call before it counts."""
        self.beat()
        self.time.wait(self._called, wait_s)
        self._called.clear()
        self.beat()

    def wait_for_stop(self, wait_s: float) -> bool:
        """Whether it is to stop, at the latest after `wait_s`."""
        self.beat()
        return self.time.wait(self._stopping, wait_s)
