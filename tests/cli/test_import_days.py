"""`smsgw import` of an old list with a new text: its days are over, and that is said before it goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import answered, rows_of
from tests.merge.lists import write_xlsx

TEXT = "{Имя}, ждём вас {Дата:%d.%m}"
OVER, AHEAD = date(2026, 11, 1), date(2026, 12, 1)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("merge", "import_proposal", "import_queue"):
        monkeypatch.setattr(f"gateway.cli.{module}.now", lambda: NOW)


def listed(folder: Path, *days: date) -> str:
    rows = [("Анна", f"8 900 000-00-{number:02}", day) for number, day in enumerate(days)]
    return str(write_xlsx(folder / "list.xlsx", [("Имя", "Телефон", "Дата"), *rows]))


@pytest.mark.usefixtures("_now")
def test_the_preview_and_the_document_name_the_rows(gateway: Gateway, tmp_path: Path) -> None:
    path = listed(tmp_path, OVER, AHEAD, OVER)
    done = gateway.run("import", path, "--template", TEXT, "--dry-run")
    sentence = "“Дата”: in 2 of 3 rows the day is over (rows 2, 4)."
    assert sentence in done.stderr.splitlines()
    document = gateway.json("import", path, "--template", TEXT, "--dry-run")
    assert document["days_over"] == [{"column": "Дата", "rows": [2, 4], "of": 3}]


@pytest.mark.usefixtures("_now")
def test_of_what_an_earlier_import_has_queued_nothing_is_said(gateway: Gateway, tmp_path: Path) -> None:
    gateway.run("import", listed(tmp_path, OVER), "--template", TEXT, "--yes")
    document = gateway.json("import", listed(tmp_path, OVER, AHEAD), "--template", TEXT, "--yes")
    assert (document["queued"], document["days_over"]) == (1, [])


@pytest.mark.usefixtures("_now")
@pytest.mark.parametrize(
    ("options", "rows"),
    [((), []), (("--not-before", "2026-12-02"), [2]), (("--send-at", "2026-12-02"), [2])],
    ids=["today", "not before the day after", "sent on the day after"],
)
def test_a_day_may_be_over_by_the_time_at_which_the_message_goes(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...], rows: list[int]
) -> None:
    document = gateway.json("import", listed(tmp_path, AHEAD), "--template", TEXT, "--dry-run", *options)
    assert [row for each in document["days_over"] for row in each["rows"]] == rows


@pytest.mark.usefixtures("_now")
def test_whoever_says_yes_beforehand_is_not_asked(gateway: Gateway, tmp_path: Path) -> None:
    done = gateway.run("import", listed(tmp_path, OVER), "--template", TEXT, "--yes")
    assert (done.exit_code, len(rows_of(gateway))) == (0, 1)
    assert "in 1 of 1 row the day is over (row 2)." in done.stderr


def test_where_most_days_are_over_the_question_says_so(gateway: Gateway, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=20), today - timedelta(days=19), today + timedelta(days=20)]
    status, _stdout, said = answered(gateway, "n", "import", listed(tmp_path, *days), "--template", TEXT)
    assert "“Дата”: in 2 of 3 rows the day is over. Queue 3 messages? [y/N]: n" in said
    assert (status, rows_of(gateway)) == (1, [])


def test_where_few_are_the_question_is_the_usual_one(gateway: Gateway, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=20), *(today + timedelta(days=day) for day in (19, 20))]
    said = answered(gateway, "y", "import", listed(tmp_path, *days), "--template", TEXT)[2]
    assert "\nQueue 3 messages? [y/N]: y" in said.replace("\r", "")
    assert len(rows_of(gateway)) == 3
