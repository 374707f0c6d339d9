"""`smsgw import` with times: what the preview says, what is queued, and what can't be said together."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Gateway
from tests.cli.test_import import listed
from tests.merge.lists import HEADINGS, TEMPLATE, person

PEOPLE = [HEADINGS, *(person(f"8 900 000-00-{number:02}", f"Имя {number}") for number in range(1, 5))]
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # 12:00 in Moscow; the people come on the 1st of December at 09:00


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("merge", "import_proposal", "import_queue"):
        monkeypatch.setattr(f"gateway.cli.{module}.now", lambda: NOW)


def times_of(gateway: Gateway) -> list[tuple[str | None, str | None]]:
    return gateway.execute("SELECT not_before, expires_at FROM outbox ORDER BY id")


def imported(gateway: Gateway, folder: Path, *options: str) -> str:
    """What was said of an import with these options."""
    done = gateway.run("import", listed(folder, PEOPLE), "--template", TEMPLATE, "--yes", *options)
    assert done.exit_code == 0, done.stderr
    return " ".join(done.stderr.split())


MORNING = "2026-12-01T07:00:00.000Z"
SEND_AT = {
    "ISO": ("2026-12-01 10:00", MORNING),
    "as Russians write it": ("01.12.2026 10:00", MORNING),
    "with an offset": ("2026-12-01T12:00+05:00", MORNING),
    "a day: when the hours begin": ("2026-12-01", "2026-12-01T06:00:00.000Z"),
    "a time that comes today": ("15:00", "2026-11-25T12:00:00.000Z"),
    "a time that comes tomorrow": ("11:00", "2026-11-26T08:00:00.000Z"),
}


@pytest.mark.parametrize(("written", "expected"), SEND_AT.values(), ids=SEND_AT)
def test_they_go_at_the_time_that_was_named(gateway: Gateway, tmp_path: Path, written: str, expected: str) -> None:
    assert "They go at 2026-1" in imported(gateway, tmp_path, "--send-at", written)
    assert times_of(gateway) == [(expected, None)] * 4


OVER = {
    "a slip in the year": "01.12.2025 10:00",
    "yesterday": "2026-11-24",
    "what stands for always, on another clock": "0001-01-01T00:00+05:00",
    "yesterday here, whatever its own offset": "2026-11-25T01:00+05:00",
}


@pytest.mark.parametrize("written", OVER.values(), ids=OVER)
def test_a_day_that_is_over_sends_nothing_at_once(gateway: Gateway, tmp_path: Path, written: str) -> None:
    done = gateway.run("import", listed(tmp_path, PEOPLE), "--template", TEMPLATE, "--yes", "--send-at", written)
    assert (done.exit_code, times_of(gateway)) == (2, [])
    assert "is over; name a day to come" in done.stderr


@pytest.mark.parametrize("never", ["31.12.9999", "9999-12-31T23:59-05:00"])
def test_a_day_that_stands_for_never_is_no_time_to_send_at(gateway: Gateway, tmp_path: Path, never: str) -> None:
    arguments = ("import", listed(tmp_path, PEOPLE), "--template", TEMPLATE, "--yes")
    done = gateway.run(*arguments, "--send-at", never)
    assert (done.exit_code, times_of(gateway)) == (2, [])
    assert "never comes; name a day to come" in done.stderr
    assert gateway.run(*arguments, "--not-after", never).exit_code == 0
    assert gateway.run("outbox", "list").exit_code == 0


@pytest.mark.parametrize("always", ["01.01.0001", "0001-01-01T00:00+14:00"])
def test_who_lets_them_go_until_the_beginning_of_time_is_told_that_it_is_over(
    gateway: Gateway, tmp_path: Path, always: str
) -> None:
    listed_ = listed(tmp_path, PEOPLE)
    done = gateway.run("import", listed_, "--template", TEMPLATE, "--yes", "--not-after", always, "--send-at", "15:00")
    assert (done.exit_code, times_of(gateway)) == (2, [])
    assert done.stderr == "--not-after: nothing could go by then; name a later time.\n"


def test_an_hour_of_today_that_is_over_is_now(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--send-at", "2026-11-25 11:55")
    assert len(times_of(gateway)) == 4


TOO_LATE = {
    "a time that is over": ("24.11.2026 10:00",),
    "a time before they begin": ("27.11.2026 10:00", "--send-at", "27.11.2026 10:00"),
    "over on every clock": ("24.11.2026 09:00", "--zone-column", "Врач"),
}


@pytest.mark.parametrize("options", TOO_LATE.values(), ids=TOO_LATE)
def test_a_time_by_which_nothing_could_go_is_told_before_the_list_is_read(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...]
) -> None:
    done = gateway.run("import", str(tmp_path / "none"), "--template", TEMPLATE, "--yes", "--not-after", *options)
    assert (done.exit_code, done.stderr) == (2, "--not-after: nothing could go by then; name a later time.\n")


def test_what_is_over_here_alone_may_go_where_it_is_earlier(gateway: Gateway, tmp_path: Path) -> None:
    people = [(*HEADINGS, "Город"), (*PEOPLE[1], "UTC-5"), (*PEOPLE[2], "Омск")]
    options = ("--not-after", "25.11.2026 11:00", "--zone-column", "Город")
    done = gateway.run("import", listed(tmp_path, people), "--template", TEMPLATE, "--yes", "--skip-bad", *options)
    assert times_of(gateway) == [(None, "2026-11-25T16:00:00.000Z")], done.stderr
    assert "too_late" in done.stderr


def test_they_are_spread_over_the_hours(gateway: Gateway, tmp_path: Path) -> None:
    said = imported(gateway, tmp_path, "--send-at", "2026-12-01 19:00", "--spread", "2 h")
    assert "They go from 2026-12-01 19:00 to 2026-12-02 09:30 (Europe/Moscow)." in said
    assert [at for at, _until in times_of(gateway)] == [
        *("2026-12-01T16:00:00.000Z", "2026-12-01T16:30:00.000Z"),
        *("2026-12-02T06:00:00.000Z", "2026-12-02T06:30:00.000Z"),
    ]


def test_each_goes_before_its_appointment_and_never_after_it(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--send-before", "Дата приёма", "24h", "--time-column", "Время")
    assert times_of(gateway) == [("2026-11-30T06:00:00.000Z", "2026-12-01T06:00:00.000Z")] * 4


def test_the_document_has_the_times_of_each_message(gateway: Gateway, tmp_path: Path) -> None:
    arguments = (
        "import",
        listed(tmp_path, PEOPLE),
        "--template",
        TEMPLATE,
        "--dry-run",
        "--send-at",
        "2026-12-01 10:00",
    )
    message = gateway.json(*arguments)["messages"][0]
    assert (message["send_at"], message["expires_at"]) == (MORNING, None)


def test_what_was_said_is_kept_with_the_campaign(gateway: Gateway, tmp_path: Path) -> None:
    imported(gateway, tmp_path, "--send-at", "2026-12-01 10:00", "--not-after", "2026-12-01 18:00")
    options = gateway.json("campaign", "show", "list")["options"]
    assert (options["send_at"], options["not_after"]) == ("2026-12-01 10:00", "2026-12-01 18:00")
    assert times_of(gateway) == [(MORNING, "2026-12-01T15:00:00.000Z")] * 4


def test_what_would_go_too_late_stops_the_import(gateway: Gateway, tmp_path: Path) -> None:
    options = ("--send-at", "2026-12-01 10:00", "--spread", "4 h", "--not-after", "2026-12-01 12:30")
    arguments = ("import", listed(tmp_path, PEOPLE), "--template", TEMPLATE, "--yes", *options)
    refused = gateway.run(*arguments)
    assert (refused.exit_code, times_of(gateway)) == (1, [])
    assert "It would go at 2026-12-01 13:00, when --not-after has passed." in " ".join(refused.stderr.split())
    assert gateway.run(*arguments, "--skip-bad").exit_code == 0
    assert len(times_of(gateway)) == 3


@pytest.mark.parametrize(("zone", "is_said"), [("Омск", True), ("Москва", False), (None, False)], ids=str)
def test_a_preview_says_when_rows_go_by_another_clock(
    gateway: Gateway, tmp_path: Path, zone: str | None, is_said: bool
) -> None:
    file = listed(tmp_path, [("Телефон", "Пояс"), ("8 900 000-00-01", zone)])
    options = ("--template", "Ждём вас", "--zone-column", "Пояс", "--send-at", "2026-12-01 10:00", "--dry-run")
    said = " ".join(gateway.run("import", file, *options).stderr.split())
    assert "2026-12-01 10:00 Row 2" in said
    assert ("Beside a row stands the time by its own clock." in said) is is_said


WRONG = {
    "two times": (("--send-at", "10:00", "--send-before", "Дата приёма", "24h"), "leave out --send-at"),
    "two of the same": (("--send-at", "10:00", "--not-before", "2026-12-01"), "say the same"),
    "no time": (("--send-at", "morgen"), "morgen is no time such as"),
    "a span without its unit": (("--spread", "2"), '--spread: write a span as "30 min"'),
    "a lead without its unit": (("--send-before", "День", "24"), '--send-before: write a span as "30 min"'),
    "no span": (("--spread", "long"), '--spread: write a span as "30 min"'),
    "an unknown column": (("--send-before", "Дата приема (новая)", "24h"), "nearest"),
    "a time column alone": (("--time-column", "Время"), "belongs to --send-before"),
    "a column of time zones alone": (("--zone-column", "Город"), "says by whose clock"),
}


@pytest.mark.parametrize(("options", "words"), WRONG.values(), ids=WRONG)
def test_what_can_not_be_meant_is_wrong_usage(
    gateway: Gateway, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = gateway.run("import", listed(tmp_path, PEOPLE), "--template", TEMPLATE, "--yes", *options)
    assert (done.exit_code, times_of(gateway)) == (2, [])
    assert words in done.stderr
