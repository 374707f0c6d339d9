"""A gateway as a clinic has it: a folder with configuration and database, the real daemon and the real command."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.queue import db

ROOT = Path(__file__).resolve().parent.parent.parent
NO_LIMITS = {"same_text_limit": 0, "daily_limit": 0, "backlog_limit": 0}  # tests repeat themselves on purpose
PATIENCE_S = 30.0  # far above what anything here takes; a test that waits so long has failed
START_S = 60.0  # with ten times as much to do as the machine can, a start takes 12 s


class Installation:
    """One clinic's folder; `stop` in the fixture's end, so that no process stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "gateway.toml"
        self.database = folder / "gateway.db"
        self.log = folder / "daemon.log"
        self.daemon: subprocess.Popen[bytes] | None = None

    def configure(
        self, modems: Sequence[Mapping[str, Any]], *, safety: Mapping[str, Any] = NO_LIMITS, **gateway: Any
    ) -> None:
        """Write the configuration; `gateway` are keys of its [gateway] table, `safety` of the breakers' own."""
        keys = {"database": "gateway.db", "timezone": "Europe/Moscow", "country": "RU", **gateway}
        tables = [("[gateway]", keys), *(("[[modem]]", modem) for modem in modems), ("[safety]", safety)]
        self.config.write_text("\n\n".join(f"{title}\n{_toml(table)}" for title, table in tables) + "\n")

    def create_database(self) -> None:
        """What `smsgw init` does where a configuration is, without the half second that its process takes to start."""
        db.create_or_upgrade(self.database)

    def smsgw(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run the command and wait for it."""
        command = [sys.executable, "-m", "gateway", "--config", str(self.config), *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False, **options
        )

    def json(self, *arguments: str) -> Any:
        """What a reading verb says with --json."""
        done = self.smsgw(*arguments, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def start(
        self, *, modems_ready: int = 0, program: Sequence[str] = ("gateway",), environment: Mapping[str, str] = {}
    ) -> None:
        """Start the daemon and wait until it lives and so many modems are ready."""
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", *program, "--config", str(self.config), "run"]
            surroundings = {**os.environ, **environment}
            self.daemon = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True, env=surroundings
            )
        self.wait_for(lambda: self.ready_modems() >= modems_ready, f"{modems_ready} modems ready", START_S)

    def ready_modems(self) -> int:
        assert self.daemon is not None
        assert self.daemon.poll() is None, self.log.read_text()
        try:
            alive = self.rows("SELECT 1 FROM daemon WHERE pid = ? AND stopped_at IS NULL", self.daemon.pid)
            return len(self.rows("SELECT 1 FROM carriers WHERE state = 'ready'")) if alive else -1
        except sqlite3.OperationalError:  # the daemon is just creating the database
            return -1

    def terminate(self) -> int:
        """SIGTERM, and the exit code."""
        assert self.daemon is not None
        self.daemon.terminate()
        return self.daemon.wait(PATIENCE_S)

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        assert self.daemon is not None
        os.kill(self.daemon.pid, signal.SIGKILL)
        self.daemon.wait(PATIENCE_S)

    def stop(self) -> None:
        """Leave nothing running, whatever happened before."""
        if self.daemon is not None and self.daemon.poll() is None:
            self.kill()

    def insert(self, recipient: object, body: object, **columns: object) -> int:
        """What the MIS does, through a connection of its own."""
        columns = {"recipient": recipient, "body": body, **columns}
        marks = ", ".join("?" * len(columns))
        connection = sqlite3.connect(self.database, timeout=5.0)
        try:
            with connection:
                statement = f"INSERT INTO outbox ({', '.join(columns)}) VALUES ({marks})"
                row_id = connection.execute(statement, tuple(columns.values())).lastrowid
        finally:
            connection.close()
        assert row_id is not None
        return row_id

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        connection = sqlite3.connect(self.database, timeout=5.0)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(statement, values)]
        finally:
            connection.close()

    def row(self, message_id: int) -> dict[str, Any]:
        return self.rows("SELECT * FROM outbox WHERE id = ?", message_id)[0]

    def states(self) -> dict[str, int]:
        """How many messages are in each state."""
        return {row["state"]: row["n"] for row in self.rows("SELECT state, count(*) AS n FROM outbox GROUP BY state")}

    def wait_for_state(self, message_id: int, *states: str) -> dict[str, Any]:
        """The row, once it is in one of `states`."""
        self.wait_for(lambda: self.row(message_id)["state"] in states, f"message {message_id} in {states}")
        return self.row(message_id)

    def wait_for(self, is_so: Callable[[], object], what: str, patience_s: float = PATIENCE_S) -> None:
        """Return as soon as `is_so`; fail with `what` when it never is."""
        deadline = time.monotonic() + patience_s
        while not is_so():
            assert time.monotonic() < deadline, f"never: {what}; states {self._safe_states()}; log:\n{self._log_tail()}"
            time.sleep(0.02)

    def _safe_states(self) -> object:
        try:
            return self.states()
        except sqlite3.Error as fault:
            return fault

    def _log_tail(self) -> str:
        return self.log.read_text()[-6000:] if self.log.exists() else ""


def _toml(table: Mapping[str, Any]) -> str:
    return "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items())
