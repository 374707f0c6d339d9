"""`smsgw campaign` and the name of an import: what is shown, what is decided, how it ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.cli.campaign_show import STAGES
from gateway.queue.campaigns import Stage
from gateway.queue.overview import DONE
from tests.cli.conftest import Gateway, spawn
from tests.cli.test_import import BAD_LIST, GOOD_LIST, answered, listed
from tests.merge.lists import HEADINGS, TEMPLATE, person

LONGER = [*GOOD_LIST, person("8 900 000-00-03", "Глеб")]


def imported(
    gateway: Gateway, folder: Path, *options: str, rows: object = GOOD_LIST, hidden_rows: Sequence[int] = ()
) -> str:
    """The list's file, after its import."""
    file = listed(folder, rows, hidden_rows=hidden_rows)
    done = gateway.run("import", file, "--template", TEMPLATE, "--yes", *options)
    assert done.exit_code == 0, done.stderr
    return file


def states(gateway: Gateway) -> list[str]:
    return [state for (state,) in gateway.execute("SELECT state FROM outbox ORDER BY id")]


def test_an_import_is_a_campaign_that_keeps_what_a_report_needs(gateway: Gateway, tmp_path: Path) -> None:
    file = imported(gateway, tmp_path, "--name", "Приём", "--skip-bad", rows=BAD_LIST)
    shown = gateway.json("campaign", "show", "приём")
    assert {
        key: shown[key] for key in ("name", "state", "file", "sheet", "heading_row", "template", "messages", "sms")
    } == {
        "name": "Приём",
        "state": "running",
        "file": file,
        "sheet": "Лист1",
        "heading_row": 1,
        "template": TEMPLATE,
        "messages": 2,
        "sms": 2,
    }
    assert shown["digest"] == hashlib.sha256(Path(file).read_bytes()).hexdigest()
    assert shown["options"] == {"phones": "first", "is_skipping": True}
    assert [(row["row"], row["verdict"], row["code"]) for row in shown["list_rows"]] == [(4, "refused", "landline")]
    assert gateway.execute("SELECT campaign, list_row FROM outbox ORDER BY id") == [(1, 2), (1, 3)]


def test_without_a_name_it_is_called_as_the_file_is(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    imported(gateway, tmp_path, rows=LONGER)
    assert [each["name"] for each in gateway.json("campaign", "list")] == ["list 2", "list"]
    known = gateway.json("campaign", "show", "list 2")["list_rows"]
    assert [(row["row"], row["verdict"], row["code"]) for row in known] == [
        (2, "known", "already_queued"),
        (3, "known", "already_queued"),
    ]


def test_the_same_list_once_more_is_no_campaign(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--name", "one")
    imported(gateway, tmp_path, "--name", "one")
    assert len(gateway.json("campaign", "list")) == 1


def test_a_name_that_is_taken_is_wrong_usage_before_anything_is_queued(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--name", "one")
    again = gateway.run("import", listed(tmp_path, LONGER), "--template", TEMPLATE, "--yes", "--name", "ONE")
    assert (again.exit_code, len(states(gateway))) == (2, 2)
    assert "There is a campaign “one” already" in again.stderr


def test_a_dry_run_makes_no_campaign_and_names_the_one_that_would_be(gateway: Gateway, tmp_path: Path) -> None:
    document = gateway.json("import", listed(tmp_path), "--template", TEMPLATE, "--dry-run")
    assert document["campaign"] == "list"
    assert gateway.json("campaign", "list") == []


def test_pause_resume_and_cancel_say_what_they_did(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    said = [
        gateway.run("campaign", *words)
        for words in (("pause", "list"), ("pause", "list"), ("resume", "list"), ("cancel", "list", "--yes"))
    ]
    assert [each.exit_code for each in said] == [0, 1, 0, 0]
    assert "is paused; `smsgw campaign resume` lets it go on" in said[0].stderr
    assert "is paused already" in said[1].stderr
    assert "goes on" in said[2].stderr
    assert "2 messages were taken back" in said[3].stderr
    assert states(gateway) == ["cancelled", "cancelled"]


@pytest.mark.parametrize("verb", [("pause",), ("cancel", "--yes")], ids=lambda verb: verb[0])
def test_what_is_through_can_be_neither_stopped_nor_taken_back(
    gateway: Gateway, tmp_path: Path, verb: tuple[str, ...]
) -> None:
    """Else a list of which everything arrived would be called cancelled."""
    imported(gateway, tmp_path)
    for state in ("sending", "sent", "delivered"):
        gateway.execute("UPDATE outbox SET state = ?", state)
    refused = gateway.run("campaign", *verb, "list")
    assert (refused.exit_code, refused.stderr) == (
        1,
        "Campaign “list” is through: nothing of it waits any more.\n",
    )
    assert gateway.json("campaign", "show", "list")["state"] == "done"


def test_all_that_was_taken_back_is_counted_whoever_did_it(gateway: Gateway, tmp_path: Path) -> None:
    """Of a long list the daemon takes back some while the command does, here another command all."""
    imported(gateway, tmp_path)
    other = ("campaign", "cancel", "list", "--yes")
    said = answered(gateway, "y", "campaign", "cancel", "list", meanwhile=lambda: gateway.run(*other))[2]
    assert said.splitlines()[-1] == "Campaign “list” is cancelled: 2 messages were taken back."


def test_of_a_cancelled_list_what_had_not_gone_out_is_queued_anew_and_once(gateway: Gateway, tmp_path: Path) -> None:
    """Cancelled half sent: the mistake is mended, and the list comes again."""
    file = imported(gateway, tmp_path, rows=LONGER)
    for state in ("sending", "sent"):
        gateway.execute("UPDATE outbox SET state = ? WHERE id = 1", state)
    again = ("import", file, "--template", TEMPLATE, "--yes")
    queued = []
    for _time in range(2):
        gateway.run("campaign", "cancel", "list" if not queued else "list 2", "--yes")
        preview = " ".join(gateway.run(*again[:-1], "--dry-run").stderr.split())
        assert "before they went out: they would be queued again." in preview
        result = gateway.run(*again)
        queued.append((len(states(gateway)), "2 of them were taken back" in result.stderr))
    assert queued == [(5, True), (7, True)]
    assert "an earlier import has queued all of it" in gateway.run(*again).stderr
    assert states(gateway) == ["sent", *["cancelled"] * 4, *["queued"] * 2]


def test_what_a_person_took_back_alone_stays_so_when_the_list_comes_again(gateway: Gateway, tmp_path: Path) -> None:
    file = imported(gateway, tmp_path)
    gateway.run("outbox", "cancel", "1")
    assert gateway.json("import", file, "--template", TEMPLATE, "--yes")["already_queued"] == 2


def test_cancel_asks_and_without_a_terminal_changes_nothing(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    refused = gateway.run("campaign", "cancel", "list")
    assert (refused.exit_code, states(gateway)) == (1, ["queued", "queued"])
    assert "Add --yes" in refused.stderr


def test_an_unknown_name_is_answered_with_the_nearest(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--name", "December")
    for verb in ("show", "pause", "resume"):
        refused = gateway.run("campaign", verb, "Decembre")
        assert refused.exit_code == 1
        assert "Did you mean “December”?" in refused.stderr


def test_the_list_and_one_are_shown_to_people(running: Gateway, tmp_path: Path) -> None:
    assert "There is no campaign yet" in running.run("campaign", "list").stderr
    imported(running, tmp_path, "--skip-bad", rows=BAD_LIST)
    assert running.run("campaign", "list").stdout.splitlines()[1].split()[:4] == ["list", "running", "2", "0"]
    shown = running.run("campaign", "show", "list").stdout
    assert "0 of 2 messages are through (0%)." in shown
    assert "2 SMS are left; none went out in the last minutes." in shown
    assert "not accepted (landline): 1. That is a landline" in shown


def test_rows_that_an_import_left_out_are_not_said_to_be_refused(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, rows=[*GOOD_LIST, GOOD_LIST[-1], GOOD_LIST[-1]], hidden_rows=[5])
    shown = gateway.run("campaign", "show", "list").stdout
    assert "left out (duplicate): 1. Row 3 has the same number and the same text." in shown
    assert "left out (hidden_row): 1. The row is hidden or filtered out" in shown
    assert "not accepted" not in shown
    assert "doubtful (" not in shown


@pytest.mark.parametrize(("options", "word"), [((), "doubtful"), (("--leave-out", "waiting"), "left out")])
def test_a_number_that_was_written_to_before_is_left_out_only_where_it_was_asked_for(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...], word: str
) -> None:
    imported(gateway, tmp_path)
    longer = listed(tmp_path, LONGER)
    done = gateway.run("import", longer, "--template", "{Имя}, ждём", "--yes", "--name", "Ещё", *options)
    assert done.exit_code == 0, done.stderr
    assert f"    {word} (waiting_elsewhere): 2. " in gateway.run("campaign", "show", "Ещё").stdout


def test_of_a_cancelled_one_nobody_is_told_that_it_is_through(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path)
    gateway.run("campaign", "cancel", "list", "--yes")
    shown = gateway.run("campaign", "show", "list").stdout
    assert "cancelled  2" in shown
    assert "through" not in shown


@pytest.mark.parametrize("verb", ["cancel", "pause"])
def test_one_that_was_stopped_with_a_message_in_hand_says_that_nobody_will_tell_its_outcome_now(
    gateway: Gateway, tmp_path: Path, verb: str
) -> None:
    imported(gateway, tmp_path)
    gateway.execute("UPDATE outbox SET state = 'sending', msisdn = '+79000000001', segments = 1 WHERE id = 1")
    gateway.run("campaign", verb, "list", *(["--yes"] if verb == "cancel" else []))
    shown = gateway.run("campaign", "show", "list").stdout
    assert "The daemon is not running: what becomes of those being sent shows when it runs." in shown
    gateway.execute("UPDATE outbox SET state = 'sent' WHERE id = 1")
    assert "daemon" not in gateway.run("campaign", "show", "list").stdout


def test_a_paused_one_says_what_it_waits_for_and_until_when_its_messages_are_due(
    gateway: Gateway, tmp_path: Path
) -> None:
    imported(gateway, tmp_path, "--send-at", "2030-12-01 10:00")
    gateway.run("campaign", "pause", "list")
    shown = gateway.run("campaign", "show", "list").stdout
    assert "It is paused: `smsgw campaign resume` lets it go on." in shown
    assert "The last message is due at 2030-12-01 10:00." in shown


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_json_is_the_campaign_as_it_is_now(gateway: Gateway, tmp_path: Path, verb: str) -> None:
    imported(gateway, tmp_path)
    if verb == "resume":
        gateway.run("campaign", "pause", "list")
    options = ("--yes",) if verb == "cancel" else ()
    document = gateway.json("campaign", verb, "list", *options)
    assert document["state"] == {"pause": "paused", "resume": "running", "cancel": "cancelled"}[verb]


def test_a_list_that_changes_while_it_is_read_is_not_queued(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.import_queue.stamp_of", lambda file, seen=[]: seen.append(file) or (len(seen), 0))
    done = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    assert (done.exit_code, states(gateway)) == (1, [])
    assert "was changed since it was read" in done.stderr


CHANGES = {
    "changed": (
        lambda path: path.write_bytes(path.read_bytes() + b" "),
        "list.xlsx was changed since it was read. Save",
    ),
    "gone": (Path.unlink, "list.xlsx can't be read any more: No such file or directory. Put it back"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_a_list_that_changes_at_the_question_is_not_queued_and_that_is_said(
    gateway: Gateway, tmp_path: Path, change: Callable[[Path], object], words: str
) -> None:
    """The answer comes after the change, so that nothing else is queued than what was shown."""
    file = Path(listed(tmp_path))
    status, _stdout, said = answered(
        gateway, "y", "import", str(file), "--template", TEMPLATE, meanwhile=lambda: change(file)
    )
    assert (status, states(gateway)) == (1, [])
    last = " ".join(said[said.index("Nothing was queued: ") :].split())
    assert words in last
    assert last.endswith("and import it once more.")


def test_a_wide_or_long_name_is_refused_with_the_reason(gateway: Gateway, tmp_path: Path) -> None:
    for name in ("", "x" * 81, "one\ntwo"):
        done = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes", "--name", name)
        assert (done.exit_code, states(gateway)) == (2, [])
        assert "1 to 80 characters" in done.stderr


def test_columns_of_the_list_are_not_needed_for_a_campaign_of_people_without_headings(
    gateway: Gateway, tmp_path: Path
) -> None:
    imported(gateway, tmp_path, rows=[HEADINGS, person("8 900 000-00-09", "Зоя")])
    assert gateway.json("campaign", "show", "list")["heading_row"] == 1


@pytest.mark.parametrize(("language", "word"), [("ru", "ждёт"), ("zh_CN", "等待中")])
def test_states_are_told_in_people_s_language_and_to_programs_as_they_are(
    gateway: Gateway, tmp_path: Path, language: str, word: str
) -> None:
    imported(gateway, tmp_path)
    command = ("--config", str(gateway.config), "campaign", "show", "list")
    lines = [line.split() for line in spawn(*command, LANGUAGE=language).stdout.splitlines()]
    assert [word, "2"] in lines
    assert json.loads(spawn(*command, "--json", LANGUAGE=language).stdout)["counts"]["queued"] == 2


def test_every_state_of_a_campaign_has_a_word_for_people() -> None:
    assert set(STAGES) == {*Stage, DONE}
