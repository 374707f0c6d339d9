"""What the tests of the live modem share: an open carrier on a fake modem, and the SMS they send."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gateway.carrier import Inbound, Submission
from gateway.modem.carrier import ModemCarrier
from gateway.settings import ModemSettings
from gateway.sms.segmentation import split
from tests.fake_modem.handle import Handle

TO, ANOTHER, SENDER = "+79000000001", "+79000000002", "+79000000005"
TEXT = "Ждём вас завтра в 10:00"
QUICK_S = 0.3  # a submit's deadline in tests of silence
OFTEN_S = 0.05  # between two looks at an open modem


class Memory:
    """PINs that were tried, as long as the test lasts; True: refused, False: nobody knows."""

    def __init__(self) -> None:
        self.keys: dict[str, bool] = {}

    def is_refused(self, keys: Sequence[str]) -> bool:
        tries = [self.keys[key] for key in keys if key in self.keys]
        return len(tries) > 1 or any(tries)

    def begin(self, keys: Sequence[str]) -> None:
        self.keys.update({key: key in self.keys for key in keys})

    def remember(self, keys: Sequence[str]) -> None:
        self.keys.update(dict.fromkeys(keys, True))

    def withdraw(self, keys: Sequence[str]) -> None:
        before = {key: False for key in keys if self.keys[key]}
        self.forget(keys)
        self.keys.update(before)

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.keys.pop(key, None)


def carrier_for(
    modem: Handle,
    *,
    memory: Memory | None = None,
    pin: str | None = None,
    submit_deadline_s: float = 40.0,
    kind: type[ModemCarrier] = ModemCarrier,
    **options: Any,
) -> ModemCarrier:
    settings = ModemSettings(name="sim-1", port=modem.port, pin=pin, answer_wait=submit_deadline_s)
    return kind(settings, memory or Memory(), **options)


@contextmanager
def opened(modem: Handle, **options: Any) -> Iterator[ModemCarrier]:
    carrier = carrier_for(modem, **options)
    try:
        carrier.open()
        yield carrier
    finally:
        carrier.close()


def sms(key: int = 1, to: str = TO, text: str = TEXT) -> Submission:
    return Submission(key, to, split(text, key % 256)[0])


def receive(carrier: ModemCarrier, count: int, within_s: float = 5.0, *, is_acknowledged: bool = True) -> list[Inbound]:
    """The first `count` that come in, each acknowledged as a worker does once it is stored."""
    found: list[Inbound] = []
    until = time.monotonic() + within_s
    while len(found) < count and time.monotonic() < until:
        for each in carrier.receive(0.05):
            found.append(each)
            if is_acknowledged:
                carrier.acknowledge(each)
    return found


def until(condition: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait for it; the condition itself gives the time."""
    end = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < end
