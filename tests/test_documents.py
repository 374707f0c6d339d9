"""The pages for people: what they tell to type there is, and what they point to is there."""

from __future__ import annotations

import re
import shlex
from itertools import groupby
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.app import smsgw

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), ROOT / "examples" / "README.md"]
INDENTED = re.compile(r"^ {4}(.*)$", re.MULTILINE)
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
ENDS = {"|", ">", "&&", "…"}  # what comes behind is no part of the command
LINK = re.compile(r"\]\((?!http)([^)#\s]*)(?:#([^)\s]+))?\)")
MADE = {"config/gateway.toml"}  # by `smsgw init`
FILES = re.compile(r"`((?:gateway|tests|scripts|config|docs|examples)/[\w./-]+)`")


def commands_of(page: Path) -> list[list[str]]:
    """The words of each call of smsgw that the page shows, without its own name."""
    text = re.sub(r"\\\n\s*", "", page.read_text("utf-8"))
    found = []
    for line in [*INDENTED.findall(text), *CODE.findall(text)]:
        for words in parted(line) if "smsgw " in line else ():
            called = words[1:] if words[0] == "sudo" else words
            if len(called) > 1 and Path(called[0]).name == "smsgw":
                found.append(called[1:])
    return found


def parted(line: str) -> list[list[str]]:
    """The commands of a shell's line, each in its words."""
    groups = groupby(shlex.split(line, comments=True), key=ENDS.__contains__)
    return [list(words) for is_end, words in groups if not is_end]


def anchors_of(page: Path) -> set[str]:
    """As forges make them from headings."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_shows_is_one_with_its_options(page: Path) -> None:
    for words in commands_of(page):
        result = CliRunner().invoke(smsgw, [*words, "--help"])
        assert result.exit_code == 0, f"{words}: {result.output}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_whatever_a_page_links_to_is_there(page: Path) -> None:
    for file, anchor in LINK.findall(page.read_text("utf-8")):
        target = page.parent / file if file else page
        assert target.exists(), file
        assert not anchor or anchor in anchors_of(target), f"{file}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    named = set(FILES.findall(page.read_text("utf-8"))) - MADE
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_pages_show_every_verb() -> None:
    shown = {words[0] for page in PAGES for words in commands_of(page)}
    assert set(smsgw.list_commands(None)) <= shown  # type: ignore[arg-type]
