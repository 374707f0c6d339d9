"""The daemon tells people what is amiss, in the ways that they configured."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.e2e.conftest import OpenClinic

MORE_THAN_ANY_DISK_MB = 1_000_000
COPY = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"


def test_an_alarm_reaches_the_program_that_is_configured(open_clinic: OpenClinic, tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    clinic, _bank = open_clinic()
    with clinic.config.open("a") as file:
        file.write(f"\n[alarms]\ndisk_free_mb = {MORE_THAN_ANY_DISK_MB}\n")
        file.write(f"\n[[notify]]\ncommand = {json.dumps([sys.executable, '-c', COPY, str(told)])}\n")
    clinic.start(modems_ready=1, program=("tests.e2e.hurrying",))
    clinic.wait_for(told.exists, "the program was run")
    clinic.wait_for(lambda: told.read_text(), "the program has written")
    assert json.loads(told.read_text())["code"] == "disk_full"
    assert [row["code"] for row in clinic.json("alarms")] == ["disk_full"]
