"""Every text that people read is in the catalogues, in Russian and Chinese, and says there what it says in the code."""

from __future__ import annotations

import ast
import gettext
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.cells import cell_len

from gateway.cli import show
from gateway.i18n import DOMAIN, LOCALE_FOLDER, VARIABLES, languages

ROOT = Path(__file__).parent.parent
FORMS = {"ru": 3, "zh_CN": 1}  # plural forms of each language that there is
MARKS = {"_": 1, "ngettext": 2, "N_": 1}  # how many of the first arguments are texts
TO_PEOPLE = {
    "say",
    "show.say",
    "ctx.fail",
    "click.BadParameter",
    "GatewayError",
    "UsageProblem",
    "CarrierLost",
    "NotReady",
}
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)s|%[A-Za-z]")
TYPED = re.compile(r"`[^`]*`|--[a-z][a-z-]*|\[\[?[a-z.]+\]\]?|\$[A-Z_]+|\.(?:xlsx|csv|toml)|AT\+\w+|\bsudo [a-z]+")
UPDATE = "run scripts/translate, fill in what it leaves empty or fuzzy, and run it again"


@dataclass(frozen=True)
class Entry:
    """One text of a catalogue with its translation: one string, or one for each plural form."""

    text: str
    plural: str | None
    strings: tuple[str, ...]
    comments: str

    @property
    def is_ours(self) -> bool:
        return "gateway/" in self.comments


def entries(path: Path) -> list[Entry]:
    """What a .po or .pot file holds, without its header."""
    blocks = path.read_text(encoding="utf-8").split("\n\n")
    return [entry for entry in map(entry_of, blocks) if entry.text]


def entry_of(block: str) -> Entry:
    fields: dict[str, str] = {}
    name = ""
    for line in re.sub("^#.*\n", "", block, flags=re.MULTILINE).strip().splitlines():
        if not line.startswith('"'):
            name, _blank, line = line.partition(" ")
        fields[name] = fields.get(name, "") + ast.literal_eval(line)
    strings = tuple(value for field, value in fields.items() if field.startswith("msgstr"))
    comments = "\n".join(line for line in block.splitlines() if line.startswith("#"))
    return Entry(fields.get("msgid", ""), fields.get("msgid_plural"), strings, comments)


def calls(names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Every call of one of these functions in the gateway, with its place."""
    for path in sorted((ROOT / "gateway").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def marked() -> set[tuple[str, str | None]]:
    """Every text in the code that is marked, with its plural."""
    found = set()
    for _place, call in calls(set(MARKS)):
        texts = [str(argument.value) for argument in call.args if isinstance(argument, ast.Constant)]
        found |= {(texts[0], texts[1] if len(texts) > 1 else None)} if texts else set()
    return found


def file_of(place: str) -> str:
    return place.partition(":")[0]


def catalogue(language: str) -> Path:
    return LOCALE_FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


TEMPLATE = entries(LOCALE_FOLDER / f"{DOMAIN}.pot")
CATALOGUES = {language: entries(catalogue(language)) for language in FORMS}
TRANSLATED = [(language, entry) for language, held in CATALOGUES.items() for entry in held]


def pairs() -> Iterator[tuple[str, str, str]]:
    """(language, text, translation): each plural form against the plural text, since it may stand for 21."""
    for language, entry in TRANSLATED:
        for string in entry.strings:
            yield language, entry.plural or entry.text, string


def test_a_marked_text_stands_there_in_full_or_by_a_name_where_n_marked_it_before() -> None:
    marked_before = {file_of(place) for place, _call in calls({"N_"})}
    hidden = [
        place
        for place, call in calls(set(MARKS))
        if not all(isinstance(argument, ast.Constant) for argument in call.args[: MARKS[ast.unparse(call.func)]])
        if not (
            ast.unparse(call.func) == "_" and isinstance(call.args[0], ast.Name) and file_of(place) in marked_before
        )
    ]
    assert hidden == [], "only a literal text can be found and translated"


def test_no_sentence_for_people_is_left_unmarked() -> None:
    unmarked = [
        f"{place} {ast.unparse(argument)}"
        for place, call in calls(TO_PEOPLE)
        for argument in [*call.args, *(keyword.value for keyword in call.keywords)]
        if isinstance(argument, (ast.Constant, ast.JoinedStr)) and re.search("[a-z]{2} [a-z]", ast.unparse(argument))
    ]
    assert unmarked == []


def test_the_template_has_the_texts_of_the_code_and_no_others() -> None:
    held = {(entry.text, entry.plural) for entry in TEMPLATE if entry.is_ours}
    assert marked() - held == set(), f"new in the code: {UPDATE}"
    assert held - marked() == set(), f"gone from the code: {UPDATE}"


@pytest.mark.parametrize("language", FORMS)
def test_a_catalogue_has_the_texts_of_the_template_and_no_others(language: str) -> None:
    wanted = {(entry.text, entry.plural) for entry in TEMPLATE}
    assert {(entry.text, entry.plural) for entry in CATALOGUES[language]} == wanted, UPDATE


@pytest.mark.parametrize("language", FORMS)
def test_every_text_is_translated_in_every_plural_form_and_by_a_person(language: str) -> None:
    missing = [
        entry.text
        for entry in CATALOGUES[language]
        if not all(entry.strings)
        or len(entry.strings) != (FORMS[language] if entry.plural else 1)
        or "fuzzy" in entry.comments
    ]
    assert missing == []


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    wrong = [pair for pair in pairs() if sorted(PLACEHOLDER.findall(pair[1])) != sorted(PLACEHOLDER.findall(pair[2]))]
    assert wrong == []


def test_what_people_type_is_the_same_in_every_language() -> None:
    wrong = [pair for pair in pairs() if sorted(TYPED.findall(pair[1])) != sorted(TYPED.findall(pair[2]))]
    assert wrong == []


def test_a_translation_begins_and_ends_with_the_blanks_of_its_text() -> None:
    wrong = [pair for pair in pairs() if re.findall(r"^\s*|\s*$", pair[1]) != re.findall(r"^\s*|\s*$", pair[2])]
    assert wrong == []


@pytest.mark.parametrize("language", FORMS)
def test_the_compiled_catalogue_says_what_the_readable_one_says(language: str) -> None:
    with catalogue(language).with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
        file.seek(8)  # the third word of the file is the number of texts, among them the header
        assert int.from_bytes(file.read(4), sys.byteorder) == len(CATALOGUES[language]) + 1, UPDATE
    for entry in CATALOGUES[language]:
        said = (
            {compiled.ngettext(entry.text, entry.plural, count) for count in range(200)}
            if entry.plural
            else {compiled.gettext(entry.text)}
        )
        assert said == set(entry.strings), UPDATE


RUSSIAN = {
    "сообщение": (1, 21, 101),
    "сообщения": (2, 3, 4, 22, 104),
    "сообщений": (0, 5, 11, 12, 14, 20, 25, 111, 112),
}


@pytest.mark.parametrize(("word", "counts"), RUSSIAN.items())
def test_russian_counts_as_russians_do(word: str, counts: tuple[int, ...]) -> None:
    russian = gettext.translation(DOMAIN, LOCALE_FOLDER, ["ru"])
    for count in counts:
        assert russian.ngettext("{count} message", "{count} messages", count) == f"{{count}} {word}"


ENVIRONMENTS = {
    "one language": ({"LANGUAGE": "ru"}, ["ru"]),
    "several languages": ({"LANGUAGE": "kk:ru"}, ["kk", "ru"]),
    "English before another": ({"LANGUAGE": "en_GB:ru"}, []),
    "another before English": ({"LANGUAGE": "ru:en"}, ["ru"]),
    "a locale": ({"LANG": "zh_CN.UTF-8"}, ["zh_CN.UTF-8"]),
    "the messages' own locale": ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, ["ru_RU.UTF-8"]),
    "a language stronger than the locale": ({"LANG": "ru_RU.UTF-8", "LANGUAGE": "C"}, []),
    "an empty language": ({"LANG": "ru_RU.UTF-8", "LANGUAGE": ""}, ["ru_RU.UTF-8"]),
    "POSIX": ({"LC_ALL": "POSIX", "LANG": "ru_RU.UTF-8"}, []),
    "C with a character set": ({"LANG": "C.UTF-8"}, []),
}


@pytest.mark.parametrize(("environment", "wanted"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_the_environment_names_the_language(environment: dict[str, str], wanted: list[str]) -> None:
    assert [language for language in languages(environment) if language] == wanted


def smsgw(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of a machine with this language."""
    machine = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    command = [sys.executable, "-m", "gateway", *arguments]
    surroundings = {**machine, "PYTHONUTF8": "1", **environment}
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env=surroundings, check=False, timeout=60
    )


# The language's environment; words of the help, ours and click's; words of a refusal
RUNS = {
    "English": ({"LANGUAGE": "C"}, ("Usage:", "Queue one message.", "Show this message"), "there is no such file"),
    "Russian": ({"LANGUAGE": "ru"}, ("Использование:", "Поставить в очередь", "эту справку"), "такого файла нет"),
    "Russian by locale": ({"LANG": "ru_RU.UTF-8"}, ("Использование:", "отчёта о доставке"), "такого файла нет"),
    "Chinese": ({"LANGUAGE": "zh_CN"}, ("用法:", "把一条消息放入队列。", "显示本帮助并退出。"), "没有这个文件"),
    "English before Russian": ({"LANGUAGE": "en:ru"}, ("Usage:", "Queue one message."), "there is no such file"),
    "a language without a catalogue": ({"LANGUAGE": "fr"}, ("Usage:", "Queue one message."), "there is no such file"),
}  # fmt: skip


@pytest.mark.parametrize(("environment", "in_help", "in_refusal"), RUNS.values(), ids=RUNS)
def test_the_command_speaks_the_language_of_the_machine(
    tmp_path: Path, environment: dict[str, str], in_help: tuple[str, ...], in_refusal: str
) -> None:
    shown = smsgw("--help", **environment)
    assert [words for words in in_help if words not in shown.stdout] == []

    refused = smsgw("--config", str(tmp_path / "none.toml"), "status", **environment)
    assert refused.returncode == 2
    assert in_refusal in refused.stderr


def test_codes_are_the_same_in_every_language_and_reasons_are_not(tmp_path: Path) -> None:
    config, people = tmp_path / "gateway.toml", tmp_path / "people.csv"
    config.write_text('[gateway]\ndatabase = "gateway.db"\ncountry = "RU"\n')
    people.write_text("Имя,Телефон\nАнна,+79000000001\nИван,112\n", encoding="utf-8")
    arguments = ("--config", str(config), "import", str(people), "--template", "{Имя}", "--dry-run", "--json")

    told = {language: json.loads(smsgw(*arguments, LANGUAGE=language).stdout) for language in ("C", *FORMS)}

    assert {document["refused"][0]["code"] for document in told.values()} == {"emergency_number"}
    assert len({document["refused"][0]["reason"] for document in told.values()}) == len(told)
    assert len({tuple(document) for document in told.values()}) == 1


def test_a_reason_that_was_written_down_in_english_is_told_in_the_reader_s_language(tmp_path: Path) -> None:
    config, people = tmp_path / "gateway.toml", tmp_path / "people.csv"
    config.write_text('[gateway]\ndatabase = "gateway.db"\ncountry = "RU"\n')
    people.write_text("Имя,Телефон\nАнна,+79000000001\nИван,112\n", encoding="utf-8")
    place = ("--config", str(config))
    assert smsgw(*place, "init", LANGUAGE="C").returncode == 0
    done = smsgw(*place, "import", str(people), "--template", "{Имя}", "--skip-bad", "--yes", LANGUAGE="C")
    assert done.returncode == 0, done.stderr

    told = {
        language: json.loads(smsgw(*place, "campaign", "report", "people", "--json", LANGUAGE=language).stdout)
        for language in ("C", *FORMS)
    }

    assert len({document["rows"][1]["reason"] for document in told.values()}) == len(told)


def test_values_stand_in_one_column_beside_names_of_any_script(capsys: pytest.CaptureFixture[str]) -> None:
    show.facts([("后台服务", "value"), ("очередь", "value"), ("id", "value")])
    lines = capsys.readouterr().out.splitlines()
    assert len({cell_len(line.removesuffix("value")) for line in lines}) == 1
