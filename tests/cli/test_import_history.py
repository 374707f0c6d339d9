"""`smsgw import` of numbers that were written to before: pointed out, or left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import GOOD_LIST, listed, rows_of
from tests.merge.lists import TEMPLATE, person

OTHER = "{Имя}, до встречи"


@pytest.fixture
def written(gateway: Gateway, tmp_path: Path) -> Gateway:
    """Both people of the list have a message waiting, which the daemon has not seen yet."""
    gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes", "--name", "one")
    return gateway


def test_a_number_with_another_message_waiting_is_pointed_out_and_written_to(written: Gateway, tmp_path: Path) -> None:
    done = written.run("import", listed(tmp_path), "--template", OTHER, "--yes")
    said = " ".join(done.stderr.split())
    assert (done.exit_code, len(rows_of(written))) == (0, 4)
    assert "2 numbers have messages of other campaigns waiting; --leave-out waiting leaves them out." in said
    assert "Written to before: row column code reason" in said
    assert "2-3 Телефон waiting_elsewhere Campaign “one” has a message to this number that still waits." in said


def test_of_very_many_scattered_rows_the_first_are_named_and_json_has_them_all(
    gateway: Gateway, tmp_path: Path
) -> None:
    people = [person(f"8 900 000-{number // 100:02}-{number % 100:02}", "Анна") for number in range(200)]
    gateway.run(
        "import", listed(tmp_path, [GOOD_LIST[0], *people[::2]]), "--template", TEMPLATE, "--yes", "--name", "one"
    )
    said = gateway.run(
        "import", listed(tmp_path, [GOOD_LIST[0], *people]), "--template", OTHER, "--yes", "--dry-run"
    ).stderr
    assert "2, 4, 6," in " ".join(said.split())
    assert "198, 200" not in " ".join(said.split())
    assert "Only the first rows are named here; --json lists them all." in " ".join(said.split())
    document = gateway.json("import", listed(tmp_path, [GOOD_LIST[0], *people]), "--template", OTHER, "--dry-run")
    assert sum(each["code"] == "waiting_elsewhere" for each in document["warnings"]) == 100


def test_it_is_left_out_when_that_is_asked_for_and_the_report_will_know(written: Gateway, tmp_path: Path) -> None:
    longer = listed(tmp_path, [*GOOD_LIST, person("8 900 000-00-07", "Глеб")])
    done = written.run("import", longer, "--template", OTHER, "--yes", "--leave-out", "waiting", "--name", "two")
    assert (done.exit_code, len(rows_of(written))) == (0, 3)
    assert "2 rows are left out for what was sent to their numbers before." in " ".join(done.stderr.split())
    rows = written.json("campaign", "show", "two")["list_rows"]
    assert [(row["row"], row["verdict"], row["code"]) for row in rows] == [
        (2, "refused", "waiting_elsewhere"),
        (3, "refused", "waiting_elsewhere"),
    ]


@pytest.mark.parametrize(
    "words",
    [("waiting,recent",), ("recent, waiting",), ("recent", "--leave-out", "waiting,failed")],
    ids=["with a comma", "with a blank behind it", "in two options"],
)
def test_several_reasons_may_be_named_at_once(written: Gateway, tmp_path: Path, words: tuple[str, ...]) -> None:
    longer = listed(tmp_path, [*GOOD_LIST, person("8 900 000-00-07", "Глеб")])
    done = written.run("import", longer, "--template", OTHER, "--yes", "--leave-out", *words, "--name", "two")
    assert (done.exit_code, len(rows_of(written))) == (0, 3)
    kept = written.json("campaign", "show", "two")["options"]["unwanted"]
    assert set(kept) >= {"recent", "waiting"}
    assert "," not in "".join(kept)


@pytest.mark.parametrize("words", ["recnt", "waiting,recnt", "waiting,"])
def test_a_reason_that_there_is_not_is_named_with_those_that_there_are(written: Gateway, words: str) -> None:
    refused = written.run("import", "list.xlsx", "--leave-out", words)
    assert refused.exit_code == 2
    assert "'recent', 'waiting', 'failed'. One or more of these go, with commas between them." in refused.stderr


def test_when_all_are_left_out_nothing_is_queued(written: Gateway, tmp_path: Path) -> None:
    done = written.run("import", listed(tmp_path), "--template", OTHER, "--yes", "--leave-out", "waiting")
    assert (done.exit_code, len(rows_of(written))) == (1, 2)
    assert "no row of the list can be sent" in done.stderr


def test_of_what_is_queued_already_nothing_is_said(written: Gateway, tmp_path: Path) -> None:
    document = written.json("import", listed(tmp_path), "--template", TEMPLATE, "--yes")
    assert (document["already_queued"], document["warnings"]) == (2, [])


def test_the_document_has_what_is_known_of_each_row(written: Gateway, tmp_path: Path) -> None:
    document = written.json("import", listed(tmp_path), "--template", OTHER, "--dry-run")
    assert [(each["row"], each["column"], each["code"]) for each in document["warnings"]] == [
        (2, "Телефон", "waiting_elsewhere"),
        (3, "Телефон", "waiting_elsewhere"),
    ]


def test_a_span_that_is_none_is_wrong_usage(written: Gateway, tmp_path: Path) -> None:
    done = written.run("import", listed(tmp_path), "--template", OTHER, "--yes", "--lookback", "long")
    assert done.exit_code == 2
    assert "--lookback: write a span" in done.stderr


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--leave-out", "waiting"), "waiting_elsewhere"),
        (("--category", "marketing"), "opted_out"),
        (("--send-at", "2030-12-01 18:00", "--spread", "2h", "--not-after", "2030-12-01 18:00:01"), "too_late"),
    ],
    ids=["left out", "said STOP", "too late"],
)
def test_of_a_row_that_is_refused_for_something_else_no_doubt_is_left(
    written: Gateway, tmp_path: Path, options: tuple[str, ...], code: str
) -> None:
    """Its number is in no message any more."""
    rows = [GOOD_LIST[0], person("8 900 000-00-07", "Глеб"), person("8 900 000-00-01, 8 900 000-00-09", "Анна")]
    opt_out = "INSERT INTO opt_outs (msisdn, is_out, source, at, noted_at) VALUES (?, 1, 'reply', ?, ?)"
    written.execute(opt_out, "+79000000001", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z")
    words = ("import", listed(tmp_path, rows), "--template", OTHER, "--skip-bad", "--dry-run", *options)
    done = written.run(*words)
    assert (done.exit_code, "Doubtful" in done.stderr) == (0, False), done.stderr
    document = written.json(*words)
    assert (3, code) in [(each["row"], each["code"]) for each in document["refused"]]
    assert document["warnings"] == []
