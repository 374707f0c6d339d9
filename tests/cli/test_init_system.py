"""`smsgw init --system`: what it puts where, that it changes nothing that people changed, and what it says to whom."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import system
from gateway.cli.app import smsgw
from gateway.cli.installing import File, Place, place_of, write
from gateway.cli.system import System
from gateway.errors import GatewayError
from gateway.queue import db
from gateway.settings import load

UNIT = "etc/systemd/system/smsgw.service"
RULES = "etc/udev/rules.d/70-smsgw.rules"
CONFIGURATION = "etc/smsgw/gateway.toml"
DATABASE = "var/lib/smsgw/gateway.db"


def install(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(smsgw, ["init", "--system", "--root", str(root), "--no-search", *arguments])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def files(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "machine"


def test_it_puts_everything_in_place_and_says_each_step(root: Path) -> None:
    done = install(root)
    assert done.exit_code == 0, done.stderr
    assert files(root) == {UNIT, RULES, CONFIGURATION, DATABASE}
    assert load(root / CONFIGURATION).gateway.database == Path("/var/lib/smsgw/gateway.db")
    db.open_database(root / DATABASE).close()
    for place in (UNIT, RULES, CONFIGURATION, DATABASE):
        assert str(root / place) in done.stderr
    assert "systemctl enable --now smsgw" in done.stderr


def test_what_is_private_is_closed_to_strangers_and_what_is_not_is_open(root: Path) -> None:
    install(root)
    assert (mode(root / CONFIGURATION), mode(root / DATABASE)) == (0o640, 0o660)
    assert (mode(root / "etc/smsgw"), mode(root / "var/lib/smsgw")) == (0o750, 0o2770)
    assert (mode(root / UNIT), mode(root / RULES)) == (0o644, 0o644)


def test_a_second_time_it_changes_nothing(root: Path) -> None:
    install(root)
    texts = (UNIT, RULES, CONFIGURATION)
    before = [(root / path).read_bytes() for path in texts]
    done = install(root)
    assert done.exit_code == 0
    assert "is written" not in done.stderr
    assert [(root / path).read_bytes() for path in texts] == before
    assert files(root) == {*texts, DATABASE}


def test_a_file_that_a_person_changed_stays_and_the_new_one_is_laid_beside_it(root: Path) -> None:
    install(root)
    changed = (root / UNIT).read_text().replace("WatchdogSec=60", "WatchdogSec=90")
    (root / UNIT).write_text(changed)
    for _ in range(2):
        done = install(root)
        assert "stays" in done.stderr
        assert (root / UNIT).read_text() == changed
    assert "WatchdogSec=60" in (root / f"{UNIT}.new").read_text()


def test_a_dry_run_writes_nothing_and_says_what_root_would_type(root: Path) -> None:
    done = install(root, "--dry-run")
    assert done.exit_code == 0
    assert not root.exists()
    assert f"cat > {root / UNIT}" in done.stderr
    assert f"install -d -o smsgw -g smsgw -m 2770 {root / 'var/lib/smsgw'}" in done.stderr


def test_without_roots_rights_it_changes_nothing_and_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr(system, "refuse_hidden", lambda program: None)  # where the tests' own Python lies
    done = CliRunner().invoke(smsgw, ["init", "--system"])
    assert done.exit_code == 1
    assert "init --system" in done.stderr.splitlines()[0]
    assert done.stderr.splitlines()[-1] == "Nothing was changed."


def test_what_it_says_can_be_typed_by_root(tmp_path: Path) -> None:
    told = install(tmp_path / "machine", "--dry-run").stderr
    lines = told[told.index("cat > ") : told.index("(umask")]
    for folder in (UNIT, RULES):
        (tmp_path / "machine" / folder).parent.mkdir(parents=True)
    subprocess.run(["sh", "-e", "-c", lines], check=True)
    assert "changed" not in install(tmp_path / "machine").stderr


def test_dry_run_and_root_mean_nothing_without_system(tmp_path: Path) -> None:
    for arguments in (["--dry-run"], ["--root", str(tmp_path)]):
        assert CliRunner().invoke(smsgw, ["init", *arguments]).exit_code == 2


def test_the_unit_starts_the_command_that_was_called(root: Path) -> None:
    install(root)
    (line,) = [line for line in (root / UNIT).read_text().splitlines() if line.startswith("ExecStart=")]
    program = line.removeprefix("ExecStart=").split(" --config ")[0]
    assert Path(program.split()[0]).exists()
    assert line.endswith("--config /etc/smsgw/gateway.toml run")


def test_a_database_elsewhere_is_waited_for_and_may_be_written(root: Path) -> None:
    (root / "etc/smsgw").mkdir(parents=True)
    (root / CONFIGURATION).write_text('[gateway]\ndatabase = "/srv/sms/queue.db"\n')
    assert install(root).exit_code == 0
    unit = (root / UNIT).read_text()
    assert "RequiresMountsFor=/var/lib/smsgw /srv/sms\n" in unit
    assert "ReadWritePaths=/srv/sms\n" in unit
    assert (root / "srv/sms/queue.db").exists()
    assert (root / CONFIGURATION).read_text() == '[gateway]\ndatabase = "/srv/sms/queue.db"\n'


@pytest.mark.parametrize(("systemd", "has_back_off"), [(0, False), (252, False), (254, True), (257, True)])
def test_the_pause_between_restarts_grows_where_systemd_can(systemd: int, has_back_off: bool) -> None:
    unit = system.unit(System(Path("/"), "/opt/smsgw/bin/smsgw"), systemd)
    assert ("\nRestartSteps=" in unit) is has_back_off


@pytest.mark.parametrize("place", ["/home/anna/smsgw/.venv/bin/smsgw", "/root/venv/bin/smsgw"])
def test_a_command_in_somebodys_home_is_refused_with_what_to_do(place: str) -> None:
    with pytest.raises(GatewayError, match="/opt/smsgw"):
        system.refuse_hidden(place, ())
    system.refuse_hidden("/opt/smsgw/bin/smsgw", ())


# What stands there -> what is made of it
PLACES: dict[str, tuple[str | None, Place]] = {
    "nothing": (None, Place.EMPTY),
    "the same": ("new", Place.SAME),
    "an older version": ("old", Place.OLDER),
    "an older version that was changed": ("old+", Place.CHANGED),
    "an administrator's own file": ("own", Place.CHANGED),
}


@pytest.mark.parametrize(("there", "place"), PLACES.values(), ids=PLACES)
def test_only_what_nobody_changed_is_replaced(tmp_path: Path, there: str | None, place: Place) -> None:
    file, older = File(tmp_path / "file", "new\n"), File(tmp_path / "file", "old\n")
    texts = {"new": file.sealed, "old": older.sealed, "old+": f"{older.sealed}more\n", "own": "own\n"}
    if there is not None:
        file.path.write_text(texts[there])
    assert place_of(file) is place
    written = write(file)
    assert written.read_text() == file.sealed
    assert (written == file.path) is (place is not Place.CHANGED)


# What would make the watchdog, the privacy or the restart of no use if it got lost.
KEPT = ("Type=notify", "WatchdogSec=60", "Restart=on-failure", "RestartPreventExitStatus=2", "User=smsgw",
        "UMask=0007", "LimitCORE=0", "ExecReload=/bin/kill -HUP $MAINPID", "ProtectSystem=strict")  # fmt: skip


def test_the_unit_has_what_the_daemon_counts_on(root: Path) -> None:
    install(root)
    lines = (root / UNIT).read_text().splitlines()
    assert set(KEPT) <= set(lines)
    assert all(re.fullmatch(r"|#.*|\[\w+\]|[A-Z]\w+=.*", line) for line in lines)


def test_a_file_that_can_not_be_written_is_told_in_one_line(root: Path) -> None:
    root.mkdir()
    (root / "etc").write_text("")
    done = install(root)
    assert done.exit_code == 1
    assert "Traceback" not in done.stderr


def test_the_rules_give_the_modems_to_the_group_of_the_serial_ports(root: Path) -> None:
    install(root)
    rules = [line for line in (root / RULES).read_text().splitlines() if line and not line.startswith("#")]
    assert any('ENV{ID_MM_DEVICE_IGNORE}="1"' in rule for rule in rules)
    assert any(f'GROUP="{system.ports_group()}"' in rule for rule in rules)
    assert all("#" not in rule for rule in rules), "udev knows comments only as lines of their own"


def test_root_may_own_what_the_services_user_must_not_change(root: Path) -> None:
    install(root)
    assert (root / CONFIGURATION).stat().st_uid == os.getuid()
