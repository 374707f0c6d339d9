"""What a modem's carrier shows of itself: written by its worker's thread, read by any."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.carrier import CarrierStatus


class Board:
    """The status; it is replaced whole, so that a reader never sees half of a change."""

    def __init__(self, status: CarrierStatus) -> None:
        self.status = status

    def say(self, state: str, detail: str | None = None, **facts: Any) -> None:
        """`detail` None: it stays as long as the state does."""
        kept = self.status.detail if detail is None and state == self.status.state else detail or ""
        self.status = replace(self.status, state=state, detail=kept, **facts)

    def note(self, **facts: Any) -> None:
        """What is known beside the state."""
        self.status = replace(self.status, **facts)
