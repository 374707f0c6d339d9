"""A clinic whose SMS go over binds to a fake SMSC in the test's own process."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.installation import Installation
from tests.fake_smsc import Conduct, Smsc

SECRET = "secret"
PATIENT = {"answer_timeout": "2 s", "enquire_every": "0.5 s"}  # as far as a test is patient
ENDS = ("delivered", "undelivered", "failed", "sent")


@dataclass
class Clinic:
    """An installation, its SMSC, and what the phones show of its messages, each to a number of its own."""

    installation: Installation
    smsc: Smsc

    def configure(self, *binds: Mapping[str, Any], modems: list[dict[str, Any]] | None = None, **gateway: Any) -> None:
        """Write the configuration: a table for each of `binds`, over what all have; one bind if none is named."""
        self.password(SECRET)
        self.installation.configure(modems or [], **gateway)
        tables = [self._table(bind) for bind in binds or ({},)]
        with self.installation.config.open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *tables]))

    def password(self, secret: str) -> None:
        file = self.installation.folder / "smpp.secret"
        file.write_text(f"{secret}\n", encoding="utf-8")
        file.chmod(0o600)

    def start(self, *, binds_ready: int = 1, program: str = "gateway") -> None:
        self.installation.start(modems_ready=binds_ready, program=(program,))

    def insert(self, count: int, first: int = 0, body: str = "Message {n}", **columns: object) -> list[int]:
        """Each to a number of its own; their ids."""
        return [
            self.installation.insert(number_of(n), body.format(n=n), **columns) for n in range(first, first + count)
        ]

    def shown(self) -> Counter[str]:
        """How many texts each phone has shown, by number."""
        return Counter({f"+{number}": len(texts) for number, texts in self.smsc.texts.items()})

    def uncertain(self) -> set[str]:
        """The numbers whose message was called so at any time."""
        rows = self.installation.rows(
            "SELECT DISTINCT o.msisdn FROM events AS e JOIN outbox AS o ON o.id = e.outbox_id"
            " WHERE e.to_state = 'uncertain'"
        )
        return {row["msisdn"] for row in rows}

    def wait_all(self, state: str, count: int, patience_s: float = 30.0) -> None:
        """Until every message is in this state."""
        self.installation.wait_for(lambda: self.installation.states() == {state: count}, f"{count} {state}", patience_s)

    def wait_ends(self, patience_s: float = 60.0) -> None:
        """Until every message is delivered, or failed: when it met a broken link twice."""
        self.installation.wait_for(
            lambda: set(self.installation.states()) <= {"delivered", "failed"}, "ends", patience_s
        )

    def wait_count(self, what: str, least: int) -> None:
        """Until the SMSC has counted so many: faults, submits, refused, …"""
        self.installation.wait_for(lambda: self.smsc.counts[what] >= least, f"{least} {what}")

    def wait_detail(self, word: str, carrier: str = "operator") -> None:
        """Until people are told so of the bind."""
        query = "SELECT detail FROM carriers WHERE name = ?"
        self.installation.wait_for(
            lambda: any(word in (row["detail"] or "") for row in self.installation.rows(query, carrier)), word
        )

    def state_of(self, carrier: str = "operator") -> str:
        rows = self.installation.rows("SELECT state FROM carriers WHERE name = ?", carrier)
        return str(rows[0]["state"]) if rows else ""

    def complaints(self, count: int) -> list[str]:
        """What was lost, or doubled without a word; empty when all is well. For messages that have their end."""
        rows = self.installation.rows("SELECT msisdn, state FROM outbox")
        shown, uncertain = self.shown(), self.uncertain()
        found = [] if len(rows) == count else [f"{len(rows)} rows of {count}"]
        for row in rows:
            number, copies = row["msisdn"], shown[row["msisdn"]]
            if row["state"] not in ENDS:
                found.append(f"{number} has no end: {row['state']}")
            if not copies and row["state"] in ("sent", "delivered"):
                found.append(f"{number} is {row['state']} and shows nothing")
            if row["state"] == "failed" and number not in uncertain:
                found.append(f"{number} is failed and was never uncertain")
            if copies > 1 and number not in uncertain:
                found.append(f"{number} shows {copies} and was never uncertain")
        return [*found, *self.smsc.complaints]

    def _table(self, changes: Mapping[str, Any]) -> str:
        defaults: dict[str, Any] = {
            "name": "operator", "host": self.smsc.host, "port": self.smsc.port, "system_id": "clinic",
            "password_file": "smpp.secret", "source": "Clinic", "window": 10, "max_per_second": 1000, **PATIENT,
        }  # fmt: skip
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in {**defaults, **changes}.items()]
        return "\n".join(["[[smpp]]", *lines, ""])


def number_of(n: int) -> str:
    return f"+7900{1000000 + n}"


@contextmanager
def opened(folder: Path, conduct: Conduct | None = None, **options: Any) -> Iterator[Clinic]:
    """An SMSC, and a clinic with its database; the test configures it and starts the daemon."""
    installation = Installation(folder)
    with Smsc(conduct, **options) as smsc:
        installation.create_database()
        try:
            yield Clinic(installation, smsc)
        finally:
            installation.stop()


def seconds_until(clinic: Clinic, binds: int, patience_s: float = 10.0) -> float:
    """How long until the SMSC has been bound to so often, in seconds."""
    began, end = time.monotonic(), time.monotonic() + patience_s
    while clinic.smsc.counts["binds"] < binds:
        assert time.monotonic() < end, f"never: bound {binds} times"
        time.sleep(0.01)
    return time.monotonic() - began
