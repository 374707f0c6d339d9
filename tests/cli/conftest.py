"""A gateway in a temporary folder, and ways to call the command on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.carrier import CarrierStatus
from gateway.cli.app import smsgw
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat

ROOT = Path(__file__).parent.parent.parent
CONFIGURATION = """
[gateway]
database = "gateway.db"
timezone = "Europe/Moscow"
country = "RU"

[[modem]]
name = "sim-1"
port = "{folder}/no-port"
"""


@dataclass(frozen=True)
class Gateway:
    """A configuration and its database, without a daemon."""

    config: Path
    database: Path

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Call the command in this process."""
        return CliRunner().invoke(smsgw, ["--config", str(self.config), *arguments], input=stdin)

    def json(self, *arguments: str) -> Any:
        """Call a verb with --json; standard output must hold one document and nothing else."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def spawn(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the command as a real process."""
        return spawn("--config", str(self.config), *arguments)

    def execute(self, statement: str, *values: object) -> list[Any]:
        """One statement on the database, as an MIS would run it."""
        with closing(db.open_database(self.database)) as connection:
            return connection.execute(statement, values).fetchall()

    def insert(self, recipient: str = "+79000000001", body: str = "Ждём вас") -> int:
        """A queued message; its id."""
        with closing(db.open_database(self.database)) as connection:
            cursor = connection.execute("INSERT INTO outbox (recipient, body) VALUES (?, ?)", (recipient, body))
            return int(cursor.lastrowid or 0)

    def count(self) -> int:
        """How many messages the outbox holds."""
        return int(self.execute("SELECT count(*) FROM outbox")[0][0])


def spawn(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m gateway` with these arguments."""
    command = [sys.executable, "-m", "gateway", *arguments]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=surroundings,
        check=False,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    """A gateway whose modem's port does not exist."""
    return gateway_in(tmp_path)


def gateway_in(folder: Path) -> Gateway:
    config = folder / "gateway.toml"
    config.write_text(CONFIGURATION.format(folder=folder))
    database = folder / "gateway.db"
    db.create_or_upgrade(database)
    return Gateway(config, database)


READY = CarrierStatus(
    "ready", "", "/dev/ttyUSB0", "350000000000006", "8970199000000000017", "250990000000001", "Test", -71
)


def beat(gateway: Gateway, at: datetime) -> None:
    """A daemon's sign of life with one modem that is ready."""
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, at)
        heartbeat.report(connection, "sim-1", "modem", READY, 12, 500, at)


@pytest.fixture
def running(gateway: Gateway, now: datetime) -> Iterator[Gateway]:
    """A gateway whose daemon lives."""
    with hold(gateway.database):
        beat(gateway, now)
        yield gateway


@pytest.fixture(autouse=True)
def _quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel and systemd of the machine that runs the tests have seen is not their affair."""
    monkeypatch.setattr("gateway.cli.checks.kernel.KMSG", Path(os.devnull))
    monkeypatch.setattr("gateway.cli.checks.service.BOOTED", Path("/none"))


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder as the current one, without a configuration in sight."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SMSGW_CONFIG", raising=False)
    monkeypatch.setattr(
        "gateway.settings.loading.PLACES", (Path("config/gateway.toml"), tmp_path / "etc" / "none.toml")
    )
    return tmp_path
