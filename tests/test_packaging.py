"""The wheel and the sdist carry what the gateway needs at run time, and an installed wheel works on its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEEDED = (
    "gateway/queue/schema/0001_tables.sql",
    "gateway/queue/schema/0002_triggers.sql",
    "gateway/modem/modems.toml",
    "gateway/cli/files/smsgw.service",
    "gateway/cli/files/70-smsgw.rules",
    "gateway/modem/usb.toml",
    "gateway/locale/ru/LC_MESSAGES/smsgw.mo",
    "gateway/locale/zh_CN/LC_MESSAGES/smsgw.mo",
)
NOT_SOURCE = (".venv", ".git", "demo-run", ".*_cache", ".hypothesis", "__pycache__")  # written to meanwhile
BUILD = "import sys, setuptools.build_meta as backend; print(getattr(backend, sys.argv[1])(sys.argv[2]))"


def build(kind: str, source: Path, target: Path) -> Path:
    """Run the build backend as pip would, and give the file that it made."""
    target.mkdir(exist_ok=True)
    command = [sys.executable, "-c", BUILD, kind, str(target)]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made from a copy, so that no build folder is left in the checkout."""
    copy = tmp_path_factory.mktemp("source") / "checkout"
    shutil.copytree(ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(*NOT_SOURCE))
    return build("build_sdist", copy, copy.parent / "sdist")


@pytest.fixture(scope="module")
def wheel(sdist: Path) -> Path:
    """Made from the sdist, which so has all that it takes."""
    with tarfile.open(sdist) as archive:
        archive.extractall(sdist.parent / "unpacked")  # our own archive; Python 3.11.2 knows no filter
    (source,) = (sdist.parent / "unpacked").iterdir()
    return build("build_wheel", source, sdist.parent / "wheel")


@pytest.mark.parametrize("name", NEEDED)
def test_the_wheel_has_schema_overlays_and_translations(wheel: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.getinfo(name).file_size > 100


def test_the_wheel_has_nothing_but_the_gateway(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name.split("/")[0].split("-")[0] for name in archive.namelist()} == {"gateway", "clinic_sms_gateway"}


def test_an_unpacked_wheel_makes_a_configuration_and_a_database(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    command = [sys.executable, "-m", "gateway", "--config", str(tmp_path / "gateway.toml"), "init"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "gateway.db").exists()
