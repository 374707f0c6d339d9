"""The real daemon as a service: what it tells its manager, how it reloads, which database it takes for its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.queue import db
from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import ROOT, Installation

WATCHDOG_S = 1.5
PATIENCE_S = 20.0


class Ear:
    """A service manager that only listens."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)
        self.environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": str(int(WATCHDOG_S * 1e6))}
        self.heard: list[str] = []

    def listen(self) -> list[str]:
        try:
            while True:
                self.heard += self._socket.recv(4096).decode().split("\n")
        except BlockingIOError:
            return self.heard

    def until(self, is_heard: Callable[[list[str]], bool], patience_s: float = PATIENCE_S) -> list[str]:
        deadline = time.monotonic() + patience_s
        while not is_heard(self.listen()):
            assert time.monotonic() < deadline, self.heard[-20:]
            time.sleep(0.02)
        return self.heard

    def fed(self, for_s: float) -> int:
        """How often the watchdog is fed within so long."""
        self.listen()
        before = self.heard.count("WATCHDOG=1")
        time.sleep(for_s)
        return self.listen().count("WATCHDOG=1") - before

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[Ear]:
    made = Ear(tmp_path / "notify")
    yield made
    made.close()


def test_the_manager_hears_of_a_whole_life(open_clinic: OpenClinic, ear: Ear) -> None:
    clinic, _bank = open_clinic(2)
    clinic.create_database()
    clinic.start(modems_ready=2, environment=ear.environment)
    ear.until(lambda heard: "STATUS=2 of 2 carriers can send." in heard)
    assert "READY=1" in ear.heard
    assert ear.fed(1.6) >= 2
    assert clinic.terminate() == 0
    heard = ear.listen()
    assert heard.index("READY=1") < heard.index("STOPPING=1")
    assert any(line.startswith("EXTEND_TIMEOUT_USEC=") for line in heard[heard.index("STOPPING=1") :])


def test_it_is_ready_also_when_no_modem_is_plugged_in_yet(installation: Installation, ear: Ear) -> None:
    installation.configure([{"name": "sim-1", "port": "/dev/none"}])
    installation.create_database()
    installation.start(environment=ear.environment)
    ear.until(lambda heard: "STATUS=0 of 1 carrier can send." in heard)
    assert "READY=1" in ear.heard


def test_a_loop_that_hangs_starves_the_watchdog_and_is_named_in_the_log(open_clinic: OpenClinic, ear: Ear) -> None:
    clinic, _bank = open_clinic(1)
    clinic.create_database()
    clinic.start(program=("tests.e2e.hanging", "dispatcher"), environment=ear.environment)
    ear.until(lambda heard: "WATCHDOG=1" in heard)
    clinic.wait_for(lambda: '"event": "hung"' in clinic.log.read_text(), "it says that a loop hangs")
    assert ear.fed(2 * WATCHDOG_S) == 0
    assert '"loop": "dispatcher"' in clinic.log.read_text()


def test_without_a_manager_a_loop_that_hangs_is_told_by_status_and_doctor(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic(1)
    clinic.create_database()
    clinic.start(program=("tests.e2e.hanging", "dispatcher"))
    clinic.wait_for(lambda: clinic.json("status")["hung"] == ["dispatcher"], "status names the loop")
    (finding,) = [each for each in clinic.json("doctor") if each["check"] == "daemon"]
    assert not finding["ok"]
    assert "dispatcher" in finding["finding"]


def test_the_managers_abort_leaves_in_the_log_where_each_thread_stood_and_no_core(
    open_clinic: OpenClinic, ear: Ear
) -> None:
    clinic, _bank = open_clinic(1)
    clinic.create_database()
    clinic.start(modems_ready=1, environment=ear.environment)
    assert clinic.daemon is not None
    limits = Path(f"/proc/{clinic.daemon.pid}/limits").read_text()
    assert next(line.split()[4] for line in limits.splitlines() if line.startswith("Max core file size")) == "0"
    clinic.daemon.send_signal(signal.SIGABRT)
    assert clinic.daemon.wait(PATIENCE_S) == -signal.SIGABRT
    assert "dispatcher.py" in clinic.log.read_text()


def test_housekeeping_jobs_that_hang_all_of_them_stop_neither_the_sending_nor_the_watchdog_nor_the_end(
    open_clinic: OpenClinic, ear: Ear
) -> None:
    clinic, bank = open_clinic(1)
    clinic.create_database()
    clinic.start(modems_ready=1, program=("tests.e2e.hanging", "housekeeping"), environment=ear.environment)
    jobs = {"tidy", "retention", "alarms", "notices"}
    clinic.wait_for(lambda: all(f"hangs: {job}" in clinic.log.read_text() for job in jobs), "every job hangs")
    messages = [clinic.insert(f"+7900000000{number}", "Ждём вас") for number in range(5)]
    bank.modems[0].deliver("+79000000009", "Спасибо")
    for message in messages:
        clinic.wait_for_state(message, "delivered")
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM inbox"), "what came in is there")
    assert ear.fed(1.6) >= 2
    assert clinic.terminate() == 0
    assert '"left_behind"' in clinic.log.read_text()


# SIGHUP


def loaded(clinic: Installation) -> tuple[str | None, list[str]]:
    """When the daemon read its configuration anew, and what of it does not count."""
    (row,) = clinic.rows("SELECT loaded_at, not_loaded FROM daemon")
    return row["loaded_at"], (row["not_loaded"] or "").splitlines()


def reload(clinic: Installation) -> list[str]:
    before, _left = loaded(clinic)
    assert clinic.daemon is not None
    clinic.daemon.send_signal(signal.SIGHUP)
    clinic.wait_for(lambda: loaded(clinic)[0] != before, "it was read anew")
    return loaded(clinic)[1]


def test_a_reload_takes_over_what_it_can_and_says_what_waits_for_a_restart(open_clinic: OpenClinic, ear: Ear) -> None:
    clinic, bank = open_clinic(1)
    clinic.create_database()
    clinic.start(modems_ready=1, environment=ear.environment)
    modems = [{"name": "sim-1", "port": bank.modems[0].port}]
    refused = clinic.insert("0500", "Ждём вас")
    assert clinic.wait_for_state(refused, "rejected")["error_code"] == "short_code"
    clinic.configure(modems, short_codes=["0500"], database="other.db", log_level="debug")
    assert clinic.daemon is not None
    clinic.daemon.send_signal(signal.SIGHUP)
    heard = ear.until(lambda heard: heard.count("READY=1") == 2)
    assert heard.index("RELOADING=1") < len(heard) - heard[::-1].index("READY=1") - 1
    clinic.configure(modems, short_codes=["0500"], log_level="debug")  # so that the command finds the database again
    told = clinic.json("status")["configuration_not_loaded"]
    assert {line.split()[0] for line in told} == {"gateway.database", "gateway.log_level"}
    ear.until(lambda heard: any("2 changes" in line for line in heard))
    clinic.wait_for_state(clinic.insert("0500", "Ждём вас"), "sent", "delivered")
    clinic.configure(modems, short_codes=["0500"])
    assert reload(clinic) == []


def test_a_configuration_with_mistakes_is_refused_and_the_old_one_stays(open_clinic: OpenClinic) -> None:
    clinic, _bank = open_clinic(1)
    clinic.start(modems_ready=1)
    right = clinic.config.read_text()
    clinic.config.write_text(right.replace('country = "RU"', "country = 7\npin = '1234'"))
    assert "gateway.country" in reload(clinic)[0]
    assert "gateway.country" in clinic.log.read_text()
    clinic.config.write_text(right)
    assert "gateway.country" in clinic.json("status")["configuration_not_loaded"][0]
    clinic.wait_for_state(clinic.insert("8 900 000-00-01", "Ждём вас"), "sent", "delivered")
    assert reload(clinic) == []


def test_a_service_does_not_put_an_empty_queue_in_place_of_one_that_is_gone(
    installation: Installation, ear: Ear
) -> None:
    installation.configure([])
    environment = {**os.environ, **ear.environment}
    done = installation.smsgw("run", env=environment)
    assert (done.returncode, "Is its disk mounted?" in done.stderr) == (1, True)
    assert not installation.database.exists()


STARTING_S = (0.1, 0.3, 0.5, 0.7, 1.0)


def test_a_daemon_that_is_told_to_stop_while_it_starts_ends_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    clinics = [Installation(tmp_path / str(number)) for number in range(len(STARTING_S))]
    for clinic, after_s in zip(clinics, STARTING_S, strict=True):
        clinic.folder.mkdir()
        clinic.configure([{"name": "sim-1", "port": "/dev/none"}])
        command = [sys.executable, "-m", "gateway", "--config", str(clinic.config), "run"]
        with clinic.log.open("wb") as log, subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as daemon:
            time.sleep(after_s)
            daemon.terminate()
            code = daemon.wait(PATIENCE_S)
        assert code in (0, -signal.SIGTERM), (after_s, clinic.log.read_text())
        assert "Traceback" not in clinic.log.read_text()
        if clinic.database.exists() and clinic.database.stat().st_size:
            with closing(sqlite3.connect(clinic.database)) as connection:
                assert connection.execute("PRAGMA user_version").fetchone()[0] in (0, db.schema_version())
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# The doctor beside the daemon


def test_a_loop_back_goes_out_over_the_daemon_and_is_seen_to_come_back(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(1)
    clinic.start(modems_ready=1)
    command = [sys.executable, "-m", "gateway", "--config", str(clinic.config), "doctor", "--json"]
    own = ["--loopback", "sim-1", "--number", "8 900 000-00-01"]
    with subprocess.Popen([*command, *own], cwd=ROOT, stdout=subprocess.PIPE, text=True) as doctor:
        assert bank.wait_for(lambda: bank.phones.get("+79000000001"), PATIENCE_S)
        (text,) = bank.phones["+79000000001"]
        bank.modems[0].deliver("+79000000001", text)
        told, _nothing = doctor.communicate(timeout=PATIENCE_S)
    found = {finding["check"]: finding for finding in json.loads(told)}
    assert (found["loopback"]["ok"], "came back within" in found["loopback"]["finding"]) == (True, True)
