"""`smsgw import --json`: the document for programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import BAD_LIST, listed
from tests.merge.lists import GOOD, TEMPLATE, person


def test_the_document_has_the_contract_s_keys(gateway: Gateway, tmp_path: Path) -> None:
    rows = [*BAD_LIST, person("8 900 000-00-05; 8 900 000-00-06", "Дарья"), person(GOOD)]
    document = gateway.json("import", listed(tmp_path, rows), "--template", TEMPLATE, "--yes", "--skip-bad")
    assert {name: document[name] for name in ("rows", "accepted", "queued", "sms")} == {
        "rows": 5,
        "accepted": 3,
        "queued": 3,
        "sms": 3,
    }
    assert document["messages"][0] == {
        "row": 2,
        "msisdn": "+79000000001",
        "body": "Анна, ждём вас 01.12 в 09:00",
        "segments": 1,
    }
    assert [(each["row"], each["column"], each["code"]) for each in document["refused"]] == [
        (4, "Телефон", "landline"),
        (6, "Телефон", "duplicate"),
    ]
    assert [(each["row"], each["column"], each["code"]) for each in document["warnings"]] == [
        (5, "Телефон", "several_numbers")
    ]
    assert [each["cell"] for each in document["refused"]] == ["'Лист1'!C4", "'Лист1'!C6"]
    assert all(each["reason"] for each in document["refused"] + document["warnings"])


@pytest.mark.parametrize("options", [("--yes",), ("--dry-run",), ()], ids=["bad rows", "dry run", "no terminal"])
def test_the_document_comes_whenever_there_is_a_plan(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...]
) -> None:
    document = gateway.json("import", listed(tmp_path, BAD_LIST), "--template", TEMPLATE, *options)
    assert (document["accepted"], document["queued"], len(document["refused"])) == (2, 0, 1)
