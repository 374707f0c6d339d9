"""`smsgw doctor`: each matter well and ill, and the exit code."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import namedtuple
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.alive import Condition, Daemon
from gateway.cli.app import smsgw
from gateway.cli.checks import configuration, daemon, database, modem_manager, modems, ports
from gateway.daemon.lock import hold
from tests.cli.conftest import Gateway
from tests.cli.doctor import modem, problems, settings
from tests.fake_modem import Bank


def test_a_gateway_with_a_modem_that_answers_is_well(gateway: Gateway, tmp_path: Path) -> None:
    with Bank(1, folder=tmp_path / "ports") as bank:
        gateway.config.write_text(gateway.config.read_text().replace(f"{tmp_path}/no-port", str(bank.modems[0].port)))
        found = {finding["check"]: finding for finding in gateway.json("doctor")}
    expected = {"configuration", "database", "disk", "port", "daemon", "modem", "sim", "network", "signal", "timezone"}
    assert expected | {"service centre"} <= set(found)
    assert all(found[check]["ok"] for check in expected), found


@pytest.mark.parametrize(("code", "is_well"), [("ERROR", None), (None, False)], ids=["untold", "none"])
def test_a_missing_service_centre_is_a_problem_and_an_untold_one_is_none(
    gateway: Gateway, tmp_path: Path, code: str | None, is_well: bool | None
) -> None:
    with Bank(1, folder=tmp_path / "ports") as bank:
        gateway.config.write_text(gateway.config.read_text().replace(f"{tmp_path}/no-port", str(bank.modems[0].port)))
        if code:
            bank.modems[0].fault("error", after="AT+CSCA", code=code)
        else:
            bank.modems[0].insert(replace(bank.modems[0].sim, smsc=""))
        found = {finding["check"]: finding["ok"] for finding in gateway.json("doctor")}
    assert (found["signal"], found.get("service centre")) == (True, is_well)


def test_a_missing_port_is_a_problem_with_a_remedy_and_exit_code_1(gateway: Gateway) -> None:
    result = gateway.run("doctor", "--json")
    missing = next(finding for finding in json.loads(result.stdout) if finding["check"] == "port")
    assert result.exit_code == 1
    assert (missing["ok"], "does not exist" in missing["finding"]) == (False, True)
    assert "plugged in" in missing["remedy"]


def test_for_people_each_finding_is_a_line_and_each_remedy_an_arrow(gateway: Gateway) -> None:
    lines = gateway.run("doctor").stdout.splitlines()
    assert any(line.startswith("ok  database:") for line in lines)
    assert any(line.startswith("problem  port:") for line in lines)
    assert any(line.startswith("    -> ") for line in lines)


def test_each_mistake_of_the_configuration_is_a_finding(gateway: Gateway) -> None:
    gateway.config.write_text("[gateway]\ncountry = 7\ndatabse = 1\n")
    result = gateway.run("doctor", "--json")
    ill = [finding for finding in json.loads(result.stdout) if finding["check"] == "configuration"]
    assert result.exit_code == 1
    assert len(ill) == 2


def test_without_a_configuration_the_remedy_is_to_make_one(outside: Path) -> None:
    for arguments in ([], ["--config", "none.toml"]):
        result = CliRunner().invoke(smsgw, [*arguments, "doctor", "--json"])
        missing = json.loads(result.stdout)[0]
        assert (missing["ok"], missing["remedy"]) == (False, "Make one: smsgw init")


def test_a_configuration_that_this_user_may_not_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:  # root, who may run the tests, can read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (ill,) = configuration.load(tmp_path / "gateway.toml")[1]
    assert "right to read" in ill.remedy


def test_secrets_that_everybody_can_read_are_a_problem(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text('[[modem]]\nname = "sim-1"\nport = "x"\npin = "0000"\n')
    config.chmod(0o644)
    _settings, found = configuration.load(config)
    (ill,) = problems(found)
    assert (ill.check, ill.remedy) == ("secrets", f"chmod o-r {config}")
    config.chmod(0o640)
    assert not problems(configuration.load(config)[1])


def test_a_password_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text('[[smpp]]\nname = "a"\nhost = "h"\nsystem_id = "s"\npassword_file = "none.secret"\n')
    (ill,) = problems(configuration.load(config)[1])
    assert "none.secret" in ill.finding


def test_a_good_database_has_no_problem(gateway: Gateway) -> None:
    assert not problems(database.check(gateway.database))


def test_a_database_that_everybody_can_read_is_a_problem(gateway: Gateway) -> None:
    gateway.database.chmod(0o644)
    (ill,) = problems(database.check(gateway.database))
    assert (ill.check, ill.remedy) == ("permissions", f"chmod o= {gateway.database}*")


def test_a_missing_database_says_what_creates_it(tmp_path: Path) -> None:
    ill = problems(database.check(tmp_path / "none.db"))
    assert "smsgw init" in ill[0].finding


def test_an_older_database_is_upgraded_and_not_made_anew(gateway: Gateway) -> None:
    with closing(sqlite3.connect(gateway.database)) as connection:
        connection.execute("PRAGMA user_version = 2")
    (ill,) = problems(database.check(gateway.database))
    assert "smsgw db upgrade" in ill.finding
    assert "init" not in ill.remedy


def test_a_damaged_database_is_a_problem(gateway: Gateway) -> None:
    for _row in range(300):
        gateway.insert(body="x" * 400)
    connection = sqlite3.connect(gateway.database)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    content = bytearray(gateway.database.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 8192] = os.urandom(8192)
    gateway.database.write_bytes(content)
    assert problems(database.check(gateway.database))


def test_a_database_that_another_program_keeps_locked_is_a_problem(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.queue.db.open_database.__kwdefaults__", {"create": False, "busy_timeout_s": 0.05})
    other = sqlite3.connect(gateway.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ill = problems(database.check(gateway.database))
    other.close()
    assert "locked" in ill[0].finding


def test_a_database_that_this_user_can_only_read_is_a_problem(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(path: Path) -> sqlite3.Connection:  # root, who may run the tests, can write everything
        return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)

    monkeypatch.setattr("gateway.queue.db.open_database", read_only)
    (ill,) = problems(database.check(gateway.database))
    assert "can only be read" in ill.finding


def test_a_full_disk_is_a_problem(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")(100, 99, 1)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    assert [finding.check for finding in problems(database.check(gateway.database))] == ["disk"]


@pytest.mark.parametrize(("least_mb", "found"), [(500, ["disk"]), (400, []), (0, [])])
def test_a_disk_is_full_for_the_doctor_when_it_is_for_the_alarm(
    least_mb: int, found: list[str], gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")(10**9, 10**9, 499_000_000)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    findings = list(database.check(gateway.database, least_mb))
    assert [finding.check for finding in problems(findings)] == found
    assert next(finding.finding for finding in findings if finding.check == "disk").startswith("499 MB")


MOUNTS = ["/dev/sda1 / ext4 rw 0 0", "server:/share /srv/share nfs4 rw 0 0", "tmpfs /srv/share/local tmpfs rw 0 0"]


def test_the_innermost_mount_tells_the_kind_of_disk() -> None:
    assert database.kind_of_disk(Path("/var/lib/smsgw"), MOUNTS) == "ext4"
    assert database.kind_of_disk(Path("/srv/share/smsgw"), MOUNTS) in database.NETWORK_DISKS
    assert database.kind_of_disk(Path("/srv/share/local"), MOUNTS) == "tmpfs"


def test_a_port_that_this_user_may_not_open_names_the_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root, who may run the tests, can open everything
    (ill,) = ports.check(settings(modem(port)))
    assert (ill.check, ill.ok) == ("permissions", False)
    assert "usermod -aG" in ill.remedy


def test_without_a_configured_modem_ports_that_are_closed_to_this_user_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ttyUSB0").touch()
    pattern = str(tmp_path / "ttyUSB*")
    assert list(ports.closed((pattern,))) == []
    monkeypatch.setattr("os.access", lambda path, mode: False)
    (ill,) = ports.closed((pattern,))
    assert "ttyUSB0: Permission denied" in ill.finding


def test_a_port_that_the_kernel_has_and_dev_lacks_is_no_matter_of_rights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = str(tmp_path / "ttyUSB0")
    monkeypatch.setattr("gateway.modem.pool.find_ports", lambda: [missing])
    (ill,) = ports.closed()
    assert list(ports.check(settings(modem(missing)))) == [ill]
    assert (ill.check, ill.ok) == ("port", False)
    assert ill.finding == f"The kernel has a port for which {missing} is missing."
    assert "udev" in ill.remedy
    assert "Permission" not in ill.finding + ill.remedy


def test_of_several_ports_one_that_leads_nowhere_is_no_matter_of_rights(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    (tmp_path / "ttyUSB1").symlink_to(tmp_path / "gone")
    assert not problems(ports.check(settings(modem(tmp_path / "ttyUSB*"))))


def test_ports_are_left_to_the_daemon_that_has_them(gateway: Gateway) -> None:
    with hold(gateway.database):
        assert not [finding for finding in gateway.json("doctor") if finding["check"] in ("port", "permissions")]
    assert [finding for finding in gateway.json("doctor") if finding["check"] == "port"]


def test_ports_without_an_answer_are_named() -> None:
    assert "/dev/ttyUSB0" in modems.none_found(["/dev/ttyUSB0"]).finding
    assert "No modem was found" in modems.none_found(["/dev/ttyS0"]).finding
    assert "plug" in modems.none_found().remedy.lower()


def test_a_glob_that_matches_is_well(tmp_path: Path) -> None:
    (tmp_path / "ttyUSB0").touch()
    assert not problems(ports.check(settings(modem(tmp_path / "ttyUSB*"))))


def test_modem_manager_is_a_problem_unless_a_rule_keeps_it_off(tmp_path: Path) -> None:
    (tmp_path / "proc" / "17").mkdir(parents=True)
    (tmp_path / "rules").mkdir()
    look = (tmp_path / "proc", (tmp_path / "rules",))
    assert list(modem_manager.check(*look)) == []
    (tmp_path / "proc" / "17" / "comm").write_text("ModemManager\n")
    assert problems(modem_manager.check(*look))
    (tmp_path / "rules" / "60-smsgw.rules").write_text('ENV{ID_MM_DEVICE_IGNORE}="1"')
    assert not problems(modem_manager.check(*look))


# what is known of the daemon -> is it well, and a word of the finding
DAEMONS = {
    "it runs": (Daemon(Condition.RUNNING, "a", "b", 17), True, "17"),
    "never started": (Daemon(Condition.NEVER), True, "not been started"),
    "starting": (Daemon(Condition.STARTING, "a", "b"), True, "starting"),
    "stopped in order": (Daemon(Condition.STOPPED, "a", "b", 17, "c"), True, "stopped at c"),
    "killed": (Daemon(Condition.KILLED, "a", "b", 17), False, "unasked after b"),
    "hangs in a part": (Daemon(Condition.RUNNING, "a", "b", 17, hung_at="c", hung=("sim-1",)), False, "since c: sim-1"),
    "hangs": (Daemon(Condition.SILENT, "a", "b", 17), False, "no sign since b"),
}


@pytest.mark.parametrize(("known", "is_well", "word"), DAEMONS.values(), ids=DAEMONS)
def test_a_daemon_is_ill_when_it_hangs_or_ended_unasked(known: Daemon, is_well: bool, word: str) -> None:
    finding = daemon.check(known, settings())
    assert finding.ok is is_well
    assert word in finding.finding


def test_of_a_database_that_does_not_open_nothing_is_said_but_that(gateway: Gateway) -> None:
    gateway.database.write_bytes(b"no database" * 100)
    found = gateway.json("doctor")
    ill = [finding for finding in found if not finding["ok"]]
    assert [finding["check"] for finding in ill] == ["database", "port"]
    assert ("restore" in ill[0]["remedy"], "smsgw init" in ill[0]["remedy"]) == (True, False)
    assert not [finding for finding in found if finding["check"] == "daemon"]
