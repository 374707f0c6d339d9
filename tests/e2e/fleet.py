"""One daemon over many modems, each with a name and a trouble of its own: what takes time, takes it side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.installation import Installation
from tests.fake_modem.bank import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.radio import Submitted

FINAL = ("delivered", "undelivered", "failed", "rejected", "expired", "cancelled")


@dataclass(frozen=True)
class Fleet:
    """A clinic, its bank, and its modems by the names that the configuration gives them."""

    clinic: Installation
    bank: Bank
    modems: Mapping[str, Handle]

    def configure(self, modem: Mapping[str, Any] | None = None, **gateway: Any) -> None:
        """Write the configuration; `modem` are keys of every [[modem]] table, `gateway` of the [gateway] table."""
        tables = [{"name": name, "port": each.port, **(modem or {})} for name, each in self.modems.items()]
        self.clinic.configure(tables, **gateway)

    def send(self, modem: str, to: str, text: str, **columns: object) -> int:
        """A message that only this modem may take."""
        return self.clinic.insert(to, text, sender=modem, **columns)

    def submitted_to(self, number: str) -> list[Submitted]:
        """Every SMS that the network took for this number."""
        return [each for each in list(self.bank.submitted) if each.decoded.recipient == number]

    def states_of(self, message_id: int) -> list[str]:
        """Every state that the message went through, in order."""
        rows = self.clinic.rows(
            "SELECT to_state FROM events WHERE outbox_id = ? AND to_state IS NOT NULL ORDER BY id", message_id
        )
        return [row["to_state"] for row in rows]

    def events_of(self, message_id: int) -> list[str]:
        rows = self.clinic.rows("SELECT event FROM events WHERE outbox_id = ? ORDER BY id", message_id)
        return [row["event"] for row in rows]

    def segments_of(self, message_id: int) -> list[dict[str, Any]]:
        return self.clinic.rows("SELECT * FROM segments WHERE outbox_id = ? ORDER BY number", message_id)

    def state_of(self, modem: str) -> str:
        """The state that `smsgw modems` shows; empty before it is known."""
        rows = self.clinic.rows("SELECT state FROM carriers WHERE name = ?", modem)
        return str(rows[0]["state"]) if rows else ""


@contextmanager
def assembled(
    folder: Path,
    names: Sequence[str],
    *,
    modem: Mapping[str, Any] | None = None,
    bank: Mapping[str, Any] | None = None,
    **gateway: Any,
) -> Iterator[Fleet]:
    """The bank, the configuration and the database; the daemon is started by the test."""
    clinic = Installation(folder)
    with Bank(len(names), folder=folder / "modems", **(bank or {})) as made:
        modems = dict(zip(names, made.modems, strict=True))
        clinic.configure(
            [{"name": name, "port": each.port, **(modem or {})} for name, each in modems.items()], **gateway
        )
        clinic.create_database()
        try:
            yield Fleet(clinic, made, modems)
        finally:
            clinic.stop()
