"""The command's frame: help, versions, exit codes, and what a person is told when it did not work."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway import __version__
from gateway.__main__ import language_in
from gateway.cli import errors
from gateway.cli.app import VERBS, smsgw
from gateway.errors import GatewayError, UsageProblem
from tests.cli.conftest import Gateway, spawn

HEAVY = {"pydantic", "phonenumbers", "rich", "sqlite_utils", "structlog", "serial", "gsmmodem", "apscheduler", "regex"}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_help_with_examples(verb: str) -> None:
    result = CliRunner().invoke(smsgw, [verb, "--help"])
    assert result.exit_code == 0
    subverbs = getattr(smsgw.get_command(click.Context(smsgw), verb), "commands", {})
    for page in (result.output, *(CliRunner().invoke(smsgw, [verb, name, "--help"]).output for name in subverbs)):
        assert f"smsgw {verb}" in page.split("Examples:")[1]


@pytest.mark.parametrize(
    ("arguments", "right"),
    [
        (["status", "--config", "x.toml"], "smsgw --config FILE status"),
        (["outbox", "list", "--debug"], "smsgw --debug outbox list"),
        (["status", "--lang", "ru"], "smsgw --lang [en|ru|zh] status"),
    ],
)
def test_an_option_behind_the_verb_is_told_its_place(arguments: list[str], right: str) -> None:
    result = CliRunner().invoke(smsgw, arguments, prog_name="smsgw")
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(right)


LANGUAGES = {
    ("--lang", "ru", "campaign"): "ru",
    ("--lang=zh", "campaign"): "zh",
    ("--debug", "--config", "--lang", "--lang", "en", "status"): "en",
    ("--config=x", "--lang", "ru"): "ru",
    ("contacts", "send", "--lang", "ru"): None,  # behind the verb it is none
    ("--config", "--lang"): None,
    ("--lang",): None,
    (): None,
}


@pytest.mark.parametrize(("arguments", "language"), LANGUAGES.items(), ids=str)
def test_the_language_is_known_before_anything_is_translated(arguments: tuple[str, ...], language: str | None) -> None:
    assert language_in(arguments) == language


@pytest.mark.parametrize(
    ("language", "system", "word"), [("ru", "C", "Использование:"), ("zh", "ru", "用法:"), ("en", "ru", "Usage:")]
)
def test_a_language_that_is_named_goes_before_the_system_s(language: str, system: str, word: str) -> None:
    assert spawn("--lang", language, "campaign", "--help", LANGUAGE=system).stdout.startswith(word)


def test_a_language_that_there_is_not_is_wrong_usage() -> None:
    result = CliRunner().invoke(smsgw, ["--lang", "fr", "status"])
    assert result.exit_code == 2
    assert "'fr' is not one of 'en', 'ru', 'zh'" in result.stderr


def test_the_help_names_every_verb() -> None:
    output = CliRunner().invoke(smsgw, ["--help"]).output
    assert all(f"\n  {verb} " in output for verb in VERBS)


def test_the_version_is_the_packages() -> None:
    assert __version__ in CliRunner().invoke(smsgw, ["--version"]).output


def test_nothing_heavy_is_imported_for_the_help() -> None:
    code = "import sys; from gateway.cli.app import smsgw; smsgw.main(['--help'], standalone_mode=False);" + (
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert HEAVY.isdisjoint(done.stderr.split())


def test_nothing_that_send_can_do_without_is_imported_for_it(gateway: Gateway) -> None:
    code = (
        "import sys; from gateway.cli.app import smsgw;"
        f"smsgw.main(['--config', {str(gateway.config)!r}, 'send', '+79000000001', 'x'], standalone_mode=False);"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (HEAVY - {"pydantic", "phonenumbers"}).isdisjoint(done.stderr.split())


def test_a_command_does_not_look_through_all_it_has_for_cycles_before_it_ends() -> None:
    code = (
        "import atexit, gc, sys; from gateway.__main__ import main; sys.argv = ['smsgw', '--version'];"
        "atexit.register(lambda: print(len(gc.get_objects()))); main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 1000


def test_an_unknown_verb_is_wrong_usage_and_names_the_near_one() -> None:
    result = CliRunner().invoke(smsgw, ["sned"])
    assert result.exit_code == 2
    assert "Did you mean send?" in result.stderr


def test_an_unknown_option_is_wrong_usage() -> None:
    result = CliRunner().invoke(smsgw, ["status", "--jsno"])
    assert result.exit_code == 2
    assert "--json" in result.stderr


def test_a_group_alone_shows_its_help() -> None:
    result = CliRunner().invoke(smsgw, ["outbox"])
    assert "settle" in result.output


@pytest.mark.parametrize("verb", ["status", "modems", "send", "outbox", "inbox", "run"])
def test_a_wrong_configuration_is_told_line_by_line_and_ends_with_2(tmp_path: Path, verb: str) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text('[gateway]\ndatabse = "x"\ncountry = 7\n')
    rest = {"send": ["+79000000001", "x"], "outbox": ["list"], "inbox": ["list"]}.get(verb, [])
    done = spawn("--config", str(config), verb, *rest)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 2
    assert all(line.startswith(f"{config}: gateway.") for line in done.stderr.splitlines())


def test_a_configuration_that_this_user_may_not_read_is_told_in_one_line(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:  # root, who may run the tests, can read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr("os.access", lambda *_given, **_options: False)
    result = gateway.run("status")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"{gateway.config}: is closed to this user")
    assert result.stderr.count("\n") == 1


def test_no_configuration_at_all_ends_with_2(tmp_path: Path) -> None:
    done = spawn("--config", str(tmp_path / "none.toml"), "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert "smsgw init" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_environment_names_the_configuration(gateway: Gateway, tmp_path: Path) -> None:
    done = spawn("outbox", "list", "--json", cwd=tmp_path, SMSGW_CONFIG=str(gateway.config))
    assert (done.returncode, done.stdout) == (0, "[]\n")


@pytest.mark.parametrize("verb", ["status", "init", "doctor"])
def test_a_database_of_a_newer_gateway_is_left_alone(gateway: Gateway, verb: str) -> None:
    gateway.execute("PRAGMA user_version = 999")
    result = gateway.run(verb)
    assert result.exit_code == 1
    assert "newer version" in result.output
    assert gateway.config.exists()


# what goes wrong inside -> the exit code and the one line
PROBLEMS = {
    "it could not be done": (GatewayError("The number is too short."), 1, "The number is too short."),
    "wrong usage": (UsageProblem("gateway.toml: x: unknown key"), 2, "gateway.toml: x: unknown key"),
    "unforeseen": (KeyError("Анализ готов"), 1, "did not foresee (KeyError)"),
    "the disk is full": (OSError(28, "No space left on device"), 1, "No space left on device"),
    "no such table": (sqlite3.OperationalError("no such table: outbox"), 1, "smsgw init"),
}


@pytest.mark.parametrize(("problem", "code", "told"), PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize("is_debug", [False, True])
def test_what_goes_wrong_becomes_a_line_and_an_exit_code(
    problem: Exception, code: int, told: str, is_debug: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(errors.Failure) as caught, errors.in_one_line(is_debug):
        raise problem
    caught.value.show()
    said = capsys.readouterr().err
    assert caught.value.exit_code == code
    assert told in said.splitlines()[-1]
    assert ("Traceback" in said) is is_debug
    assert ("Анализ готов" in said) is (is_debug and isinstance(problem, KeyError))


def test_ctrl_c_ends_quietly() -> None:
    with pytest.raises(click.exceptions.Exit) as caught, errors.in_one_line(False):
        raise KeyboardInterrupt
    assert caught.value.exit_code == 130


def test_a_reader_that_went_away_causes_no_noise(gateway: Gateway) -> None:
    command = f"{sys.executable} -m gateway --config {gateway.config} outbox list --json | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("verb", ["status", "modems", "send +79000000001 Hello"])
def test_without_standard_streams_a_command_does_its_work(verb: str, streams: str, gateway: Gateway) -> None:
    command = f"{sys.executable} -m gateway --config {gateway.config} {verb} {streams}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, "foresee" in done.stderr) == (0, False)
    assert gateway.count() == verb.startswith("send")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_and_says_how_to_install_it(shell: str) -> None:
    result = CliRunner().invoke(smsgw, ["completion", shell])
    assert result.exit_code == 0
    assert "_SMSGW_COMPLETE" in result.stdout
    assert f"smsgw completion {shell} >" in result.stderr


def test_the_script_completes_verbs() -> None:
    done = spawn(_SMSGW_COMPLETE="bash_complete", COMP_WORDS="smsgw st", COMP_CWORD="1")
    assert done.stdout.strip() == "plain,status"


def test_what_the_system_refused_is_told_with_the_file() -> None:
    told = errors.explained(FileNotFoundError(2, "No such file or directory", "/etc/smsgw/none.toml"))
    assert "No such file or directory: /etc/smsgw/none.toml" in told
    assert errors.explained(PermissionError(13, "Permission denied")).endswith("Permission denied.")
