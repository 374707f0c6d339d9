"""The commented file that `init` writes, and the page about every key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import ModemSettings, documentation, example
from gateway.settings.models import GatewaySettings, SmppSettings

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "config" / "gateway.example.toml"
DOCUMENTATION = ROOT / "docs" / "configuration.md"


def test_the_commented_file_has_no_value_that_is_not_the_default(read) -> None:
    assert read(example.render({})) == read("")


def test_the_commented_file_stays_right_with_every_comment_taken_away(read) -> None:
    """Lines such as `# key = …` and `# [table]` are keys; all the other comments are for people."""
    lines = example.render({}).splitlines()
    bare = "\n".join(line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in lines)
    settings = read(bare)
    assert settings.gateway.database.name == "gateway.db"
    assert [modem.max_per_day for modem in settings.modems] == [500]
    assert settings.smpp[0].system_id == "clinic"
    assert settings.categories == read("").categories


@pytest.mark.parametrize("table", [GatewaySettings, ModemSettings, SmppSettings])
def test_every_key_is_in_the_commented_file_with_a_comment(table: type) -> None:
    text = example.render({})
    for name, shown, allowed, comment in example.keys(table):
        assert f"# {name} = " in text
        assert shown
        assert allowed
        assert comment


def test_given_values_and_modems_are_written_as_keys(read) -> None:
    modem = {"name": 'a "quoted" name', "port": "/dev/serial/by-path/x"}
    settings = read(example.render({"country": "KZ"}, [modem]))
    assert settings.gateway.country == "KZ"
    assert [(modem.name, modem.port) for modem in settings.modems] == [('a "quoted" name', "/dev/serial/by-path/x")]


def test_the_example_in_the_repository_is_the_one_that_init_writes() -> None:
    assert EXAMPLE.read_text("utf-8") == example.render({})


def test_the_documentation_describes_every_key_as_it_is() -> None:
    """Made by `python -m gateway.settings.documentation > docs/configuration.md`."""
    assert DOCUMENTATION.read_text("utf-8") == documentation.markdown()
