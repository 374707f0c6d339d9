"""`smsgw template`, and imports by saved templates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import answered
from tests.merge.lists import write_xlsx

HEADINGS = ("Имя", "Телефон", "Каб.", "Текст", "Врач")
ROWS = [
    HEADINGS,
    ("Анна", "8 900 000-00-01", "21а", "Приём", "Белова"),
    ("Вера", "8 900 000-00-02", None, " приЕм ", "Белова"),
    ("Глеб", "8 900 000-00-03", None, "Анализы", "Белова"),
]
VISIT, TESTS = "{Имя}, ждём вас{?Каб.: в кабинете {Каб.}}.", "{Имя|Пациент}, анализы готовы — ждём."


@pytest.fixture
def saved(gateway: Gateway) -> Gateway:
    """With two templates."""
    for name, text in (("Приём", VISIT), ("Анализы", TESTS)):
        assert gateway.run("template", "add", name, text).exit_code == 0
    return gateway


def listed(folder: Path, rows: Any = ROWS) -> str:
    return str(write_xlsx(folder / "list.xlsx", rows))


def bodies(gateway: Gateway) -> list[str]:
    return [row[0] for row in gateway.execute("SELECT body FROM outbox ORDER BY id")]


def test_each_row_gets_the_template_that_its_cell_names(saved: Gateway, tmp_path: Path) -> None:
    result = saved.run("import", listed(tmp_path), "--template-column", "Текст", "--yes")
    assert result.exit_code == 0, result.stderr
    assert bodies(saved) == ["Анна, ждём вас в кабинете 21а.", "Вера, ждём вас.", "Глеб, анализы готовы — ждём."]


def test_a_name_that_is_no_template_s_is_refused_with_the_nearest(saved: Gateway, tmp_path: Path) -> None:
    rows = [*ROWS, ("Дина", "8 900 000-00-04", None, "Приемм", "Белова"), ("Ева", "8 900 000-00-05", "1", None, "Б")]
    document = saved.json("import", listed(tmp_path, rows), "--template-column", "Текст", "--dry-run")
    assert [(each["row"], each["code"]) for each in document["refused"]] == [
        (5, "unknown_template"),
        (6, "empty_value"),
    ]
    assert "the nearest is “Приём”" in document["refused"][0]["reason"]
    assert "Приемм" not in document["refused"][0]["reason"]


def test_an_empty_cell_takes_the_one_text_that_is_given(saved: Gateway, tmp_path: Path) -> None:
    rows = [*ROWS, ("Ева", "8 900 000-00-05", "1", None, "Белова")]
    arguments = ("--template-column", "Текст", "--template", "{Имя}, позвоните нам", "--yes")
    assert saved.run("import", listed(tmp_path, rows), *arguments).exit_code == 0
    assert bodies(saved)[-1] == "Ева, позвоните нам"


def test_a_saved_template_that_does_not_fit_the_list_stops_it_before_anything(saved: Gateway, tmp_path: Path) -> None:
    assert saved.run("template", "edit", "Анализы", "{Имя}, {Лаборатрия}").exit_code == 0
    result = saved.run("import", listed(tmp_path), "--template-column", "Текст", "--yes", "--skip-bad")
    assert result.exit_code == 2
    assert "Saved template “Анализы”: The list has no column “Лаборатрия”" in result.stderr
    assert saved.count() == 0


def test_a_list_is_sent_by_the_name_of_a_template(saved: Gateway, tmp_path: Path) -> None:
    assert saved.run("import", listed(tmp_path), "--template-name", "анализы", "--yes").exit_code == 0
    assert bodies(saved)[0] == "Анна, анализы готовы — ждём."


WRONG = {
    "a column that there is not": (("--template-column", "Тексст"), 2, "nearest: “Текст”"),
    "two texts": (("--template", "a", "--template-name", "b"), 2, "no two of them"),
    "a name that there is not": (("--template-name", "прием врача"), 1, "Did you mean “Приём”"),
    "a single brace": (("--template", "{Имя"), 2, "single { at character 1"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), WRONG.values(), ids=WRONG)
def test_what_does_not_fit_is_said_in_one_line(
    saved: Gateway, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = saved.run("import", listed(tmp_path), *arguments, "--yes")
    assert (result.exit_code, saved.count()) == (code, 0)
    assert words in result.stderr


def test_a_category_s_lines_are_counted_in_the_preview_and_written_once(saved: Gateway, tmp_path: Path) -> None:
    with saved.config.open("a") as file:
        file.write('\n[category.marketing]\nsignature = "Клиника"\nopt_out = "Отписка: СТОП"\n')
    arguments = ("import", listed(tmp_path), "--template", "{Имя}, скидка\nКлиника", "--category", "marketing")
    document = saved.json(*arguments, "--dry-run")
    assert document["messages"][0]["body"] == "Анна, скидка\nКлиника\nОтписка: СТОП"
    assert saved.run(*arguments, "--yes").exit_code == 0
    assert bodies(saved)[0] == document["messages"][0]["body"]
    saved.config.write_text(saved.config.read_text().replace("Отписка", "Не писать"))
    assert saved.json(*arguments, "--yes")["queued"] == 0


def test_the_preview_says_which_sign_doubles_the_price_and_the_option_mends_it(
    gateway: Gateway, tmp_path: Path
) -> None:
    file, text = listed(tmp_path), "Dear patient – " + "a" * 100
    result = gateway.run("import", file, "--template", text, "--dry-run")
    said = " ".join(result.stderr.split())
    assert "“–”: one sign makes this 2 SMS in Unicode. With --plain-punctuation it is 1." in said
    assert "3 messages take 3 SMS more than needed, for these signs: “–”. --plain-punctuation saves them." in said
    assert "The template does not use: Имя, Каб., Текст, Врач." in said
    document = gateway.json("import", file, "--template", text, "--dry-run")
    assert (document["sms"], document["savings"][0]["sms"], document["replaced"]) == (6, 3, [])
    mended = gateway.json("import", file, "--template", text, "--dry-run", "--plain-punctuation")
    assert (mended["sms"], mended["savings"]) == (3, [])
    assert mended["replaced"] == [{"from": "–", "to": "-", "times": 3}]


def test_latin_letters_are_written_on_request_alone(saved: Gateway, tmp_path: Path) -> None:
    result = saved.run("import", listed(tmp_path), "--template", "{Имя}, ждём", "--transliterate", "--yes")
    assert bodies(saved)[0] == "Anna, zhdem"
    assert "Replaced as asked: Cyrillic by Latin letters 24×." in " ".join(result.stderr.split())


def test_versions_are_kept_and_shown(saved: Gateway) -> None:
    assert saved.json("template", "edit", "прием", "{Имя}, ждём!")["version"] == 2
    assert saved.run("template", "remove", "Анализы", "--yes").exit_code == 0
    assert [(each["name"], each["version"]) for each in saved.json("template", "list")] == [("Приём", 2)]
    document = saved.json("template", "show", "приём", "--version", "1")
    assert (document["body"], document["placeholders"]) == (VISIT, ["Имя", "Каб."])
    assert [each["version"] for each in document["versions"]] == [1, 2]
    shown = saved.run("template", "show", "приём")
    assert shown.stdout.startswith("{Имя}, ждём!\n")
    assert "version 2" in shown.stdout


def test_a_text_is_taken_out_of_use_only_by_whoever_says_yes(saved: Gateway) -> None:
    refused = saved.run("template", "remove", "Анализы")
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (
        1,
        "Nothing was changed: there is no terminal to ask at. Add --yes.",
    )
    said = answered(saved, "n", "template", "remove", "анализы")[2]
    assert "Take template “Анализы” out of use? [y/N]: n" in said
    assert {each["name"] for each in saved.json("template", "list")} == {"Анализы", "Приём"}
    assert answered(saved, "y", "template", "remove", "Анализы")[0] == 0
    assert {each["name"] for each in saved.json("template", "list")} == {"Приём"}


def test_a_sample_has_made_up_values_with_every_cell_and_with_few(saved: Gateway) -> None:
    samples = saved.json("template", "show", "Приём", "--sample")["samples"]
    assert [each["text"] for each in samples] == ["Анна, ждём вас в кабинете 12.", "Анна, ждём вас."]
    assert "Анна, ждём вас в кабинете 12." in saved.run("template", "show", "Приём", "--sample").stdout


def test_a_sample_may_have_the_first_rows_of_a_list(saved: Gateway, tmp_path: Path) -> None:
    samples = saved.json("template", "show", "Приём", "--list", listed(tmp_path))["samples"]
    assert [(each["row"], each["text"]) for each in samples][:2] == [
        (2, "Анна, ждём вас в кабинете 21а."),
        (3, "Вера, ждём вас."),
    ]


REFUSED = {
    "a single brace": (("add", "new", "{Имя"), 2, "single {"),
    "an unknown format": (("add", "new", "{Дата:%Q}"), 2, "%Q"),
    "no text": (("add", "new"), 2, "Give the text"),
    "an empty text": (("add", "new", " "), 2, "empty"),
    "a name that is taken": (("add", "ПРИЕМ", "a"), 1, "template edit"),
    "a name that there is not": (("show", "Приёмм"), 1, "Did you mean “Приём”"),
    "an edit of none": (("edit", "new", "a"), 1, "There is no template “new”"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_saved_or_shown_says_why(
    saved: Gateway, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result = saved.run("template", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert len(saved.json("template", "list")) == 2


def test_a_text_may_come_from_a_file_or_standard_input(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("{Имя}, ждём\n", "cp1251")
    assert gateway.run("template", "add", "one", "--file", str(tmp_path / "text.txt")).exit_code == 0
    assert gateway.run("template", "add", "two", "-", stdin="{Имя}, до встречи\n").exit_code == 0
    assert [each["body"] for each in gateway.json("template", "list")] == ["{Имя}, ждём", "{Имя}, до встречи"]


@pytest.mark.parametrize(("typed", "is_kept"), [("нет", True), ("", True), ("否", True), ("Да", False), ("是", False)])
def test_a_question_is_answered_in_whichever_language_it_is_typed(saved: Gateway, typed: str, is_kept: bool) -> None:
    answered(saved, typed, "template", "remove", "Анализы")
    assert ("Анализы" in {each["name"] for each in saved.json("template", "list")}) is is_kept
