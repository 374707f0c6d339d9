"""The watch over /dev: what comes, comes back as another, or gets its rights is told once."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.daemon.hot_plug import HotPlug


def test_what_comes_is_told_once_and_what_goes_not_at_all(tmp_path: Path) -> None:
    watch, port = HotPlug(tmp_path), tmp_path / "ttyUSB0"
    port.touch()
    (tmp_path / "null").touch()
    assert watch.came() == [str(port)]
    assert watch.came() == []
    port.unlink()
    assert watch.came() == []
    port.touch()
    assert watch.came() == [str(port)]


def test_a_port_that_is_another_under_the_same_name_has_come(tmp_path: Path) -> None:
    watch, port = HotPlug(tmp_path), tmp_path / "ttyACM3"
    port.symlink_to("/dev/null")
    watch.came()
    port.unlink()
    port.symlink_to("/dev/zero")
    assert watch.came() == [str(port)]


def test_rights_that_are_set_a_moment_later_count_as_coming(tmp_path: Path) -> None:
    watch, port = HotPlug(tmp_path), tmp_path / "ttyUSB1"
    port.touch(0o600)
    watch.came()
    os.chmod(port, 0o660)
    assert watch.came() == [str(port)]


def test_stable_names_and_configured_ports_are_watched_too(tmp_path: Path) -> None:
    watch, elsewhere = HotPlug(tmp_path / "dev"), tmp_path / "modem-1"
    by_path = tmp_path / "dev/serial/by-path"
    by_path.mkdir(parents=True)
    configured = [str(elsewhere), str(tmp_path / "bank-*")]
    assert watch.came(configured) == []
    for port in (by_path / "usb-0:1", elsewhere, tmp_path / "bank-7"):
        port.symlink_to("/dev/null")
        assert watch.came(configured) == [str(port)]
