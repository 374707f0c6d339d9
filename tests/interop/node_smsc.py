"""The npm package `smpp` as a scripted SMSC: its own process, orders and sightings as lines of JSON."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import queue
import shutil
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

HERE = Path(__file__).parent
SCRIPT = HERE / "node_smsc.js"
PACKAGES = HERE / "smsc"
PATIENCE_S = 20.0
INSTALL_S = 90.0
FORGET_S = 600.0  # so long npm is not asked again after it failed


class NotHere(Exception):
    """Why there can be no such SMSC on this machine."""


class NotInstalled(Exception):
    """Why it could not be installed, though the machine has all it takes."""


def installed() -> Path:
    """The folder with `node_modules`: filled once for all runs. Raises NotHere, NotInstalled."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise NotHere("node and npm are not on this machine: sudo apt-get install nodejs npm")
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "smsgw-tests" / f"smsc-{_stamp()}"
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # files of tests run side by side
        if not (folder / "complete").exists():
            _install_once(folder)
    return folder


def _stamp() -> str:
    """Another folder for other versions."""
    return hashlib.sha256((PACKAGES / "package-lock.json").read_bytes()).hexdigest()[:12]


def _install_once(folder: Path) -> None:
    """What has just failed fails again: every process of a run would wait for it."""
    failed = folder / "failed"
    if failed.exists() and time.time() - failed.stat().st_mtime < FORGET_S:
        raise NotInstalled(failed.read_text("utf-8"))
    try:
        _install(folder)
    except NotInstalled as reason:
        failed.write_text(str(reason), encoding="utf-8")
        raise
    (folder / "complete").touch()


def _install(folder: Path) -> None:
    """Exactly the versions of package-lock.json, whose digests npm compares; none of their scripts is run."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PACKAGES / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1", "--prefix", folder]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        raise NotInstalled("npm did not fetch the package smpp in time: is the network there?") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "code" in line or "network" in line]
        raise NotInstalled(f"npm cannot fetch the package smpp ({' '.join(said[:2])}): is the network there?")


class NodeSmsc:
    """`with NodeSmsc(receipts="tlv") as smsc:` — host, port; what it saw, by the name of the PDU."""

    host = "127.0.0.1"

    def __init__(self, receipts: str = "text", tls: tuple[Path, Path] | None = None) -> None:
        secured = {"cert": str(tls[0]), "key": str(tls[1])} if tls else None
        self._told = {"password": "secret", "receipts": receipts, "tls": secured}
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self.seen: list[dict[str, Any]] = []

    def __enter__(self) -> NodeSmsc:
        folder = installed()
        self._process = subprocess.Popen(
            ["node", SCRIPT, json.dumps(self._told)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "TZ": "UTC", "NODE_PATH": str(folder / "node_modules")},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.port = int(self.wait_for("ready")["port"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()  # by which it ends
        self._process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)

    def order(self, do: str, **more: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **more}) + "\n")
        self._process.stdin.flush()

    def say(self, command: str = "deliver_sm", **pdu: object) -> None:
        """What somebody writes on a phone."""
        defaults = {"source_addr": "79000000009", "source_addr_ton": 1, "source_addr_npi": 1, "data_coding": 0}
        self.order("say", command=command, pdu=defaults | pdu)

    def saw(self, event: str) -> list[dict[str, Any]]:
        """All of one kind up to now."""
        while not self._lines.empty():
            self.seen.append(self._lines.get())
        return [each for each in self.seen if each["event"] == event]

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """The last of so many."""
        while len(self.saw(event)) < count:
            self.seen.append(self._lines.get(timeout=PATIENCE_S))
        return self.saw(event)[count - 1]

    def forget(self) -> None:
        """What was seen up to now, and what it is still to tell of that."""
        self.order("mark")
        self.wait_for("mark")
        self.seen.clear()

    def pdus(self, command: str, count: int = 1) -> list[dict[str, Any]]:
        """At least so many; its word of them may come later than its answer."""
        self.wait_for(command, count)
        return [each["pdu"] for each in self.saw(command)]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
