"""`smsgw import --sample`: the first texts go to the person who sends, and the list waits for their word."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.merge.samples import chosen
from gateway.queue import db, opt_outs
from tests.cli.conftest import Gateway
from tests.cli.test_import import answered, listed
from tests.merge.lists import HEADINGS, TEMPLATE, person

PEOPLE = [HEADINGS, *(person(f"8 900 000-00-{number:02}", f"Имя{'я' * number}") for number in range(1, 9))]
MINE = "+79000009901"
NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OPTIONS = ("--template", TEMPLATE, "--sample", "3", "--sample-to", "8 900 000-99-01")


def samples(gateway: Gateway) -> list[tuple[str, int]]:
    return gateway.execute("SELECT body, priority FROM outbox WHERE campaign IS NULL ORDER BY id")


def test_the_samples_go_out_and_the_campaign_waits(gateway: Gateway, tmp_path: Path) -> None:
    done = gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS, "--yes")
    assert done.exit_code == 0
    assert "3 samples go to your own number. Campaign “list” waits as a draft" in done.stderr
    assert samples(gateway) == [
        ("Имяя, ждём вас 01.12 в 09:00", 7),
        (f"Имя{'я' * 8}, ждём вас 01.12 в 09:00", 7),
        ("Имяяяя, ждём вас 01.12 в 09:00", 7),
    ]
    assert gateway.json("campaign", "show", "list")["state"] == "draft"
    assert gateway.json("campaign", "resume", "list")["state"] == "running"


def test_on_a_terminal_the_person_lets_it_go(gateway: Gateway, tmp_path: Path) -> None:
    status, _stdout, said = answered(gateway, "y", "import", listed(tmp_path, PEOPLE), *OPTIONS)
    assert (status, gateway.json("campaign", "show", "list")["state"]) == (0, "running"), said
    assert said.index("3 samples go") < said.index("let the campaign go?") < said.index("Campaign “list” begins.")


def test_whoever_does_not_answer_leaves_it_a_draft(gateway: Gateway, tmp_path: Path) -> None:
    status, _stdout, _said = answered(gateway, "", "import", listed(tmp_path, PEOPLE), *OPTIONS, "--yes")
    assert (status, gateway.json("campaign", "show", "list")["state"]) == (0, "draft")


def test_the_number_may_be_configured(gateway: Gateway, tmp_path: Path) -> None:
    with gateway.config.open("a") as config:
        config.write(f'[campaign]\nsample_to = "{MINE}"\n')
    gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS[:4], "--yes")
    assert gateway.execute("SELECT DISTINCT recipient FROM outbox WHERE campaign IS NULL") == [(MINE,)]


def test_without_a_number_it_is_asked_for_and_nothing_is_queued(gateway: Gateway, tmp_path: Path) -> None:
    done = gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS[:4], "--yes")
    assert (done.exit_code, gateway.count()) == (2, 0)
    assert "--sample-to" in done.stderr


def test_a_number_that_is_none_stops_it_before_anything_is_queued(gateway: Gateway, tmp_path: Path) -> None:
    done = gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS[:4], "--sample-to", "8 495", "--yes")
    assert (done.exit_code, gateway.count()) == (1, 0)


def test_samples_for_a_number_that_answered_stop_are_refused(gateway: Gateway, tmp_path: Path) -> None:
    with closing(db.open_database(gateway.database)) as connection, db.write(connection):
        opt_outs.note(connection, MINE, opt_outs.REPLY, NOON, NOON, is_out=True)
    done = gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS, "--yes", "--category", "marketing")
    assert (done.exit_code, gateway.count()) == (1, 0)
    assert done.stderr.startswith("--sample-to: This number asked for no more")


def test_a_list_that_is_queued_already_sends_no_samples(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("import", listed(tmp_path, PEOPLE), "--template", TEMPLATE, "--yes")
    gateway.run("import", listed(tmp_path, PEOPLE), *OPTIONS, "--yes")
    assert samples(gateway) == []


CHOSEN = {
    "the first, the longest, the shortest": (["bb", "a", "cccc", "dd"], 3, ["bb", "cccc", "a"]),
    "others from all over it": (["bb", "a", "cccc", "dd"], 4, ["bb", "cccc", "a", "dd"]),
    "no text twice": (["a", "a", "a"], 3, ["a"]),
    "none": ([], 3, []),
    "more than there are": (["a", "bb"], 10, ["a", "bb"]),
}


@pytest.mark.parametrize(("texts", "count", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_samples_show_what_the_list_says(texts: list[str], count: int, expected: list[str]) -> None:
    assert chosen(texts, count) == expected
