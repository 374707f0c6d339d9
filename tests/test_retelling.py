"""A reason is read in the reader's language, whichever language it was written down in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.retelling import retold
from tests.test_translations import FORMS, smsgw

TOLD = {
    "English": ("The cell is empty, and the template needs it.", None),
    "Russian": ("Ячейка пуста, а шаблону она нужна.", "The cell is empty, and the template needs it."),
    "Chinese": ("单元格为空，而模板需要它。", "The cell is empty, and the template needs it."),
    "with a gap": (
        "В строке 17 тот же номер и тот же текст.",
        "Row 17 has the same number and the same text.",
    ),
    "with a gap near the beginning": (
        "第 17 行有相同的号码和相同的内容。",
        "Row 17 has the same number and the same text.",
    ),
    "with a reason of ours in its gap": (
        "Не доставлено, сеть сообщает: срок действия истёк.",
        "Not delivered, the network reports: the validity period is over.",
    ),
    "with a reason in a reason": (
        "Последнее сообщение на этот номер, 23.11.2026, не дошло. Не доставлено, сеть сообщает: срок действия истёк.",
        "The last message to this number, on 23.11.2026, did not arrive. "
        "Not delivered, the network reports: the validity period is over.",
    ),
    "with a name in its gap that is one of our words": (
        "Рассылка «имя» писала на этот номер 23.11.2026.",
        "Campaign “имя” wrote to this number on 23.11.2026.",
    ),
    "with braces in its gap": (
        "В строке {17} тот же номер и тот же текст.",
        "Row {17} has the same number and the same text.",
    ),
    "words of others": ("Адресат недоступен, ячейка 17", None),
    "a part of ours": ("Ячейка пуста, а шаблону она", None),
    "nothing": ("", None),
    "a brace": ("{", None),
}


@pytest.mark.parametrize(("written", "told"), TOLD.values(), ids=TOLD)
def test_our_own_sentences_are_told_in_english_and_others_stay(written: str, told: str | None) -> None:
    assert retold(written) == (written if told is None else told)


def test_whoever_made_the_campaign_its_rows_are_told_to_each_reader_alike(tmp_path: Path) -> None:
    rows = ["Анна,+79000000001", "Анна,+79000000001", "Иван,112", ",+79000000002", "Ким,+12025550101"]
    people = tmp_path / "people.csv"
    people.write_text("\n".join(["Имя,Телефон", *rows]), encoding="utf-8")
    for writer in FORMS:
        imported(tmp_path / f"{writer}.toml", people, writer)
    for reader in ("C", *FORMS):
        told = [reasons(tmp_path / f"{writer}.toml", reader) for writer in FORMS]
        assert told[0] == told[1]
        assert len(told[0]) == len(rows)


def imported(config: Path, people: Path, writer: str) -> None:
    config.write_text(f'[gateway]\ndatabase = "{writer}.db"\ncountry = "RU"\n')
    place = ("--config", str(config))
    assert smsgw(*place, "init", LANGUAGE=writer).returncode == 0
    done = smsgw(*place, "import", str(people), "--template", "{Имя}", "--skip-bad", "--yes", LANGUAGE=writer)
    assert done.returncode == 0, done.stderr


def reasons(config: Path, reader: str) -> list[str]:
    """Those of the report; the rows without a message are told by `campaign show` in the same words."""
    place = ("--config", str(config), "campaign")
    report = json.loads(smsgw(*place, "report", "people", "--json", LANGUAGE=reader).stdout)
    shown = smsgw(*place, "show", "people", LANGUAGE=reader).stdout
    assert all(row["reason"] in shown for row in report["rows"] if row["verdict"] in ("refused", "left_out"))
    return [row["reason"] for row in report["rows"]]
