"""Each verb of `smsgw campaign` in each state of a campaign: what is said, how it ends, and what the state is then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import listed
from tests.merge.lists import TEMPLATE

SAMPLE = ("--sample", "1", "--sample-to", "+79000009901")
OUT = ("sending", "sent", "delivered")
NEVER_OUT = ("sending", "failed")
NEXT_DECADE = ("--send-at", "2036-12-01 10:00")


def made(*options: str) -> Callable[[Gateway, Path], None]:
    def make(gateway: Gateway, folder: Path) -> None:
        assert gateway.run("import", listed(folder), "--template", TEMPLATE, "--yes", *options).exit_code == 0

    return make


def then(*verb: str) -> Callable[[Gateway, Path], None]:
    def decide(gateway: Gateway, _folder: Path) -> None:
        assert gateway.run("campaign", *verb, "list").exit_code == 0

    return decide


def gone(*states: str, until: int = 9) -> Callable[[Gateway, Path], None]:
    def go(gateway: Gateway, _folder: Path) -> None:
        for state in states:
            gateway.execute("UPDATE outbox SET state = ? WHERE campaign = 1 AND id <= ?", state, until)

    return go


STATES = {
    "draft": (made(*SAMPLE),),
    "a draft for later": (made(*SAMPLE, *NEXT_DECADE),),
    "a draft of which all was taken back": (made(*SAMPLE), gone("cancelled")),
    "scheduled": (made(*NEXT_DECADE),),
    "running": (made(),),
    "in the air": (made(), gone("sending")),
    "paused": (made(), then("pause")),
    "paused, the last in the air": (made(), gone("sending", until=1), then("pause")),
    "paused, and all out": (made(), gone("sending"), then("pause"), gone("sent")),
    "done": (made(), gone(*OUT)),
    "done, and failed": (made(), gone(*NEVER_OUT)),
    "cancelled": (made(), then("cancel", "--yes")),
    "a draft, cancelled": (made(*SAMPLE), then("cancel", "--yes")),
}
Told = tuple[int, str, str]  # exit code, what is said first, the state afterwards
PAUSED = (0, "is paused; `smsgw campaign resume` lets it go on.", "paused")
BEGUN = (0, "begins.", "running")
RESUMED = (0, "goes on.", "running")
NOT_PAUSED = (1, "is not paused: there is nothing to resume.", "running")
NOT_BEGUN = (1, "has not begun: `smsgw campaign resume` lets it go.", "draft")
TAKEN_BACK = (0, "is cancelled: 2 messages were taken back.", "cancelled")
ONE_TAKEN_BACK = (0, "is cancelled: 1 message was taken back.", "cancelled")
NOTHING_TO_TAKE = (0, "is cancelled: there was nothing to take back.", "cancelled")
THROUGH = "is through: nothing of it waits any more."
STILL_DONE = (1, THROUGH, "done")
BY_ITSELF_DONE = (0, THROUGH, "done")
GOES_NOT = (1, "is cancelled: nothing of it goes out.", "cancelled")
ANEW = (1, "is cancelled. `smsgw import` of the list (or `smsgw contacts send`) queues anew what", "cancelled")
OF_STATES: Mapping[str, tuple[Told, Told, Told]] = {  # pause, resume, cancel
    "draft": (NOT_BEGUN, BEGUN, TAKEN_BACK),
    "a draft for later": (NOT_BEGUN, BEGUN, TAKEN_BACK),
    "a draft of which all was taken back": (STILL_DONE, BY_ITSELF_DONE, STILL_DONE),
    "scheduled": (PAUSED, NOT_PAUSED, TAKEN_BACK),
    "running": (PAUSED, NOT_PAUSED, TAKEN_BACK),
    "in the air": (PAUSED, NOT_PAUSED, NOTHING_TO_TAKE),
    "paused": ((1, "is paused already.", "paused"), RESUMED, TAKEN_BACK),
    "paused, the last in the air": ((1, "is paused already.", "paused"), RESUMED, ONE_TAKEN_BACK),
    "paused, and all out": (STILL_DONE, BY_ITSELF_DONE, STILL_DONE),
    "done": (STILL_DONE, STILL_DONE, STILL_DONE),
    "done, and failed": (STILL_DONE, STILL_DONE, NOTHING_TO_TAKE),
    "cancelled": (GOES_NOT, ANEW, NOTHING_TO_TAKE),
    "a draft, cancelled": (GOES_NOT, ANEW, NOTHING_TO_TAKE),
}
CASES = {
    f"{verb[0]}: {state}": (state, verb, told)
    for state, row in OF_STATES.items()
    for verb, told in zip((("pause",), ("resume",), ("cancel", "--yes")), row, strict=True)
}
DUE = "The last message is due at 2036-12-01 10:00."
DRAFT = "It waits as a draft: `smsgw campaign resume` lets it go."
STOPPED = "It is paused: `smsgw campaign resume` lets it go on."
SHOWN = {  # sentences of `show`
    "draft": [DRAFT],
    "a draft for later": [DRAFT, DUE],
    "a draft of which all was taken back": [],
    "scheduled": [DUE],
    "paused": [STOPPED],
    "paused, and all out": [],
    "done": [],
    "cancelled": [],
}


def brought(gateway: Gateway, folder: Path, state: str) -> None:
    for step in STATES[state]:
        step(gateway, folder)


@pytest.mark.parametrize(("state", "verb", "told"), CASES.values(), ids=CASES)
def test_what_a_verb_says_is_so(
    running: Gateway, tmp_path: Path, state: str, verb: tuple[str, ...], told: Told
) -> None:
    brought(running, tmp_path, state)
    done = running.run("campaign", *verb, "list")
    exit_code, words, after = told
    assert (done.exit_code, running.json("campaign", "show", "list")["state"]) == (exit_code, after)
    assert done.stderr.startswith(f"Campaign “list” {words}")


@pytest.mark.parametrize("state", SHOWN)
def test_for_what_a_campaign_waits_is_shown(running: Gateway, tmp_path: Path, state: str) -> None:
    brought(running, tmp_path, state)
    shown = running.run("campaign", "show", "list").stdout
    assert [sentence for sentence in (DRAFT, STOPPED, DUE) if sentence in shown] == SHOWN[state]
    reported = running.run("campaign", "report", "list").stderr
    assert [sentence for sentence in (DRAFT, STOPPED) if sentence in reported] == [
        sentence for sentence in SHOWN[state] if sentence != DUE
    ]


def test_a_draft_for_later_says_when_as_it_begins(running: Gateway, tmp_path: Path) -> None:
    brought(running, tmp_path, "a draft for later")
    assert running.run("campaign", "resume", "list").stderr.splitlines() == ["Campaign “list” begins.", DUE]


def test_a_report_of_a_draft_says_of_each_row_that_it_has_not_begun(running: Gateway, tmp_path: Path) -> None:
    brought(running, tmp_path, "draft")
    entries = running.json("campaign", "report", "list")["rows"]
    assert {entry["reason"] for entry in entries} == {"It waits: the campaign has not begun."}
