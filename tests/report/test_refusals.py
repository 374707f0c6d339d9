"""What a report never does: take the place of the list or of another file, or leave half a file behind."""

from __future__ import annotations

import gc
import os
import resource
import signal
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gateway.cli import tidy
from gateway.errors import GatewayError
from gateway.queue import db
from gateway.report import making
from gateway.report.putting import put
from gateway.report.summary_sheet import fitting
from tests.cli.conftest import Gateway
from tests.merge.lists import HEADINGS, person, write_xlsx
from tests.report.campaigns import NAME, imported, report


@pytest.fixture
def listed(gateway: Gateway, tmp_path: Path) -> Path:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01")])
    imported(gateway, path)
    return path


REFUSALS = {  # --to and what else -> exit code, what is said
    "an unknown ending": (["result.pdf"], 2, "result.pdf is none of them"),
    "no ending": (["result"], 2, "A report is an .xlsx, .xlsm, .csv or .html file"),
    "a file that is there": (["there.csv"], 1, "is there already: name another file, or add --force."),
    "the list itself": (["list.xlsx", "--force"], 1, "is the list itself, which stays as it is"),
    "the list under another name": (["link.xlsx", "--force"], 1, "is the list itself, which stays as it is"),
    "the list, by a page": (["page.html", "--force"], 1, "is the list itself, which stays as it is"),
    "a folder that is not there": (["none/result.csv"], 1, "There is no folder"),
    "a folder": (["folder.csv", "--force"], 1, "is no file"),
    "a name for macros without any": (["result.xlsm"], 2, "The report will have no macros: name it result.xlsx."),
    "a list and none": (["result.csv", "--list", "list.xlsx", "--stored"], 2, "Give --list or --stored, not both."),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_in_one_line_and_nothing_is_changed(
    gateway: Gateway, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "link.xlsx").symlink_to(listed)
    (tmp_path / "page.html").hardlink_to(listed)
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    (target, *options), code, words = REFUSALS[refusal]
    result = gateway.run("campaign", "report", NAME, "--to", target, *options)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (code, "", 1), result.output
    assert words in result.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert {path for path in tmp_path.iterdir() if path.is_file()} == set(before)


@pytest.mark.parametrize("refusal", REFUSALS)
def test_what_is_wrong_with_the_file_is_told_before_anything_is_gathered(
    gateway: Gateway, listed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: str
) -> None:
    """Gathering would not get through: the campaign says of no moment when it was made."""
    gateway.execute("UPDATE campaigns SET created_at = 'long ago'")
    test_in_one_line_and_nothing_is_changed(gateway, listed, tmp_path, monkeypatch, refusal)


@pytest.mark.parametrize("options", [("--stored",), ("--list", "list.xlsx")])
def test_what_is_to_stand_in_a_file_needs_one(gateway: Gateway, listed: Path, options: tuple[str, ...]) -> None:
    result = gateway.run("campaign", "report", NAME, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "name it with --to" in result.stderr


def test_a_list_from_beside_this_folder_is_told_without_the_way_round(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clinic").mkdir()
    monkeypatch.chdir(tmp_path / "clinic")
    imported(gateway, Path("..") / write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01")]).name)
    said = report(gateway, Path("../result.csv"))
    assert said == f"The report is written: {tmp_path}/result.csv.\n"
    assert gateway.json("campaign", "show", NAME)["file"] == f"{tmp_path}/list.xlsx"


def test_an_unknown_campaign_is_named_with_the_nearest(gateway: Gateway, listed: Path) -> None:
    result = gateway.run("campaign", "report", "Приемы")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Did you mean “Приём”?" in result.stderr


def test_by_force_a_file_is_replaced_and_only_its_owner_reads_it(
    gateway: Gateway, listed: Path, tmp_path: Path
) -> None:
    (tmp_path / "result.csv").write_text("old")
    report(gateway, tmp_path / "result.csv", "--force")
    assert "Verdict" in (tmp_path / "result.csv").read_text("utf-8-sig")
    assert (tmp_path / "result.csv").stat().st_mode & 0o777 == 0o600


def test_what_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "result.csv"
    target.write_text("old")
    with suppress(ZeroDivisionError), put(target, None, force=True) as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert (target.read_text(), list(tmp_path.iterdir())) == ("old", [target])


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "result.csv"
    with pytest.raises(GatewayError, match="is there already"), put(target, None):
        target.write_text("another's")
    assert (target.read_text(), list(tmp_path.iterdir())) == ("another's", [target])


def test_a_disk_that_takes_no_file_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(GatewayError, match="No space left on device"), put(tmp_path / "result.csv", None) as part:
        part.write_text("x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # XlsxWriter leaves its archive open
@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".html", " stored.xlsx"])
def test_a_full_disk_ends_in_one_sentence_and_leaves_nothing(
    gateway: Gateway, listed: Path, tmp_path: Path, ending: str
) -> None:
    with closing(db.open_database(gateway.database)) as connection:
        found = making.gather(connection, NAME, ZoneInfo("Europe/Moscow"), datetime.now(UTC), with_texts=True)
    target = tmp_path / f"result{ending}"
    wanted = making.Target(target, None if "stored" in ending else listed, "RU")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # octets of a file
    try:
        with pytest.raises(GatewayError, match=r"cannot be written: File too large\."), put(target, listed) as part:
            making.write(part, found, wanted)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    gc.collect()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".result", "result"))]


@pytest.mark.parametrize(
    ("name", "fitted"),
    [("Лист1", "Лист1"), ("", "List"), ("а/б:в*[г]?", "а б в  г"), ("'x'", "x"), ("д" * 40, "д" * 31), ("\\", "List")],
)
def test_the_name_of_a_sheet_is_one_that_a_sheet_may_have(name: str, fitted: str) -> None:
    assert fitting(name) == fitted


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith(".result")]


def test_what_a_killed_report_has_left_goes_with_the_next_one(gateway: Gateway, listed: Path, tmp_path: Path) -> None:
    (tmp_path / ".result.csv.abc.part").mkdir()
    (tmp_path / ".result.csv.abc.part" / "result.csv").write_text("half")
    (tmp_path / ".other.csv.abc.part").mkdir()
    report(gateway, tmp_path / "result.csv")
    assert left_behind(tmp_path) == []
    assert (tmp_path / ".other.csv.abc.part").exists()


def test_a_report_that_is_being_made_is_left_alone_by_another(gateway: Gateway, listed: Path, tmp_path: Path) -> None:
    with put(tmp_path / "result.csv", listed) as part:
        part.write_text("the first")
        report(gateway, tmp_path / "result.csv")
        assert part.exists()
        (tmp_path / "result.csv").unlink()
    assert (tmp_path / "result.csv").read_text() == "the first"


def end_in_the_midst(target: Path, number: signal.Signals) -> None:
    with tidy.when_ended(), put(target, None) as part:
        part.write_text("half")
        os.kill(os.getpid(), number)
        signal.pause()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_report_that_is_ended_from_outside_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with pytest.raises(SystemExit) as ended:
        end_in_the_midst(tmp_path / "result.csv", number)
    assert ended.value.code == 128 + number
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(number) is signal.SIG_DFL
