"""Lists of patients as clinics make them, and the command on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.cli.conftest import Gateway
from tests.merge.lists import write_xlsx

HEADINGS = ("Карта", "ФИО", "Дата рождения", "Телефон", "Тел. мамы", "Врач", "Визиты", "Язык", "Согласие")
ANNA = ("104-22", "Белова Анна", date(1950, 5, 1), "8 900 000-00-01", None, "Петров", 7, "русский", "да")
BORIS = ("104-23", "Глебов Борис", date(1990, 1, 1), 79000000002.0, None, "Петров", 2, None, "нет")
VERA = ("104-24", "Белова Вера", date(2018, 6, 1), None, "8 900 000-00-01", "Сидорова", None, "english", None)
ALL = (ANNA, BORIS, VERA)
PHONES = ("--phone-column", "Телефон", "--phone-column", "Тел. мамы")
CONSENT = ("--consent", "marketing", "--consent-column", "Согласие", "--consent-source", "анкета")


def written(folder: Path, rows: Sequence[Sequence[object]] = ALL, headings: Sequence[object] = HEADINGS) -> str:
    return str(write_xlsx(folder / "patients.xlsx", [headings, *rows]))


def brought(gateway: Gateway, folder: Path, rows: Sequence[Sequence[object]] = ALL, *options: str) -> Result:
    """`smsgw contacts import` of these rows, by their card."""
    result = gateway.run(
        "contacts", "import", written(folder, rows), "--key", "Карта", *PHONES, *CONSENT, "--yes", *options
    )
    assert result.exit_code == 0, result.stderr
    return result


def kept(gateway: Gateway, *options: str) -> list[dict[str, Any]]:
    return list(gateway.json("contacts", "list", *options))


def keys(gateway: Gateway, *conditions: str) -> list[str]:
    """The cards of those whom all the conditions fit."""
    where = [word for condition in conditions for word in ("--where", condition)]
    return [each["key"] for each in kept(gateway, *where)]


def bodies(gateway: Gateway) -> list[tuple[str, str]]:
    return [tuple(row) for row in gateway.execute("SELECT recipient, body FROM outbox ORDER BY id")]
