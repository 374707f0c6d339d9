"""A campaign over the real daemon: stopped in the middle, over a power cut, let go again and taken back."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import suppress

from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import ROOT, Installation

KILLS = 4
COUNTS = """
    SELECT (SELECT count(*) FROM outbox) AS messages, (SELECT COALESCE(sum(messages), 0) FROM campaigns) AS told,
           (SELECT count(*) FROM campaigns) AS campaigns"""
PEOPLE = 300  # more than go out while the commands start


def test_a_campaign_is_paused_over_a_power_cut_resumed_and_cancelled(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(2, bank={"radio_s": 0.15}, uncertain_wait=1)
    lines = ["Имя;Телефон", *(f"Пациент {n};8 900 000-{n // 100:02}-{n % 100:02}" for n in range(PEOPLE))]
    file = clinic.folder / "December.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    clinic.create_database()
    clinic.start(modems_ready=2)
    clinic.smsgw("import", str(file), "--template", "{Имя}, ждём вас", "--yes").check_returncode()
    clinic.wait_for(lambda: len(bank.submitted) >= 4, "the first SMS")

    clinic.smsgw("campaign", "pause", "December").check_returncode()
    clinic.wait_for(lambda: not clinic.rows("SELECT 1 FROM outbox WHERE state = 'sending'"), "what was in the air")
    out = len(bank.submitted)
    assert out < PEOPLE
    clinic.insert("+79000009901", "Код 1234")
    clinic.wait_for(lambda: len(bank.submitted) > out, "what is not of the campaign")

    clinic.kill()
    clinic.start(modems_ready=2)
    other = clinic.insert("+79990000002", "Код 5678")
    clinic.wait_for_state(other, "delivered")
    assert len(bank.submitted) == out + 2
    assert clinic.json("campaign", "show", "December")["state"] == "paused"

    clinic.smsgw("campaign", "resume", "December").check_returncode()
    clinic.wait_for(lambda: len(bank.submitted) >= out + 4, "the campaign goes on")
    clinic.smsgw("campaign", "cancel", "December", "--yes").check_returncode()
    clinic.wait_for(
        lambda: not clinic.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending', 'sent', 'uncertain')"),
        "an end of everything",
    )
    counts = clinic.json("campaign", "show", "December")["counts"]
    sent_to = Counter(each.decoded.recipient for each in bank.submitted)
    assert counts["delivered"] + counts["cancelled"] == PEOPLE
    assert counts["cancelled"] > 0
    assert len(sent_to) == counts["delivered"] + 2
    assert set(sent_to.values()) == {1}


def test_an_import_that_is_killed_queues_all_of_the_list_or_none_of_it(installation: Installation) -> None:
    """Wherever it is killed; called again it queues the list once."""
    people = 3000
    lines = [
        "Имя;Телефон",
        *(f"Пациент {n};8 900 {n // 10000:03}-{n // 100 % 100:02}-{n % 100:02}" for n in range(people)),
    ]
    file = installation.folder / "December.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    installation.configure([])
    installation.create_database()
    command = [sys.executable, "-m", "gateway", "--config", str(installation.config), "import", str(file)]
    command += ["--template", "{Имя}, ждём вас", "--yes"]
    for moment in range(KILLS):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5 + moment * 0.4)
            process.kill()
        (found,) = installation.rows(COUNTS)
        assert tuple(found.values()) in {(0, 0, 0), (people, people, 1)}
    installation.smsgw(*command[command.index("import") :]).check_returncode()
    (found,) = installation.rows(COUNTS)
    assert tuple(found.values()) == (people, people, 1)
