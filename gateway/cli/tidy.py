"""Leave nothing behind when a verb is ended from outside: the terminal is shut, the machine goes down."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def when_ended() -> Iterator[None]:
    """What is open inside is closed and cleared away, as after Ctrl-C. A signal that is ignored stays so (nohup)."""
    before = {each: signal.signal(each, _end) for each in ENDING if signal.getsignal(each) is signal.SIG_DFL}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)  # as shells have it
