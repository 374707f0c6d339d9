"""`smsgw import` used wrongly, and with what it may be given: files, templates, options."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.demo import EXAMPLE_TEMPLATE
from tests.cli.conftest import ROOT, Gateway
from tests.cli.test_import import listed, rows_of
from tests.merge.lists import GOOD, HEADINGS, TEMPLATE


def test_without_a_template_the_placeholders_are_listed(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path), "--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "{Фамилия} {Имя} {Телефон} {Дата приёма} {Время} {Врач}" in result.stderr


WRONG_USAGE = {
    "an unknown column": (("--template", "{Имяя}, {Возраст}"), "“Имяя” (nearest: “Имя”); “Возраст”"),
    "a broken template": (("--template", "{Имя"), "single {"),
    "an empty template": (("--template", " "), "The template is empty."),
    "a placeholder without a name": (("--template", "{Имя} {}"), "no column “”. It has: Фамилия, Имя"),
    "an unknown sheet": (("--template", "{Имя}", "--sheet", "Хирургия"), "Лист1"),
    "an unknown phone column": (("--template", "{Имя}", "--phone-column", "Моб."), "“Моб.”"),
    "two templates": (("--template", "{Имя}", "--template-file", "t.txt"), "no two of them"),
    "a missing template file": (("--template-file", "/nowhere/t.txt"), "No such file"),
    "an unknown category": (("--template", "{Имя}", "--category", "spam"), "spam"),
}


@pytest.mark.parametrize(("options", "words"), WRONG_USAGE.values(), ids=WRONG_USAGE)
def test_wrong_usage_ends_with_2_and_says_what_there_is(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    result = gateway.run("import", listed(tmp_path), *options, "--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert rows_of(gateway) == []


TOLD_AT_ONCE = {  # options -> exit code, what is said; nobody has to wait for a long list to be read
    "a sample's number that is none": (("--sample", "2", "--sample-to", "8 495"), 1, "--sample-to: That is"),
    "a sample's number and no sample": (("--sample-to", "+79000000001"), 2, "--sample-to belongs to --sample"),
    "a sample to nobody": (("--sample", "2"), 2, "--sample-to, or sample_to"),
    "a sender that nobody has": (("--sender", "Nobody"), 1, "not the name of a carrier"),
    "no time": (("--not-before", "soon"), 1, "--not-before is not a time"),
    "no span": (("--lookback", "long"), 2, "--lookback: write a span"),
    "no name": (("--name", " "), 2, "A campaign's name has 1 to"),
    "no category": (("--category", "spam"), 2, "spam"),
    "nothing to leave out": (("--leave-out", "everybody"), 2, "everybody"),
    "a broken template": (("--template", "{Имя"), 2, "single {"),
}


@pytest.mark.parametrize("mistake", TOLD_AT_ONCE)
@pytest.mark.parametrize("more", ["--yes", "--dry-run"])
def test_an_option_that_is_wrong_by_itself_is_told_before_the_list_is_read(
    gateway: Gateway, tmp_path: Path, mistake: str, more: str
) -> None:
    options, code, words = TOLD_AT_ONCE[mistake]
    for verb in (("import", str(tmp_path / "none.xlsx")), ("contacts", "send", "--all")):
        result = gateway.run(*verb, "--template", TEMPLATE, *options, more)
        assert (result.exit_code, result.stdout) == (code, "")
        assert words in result.stderr
        assert "no contact fits" not in result.stderr


def test_a_database_that_is_missing_is_told_before_the_list_is_read(gateway: Gateway, tmp_path: Path) -> None:
    gateway.database.unlink()
    result = gateway.run("import", str(tmp_path / "none.xlsx"), "--template", TEMPLATE, "--yes")
    assert (result.exit_code, "There is no database" in result.stderr) == (1, True)


BAD_FILES = {
    "damaged": (b"PK\x03\x04 and no more", "is damaged"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00\x00", "is no workbook"),
    "empty": (b"", "nothing in it"),
}


@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_an_unreadable_file_ends_with_1_and_one_line(
    gateway: Gateway, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    result = gateway.run("import", str(path), "--template", TEMPLATE, "--yes", "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_list_that_is_not_there_is_wrong_usage_as_a_template_is_that_is_not(gateway: Gateway, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    for arguments in ((missing, "--template", TEMPLATE), (listed(tmp_path), "--template-file", missing)):
        result = gateway.run("import", *arguments, "--yes", "--json")
        assert (result.exit_code, result.stdout) == (2, "")
        assert missing in result.stderr
        assert len(result.stderr.splitlines()) == 1


def test_a_sender_that_nobody_has_is_refused_before_anything_is_shown(gateway: Gateway, tmp_path: Path) -> None:
    for more in ("--yes", "--dry-run"):
        result = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--sender", "Nobody", more)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
        assert "not the name of a carrier" in result.stderr


def test_a_list_without_people_queues_nothing_and_says_so(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path, [HEADINGS]), "--template", TEMPLATE, "--yes")
    assert result.exit_code == 1
    assert "no row of the list can be sent" in result.stderr
    assert "There is no row of a person below the headings." in result.stderr


def test_the_placeholders_that_a_list_offers_are_those_of_columns_that_hold_something(
    gateway: Gateway, tmp_path: Path
) -> None:
    """A program's export spreads each of its columns over two of the sheet's; the letter of one with cells counts."""
    rows = [("Имя", None, "Телефон", None, None), ("Анна", None, GOOD, None, "к врачу"), ("Вера", None, GOOD, None, "")]
    result = gateway.run("import", listed(tmp_path, rows))
    assert (result.exit_code, result.stderr.strip().partition("has: ")[2]) == (2, "{Имя} {Телефон} {E}")


def test_the_template_can_come_from_a_file(gateway: Gateway, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_bytes("\ufeff{Имя},\r\nждём вас.\r\n".encode())
    gateway.run("import", listed(tmp_path), "--template-file", str(text), "--yes")
    assert rows_of(gateway)[0][1] == "Анна,\nждём вас."


def test_category_sender_and_time_go_with_every_message(gateway: Gateway, tmp_path: Path) -> None:
    options = ("--category", "marketing", "--sender", "sim-1", "--not-before", "2099-01-01 09:00")
    assert gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes", *options).exit_code == 0
    rows = gateway.execute("SELECT category, sender, not_before FROM outbox")
    assert [tuple(row) for row in rows] == [("marketing", "sim-1", "2099-01-01 09:00")] * 2


@pytest.mark.parametrize("options", [("--sender", "nobody"), ("--not-before", "soon")], ids=["sender", "time"])
def test_what_the_daemon_could_only_reject_is_refused_at_once(
    gateway: Gateway, tmp_path: Path, options: tuple[str, str]
) -> None:
    result = gateway.run("import", listed(tmp_path), "--template", TEMPLATE, "--yes", *options)
    assert result.exit_code == 1
    assert rows_of(gateway) == []


def test_the_example_list_gives_what_its_readme_says(gateway: Gateway) -> None:
    template = "{Имя} {Отчество}, ждём вас {Дата приёма:%d.%m} в {Время:%H:%M}, врач {Врач}. {Подготовка|}"
    document = gateway.json("import", str(ROOT / "examples" / "patients.xlsx"), "--template", template, "--dry-run")
    assert [each["code"] for each in document["refused"]] == [
        "landline",
        "too_short",
        "no_phone",
        "no_phone",
        "duplicate",
    ]
    assert (document["rows"], document["accepted"], document["hidden"]) == (28, 22, 1)
    assert {each["msisdn"][:9] for each in document["messages"]} == {"+79000000"}
    assert max(each["segments"] for each in document["messages"]) > 2
    assert any("🦊" in each["body"] for each in document["messages"])


def test_the_demo_s_texts_read_well(gateway: Gateway) -> None:
    path = str(ROOT / "examples" / "patients.xlsx")
    document = gateway.json("import", path, "--template", EXAMPLE_TEMPLATE, "--dry-run")
    texts = [each["body"] for each in document["messages"]]
    assert [text for text in texts if re.search(r"[.,:!?](?=[^\W\d_])|  | $", text)] == []
    assert any(re.search(r"каб\. \d+\. \w", text) for text in texts)


def test_nothing_in_a_list_reaches_the_terminal_as_a_command(gateway: Gateway, tmp_path: Path) -> None:
    rows = [("Имя\x9b31m\u202e", "Телефон"), ("Анна\u202e [red]x", GOOD)]
    path = listed(tmp_path, rows, sheet="А\u202eБ", more={"В\x9bГ": rows})
    wrong = gateway.run("import", path, "--template", "{Имя31m}", "--dry-run")
    right = gateway.run("import", path, "--template", "{Имя 31m}", "--dry-run")
    assert "Анна  [red]x" in right.stderr
    assert not any(sign in wrong.stderr + right.stderr for sign in "\x1b\x9b\u202e")


def test_help_shows_examples(gateway: Gateway) -> None:
    said = gateway.run("import", "--help").stdout
    assert "--dry-run" in said
    assert "smsgw import list.xlsx --template" in said


def test_a_heading_in_other_brackets_is_asked_about(gateway: Gateway, tmp_path: Path) -> None:
    result = gateway.run("import", listed(tmp_path), "--template", "{Имя}, ждём [Дата приёма]", "--dry-run")
    assert "The text has [Дата приёма]: did you mean {Дата приёма}?" in result.stderr.splitlines()


@pytest.mark.parametrize("template", ["Ждём вас.", "{Имя}"], ids=["an unused column", "an unknown column"])
def test_a_heading_that_ends_with_a_dot_ends_the_sentence_too(gateway: Gateway, tmp_path: Path, template: str) -> None:
    rows = [("Телефон", "Фамилия И.О."), ("8 900 000-00-01", "Белова Н.П.")]
    said = gateway.run("import", listed(tmp_path, rows), "--template", template, "--dry-run").stderr
    assert "Фамилия И.О.\n" in said
    assert "Фамилия И.О.." not in said


def test_a_name_with_initials_ends_the_sentence_too(gateway: Gateway, tmp_path: Path) -> None:
    rows = [("Телефон", "Фамилия И.О."), ("8 900 000-00-01", "Белова Н.П.")]
    gateway.run("import", listed(tmp_path, rows), "--template", "Ждём вас, {Фамилия И.О.}.", "--yes")
    assert rows_of(gateway)[0][1] == "Ждём вас, Белова Н.П."
