"""A fleet over a fake USB bus with its database, and the beat that writes down how it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.daemon.fleet import Fleet
from gateway.errors import CarrierLost, Cause
from gateway.modem import pool
from gateway.modem.pool import Pool
from gateway.queue import db
from gateway.settings import GatewaySettings, ModemSettings, Settings, SmppSettings
from gateway.settings.rules import intake_rules
from gateway.worker.gate import Gate
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle

SOON_S = 20.0


class Clinic:
    """A fleet with its database, and the beat that writes down how it is."""

    def __init__(self, folder: Path, bank: Bank) -> None:
        self.bank, self.path = bank, folder / "gateway.db"
        db.create_or_upgrade(self.path)
        self.connection = db.open_database(self.path)
        self.told: list[frozenset[str]] = []
        self.fleet: Fleet | None = None

    def settings(self, *modems: ModemSettings, binds: Sequence[SmppSettings] = (), **keys: Any) -> Settings:
        gateway = GatewaySettings(database=self.path, **keys)
        return Settings(self.path.with_name("gateway.toml"), gateway, modems, tuple(binds))

    def start(self, *modems: ModemSettings, **keys: Any) -> Fleet:
        settings, gate = self.settings(*modems, **keys), Gate()
        gate.open()
        self.fleet = Fleet(settings, self.path, intake_rules(settings), on_names=self.told.append, gate=gate)
        self.fleet.start()
        return self.fleet

    def stop(self) -> None:
        if self.fleet:
            self.beat()
            assert self.fleet.stop()
            self.fleet = None

    def restart(self, *modems: ModemSettings, **keys: Any) -> Fleet:
        self.stop()
        pool.POOL = Pool(self.bank.sysfs or Path(), self.bank.folder, probe_s=0.1)
        return self.start(*modems, **keys)

    def beat(self) -> None:
        assert self.fleet
        self.fleet.beat(self.connection, datetime.now(UTC))

    def sims(self) -> dict[str, str | None]:
        """Each carrier that is ready, with its SIM."""
        assert self.fleet
        found = [worker.status() for worker in self.fleet.workers]
        names = [worker.carrier.name for worker in self.fleet.workers]
        return {name: status.line for name, status in zip(names, found, strict=True) if status.state == "ready"}

    def states(self) -> dict[str, str]:
        assert self.fleet
        return {worker.carrier.name: worker.status().state for worker in self.fleet.workers}

    def own_states(self) -> dict[str, str]:
        """What each modem says of itself, paused or not."""
        assert self.fleet
        return {worker.carrier.name: worker.carrier.status().state for worker in self.fleet.workers}

    def hold_up(self, name: str, for_s: float) -> None:
        """This carrier finds nothing for so long."""
        assert self.fleet
        (carrier,) = (worker.carrier for worker in self.fleet.workers if worker.carrier.name == name)
        whole, until = carrier.open, time.monotonic() + for_s

        def find_nothing_yet() -> None:
            if time.monotonic() < until:
                raise CarrierLost("Nothing there.", Cause.ABSENT)
            whole()

        carrier.open = find_nothing_yet  # type: ignore[method-assign]

    def wait(self, is_so: Callable[[], object], within_s: float = SOON_S) -> float:
        """How long it took."""
        began_at = time.monotonic()
        while not is_so():
            self.beat()
            assert time.monotonic() - began_at < within_s, (self.states(), self.sims())
            time.sleep(0.02)
        took_s = time.monotonic() - began_at
        self.beat()
        return took_s

    def wait_for(self, sims: dict[str, Handle], within_s: float = SOON_S) -> float:
        """Until exactly these carriers are ready, each with this modem's SIM."""
        return self.wait(lambda: self.sims() == {name: modem.sim.iccid for name, modem in sims.items()}, within_s)

    def events(self, carrier: str, event: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT detail FROM events WHERE carrier = ? AND event = ? ORDER BY id", (carrier, event)
        )
        return [detail for (detail,) in rows]
