"""A bind on a real socket to the fake SMSC, driven as a worker drives it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from gateway.carrier import Answer, Inbound, Incoming, Report, Submission
from gateway.errors import CarrierLost
from gateway.settings import SmppSettings
from gateway.smpp.carrier import SmppCarrier
from gateway.sms.message import Alphabet, Segment
from gateway.sms.segmentation import split

PHONE = "+79000000001"
PATIENCE_S = 10.0


class Place(Protocol):
    """Where an SMSC listens."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class Driver:
    """What a worker does with a carrier: hand over, receive, acknowledge, open anew."""

    def __init__(self, carrier: SmppCarrier) -> None:
        self.carrier = carrier
        self.answers: dict[int, list[object]] = {}
        self.inbound: list[Inbound] = []
        self.falls: list[CarrierLost] = []
        self._key = 0

    def submit(self, text: str = "Hello", to: str = PHONE, **fields: Any) -> int:
        """One SMS; its key."""
        self._key += 1
        segment = Segment(text, Alphabet.GSM7 if text.isascii() else Alphabet.UCS2)
        self.carrier.hand_over([Submission(self._key, to, segment, **fields)])
        return self._key

    def submit_long(self, text: str, reference: int = 7) -> list[int]:
        """All parts at once; their keys."""
        segments = split(text, reference)
        keys = [self._key + place for place, _ in enumerate(segments, 1)]
        self._key += len(segments)
        self.carrier.hand_over([Submission(key, PHONE, each) for key, each in zip(keys, segments, strict=True)])
        return keys

    def look(self, wait_s: float = 0.05) -> None:
        """One turn of the worker; a fall is noted."""
        try:
            came = self.carrier.receive(wait_s)
        except CarrierLost as lost:
            self.falls.append(lost)
            return
        for each in came:
            if isinstance(each, Answer):
                self.answers.setdefault(each.key, []).append(each.outcome)
            else:
                self.inbound.append(each)
                self.carrier.acknowledge(each)

    def until(self, is_so: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
        """Turn until it is so."""
        end = time.monotonic() + patience_s
        while not is_so():
            assert time.monotonic() < end, "it does not come"
            self.look()
        self.look(0.0)

    def outcome(self, key: int) -> object:
        """The one answer to this submission, waited for."""
        self.until(lambda: key in self.answers)
        (outcome,) = self.answers[key]
        return outcome

    @property
    def reports(self) -> list[Report]:
        return [each for each in self.inbound if isinstance(each, Report)]

    @property
    def incoming(self) -> list[Incoming]:
        return [each for each in self.inbound if isinstance(each, Incoming)]


def settings_for(smsc: Place, folder: Path, **changes: Any) -> SmppSettings:
    """[[smpp]] as it stands in a configuration."""
    secret = folder / "smpp.secret"
    secret.write_text("secret\n", encoding="utf-8")
    defaults: dict[str, Any] = {
        "name": "operator", "host": smsc.host, "port": smsc.port, "system_id": "clinic", "password_file": secret,
        "source": "Clinic", "max_per_second": 1000,
    }  # fmt: skip
    return SmppSettings(**(defaults | changes))


@contextmanager
def bound(smsc: Place, folder: Path, **changes: Any) -> Iterator[Driver]:
    """A carrier that is open."""
    carrier = SmppCarrier(settings_for(smsc, folder, **changes), seed=1)
    with closing(carrier):
        carrier.open()
        yield Driver(carrier)
