"""The log: what is in it, what never is, and what it costs nothing to leave out."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import structlog

from gateway import logs
from gateway.masking import HIDDEN


def line(stream: io.StringIO) -> dict[str, object]:
    """The one event that was logged."""
    (only,) = stream.getvalue().splitlines()
    event = json.loads(only)
    assert isinstance(event, dict)
    return event


def test_an_event_of_ours_is_one_json_line_without_private_data(stream: io.StringIO) -> None:
    structlog.get_logger().info("sent to +79000001234", id=17, recipient="+79000001234", body="Анализ готов")
    event = line(stream)
    assert event["event"] == "sent to +7******1234"
    assert (event["id"], event["recipient"], event["body"]) == (17, "+7******1234", HIDDEN)
    assert event["level"] == "info"
    assert str(event["timestamp"]).endswith("Z")


def test_a_record_of_another_package_goes_through_the_same_steps(stream: io.StringIO) -> None:
    logging.getLogger("some.package").warning("write: %s", "+79000001234")
    event = line(stream)
    assert (event["event"], event["logger"], event["level"]) == ("write: +7******1234", "some.package", "warning")


@pytest.mark.parametrize(
    ("name", "least"), [("gsmmodem.serial_comms", logging.WARNING), ("apscheduler.executors.default", logging.ERROR)]
)
def test_chatty_packages_are_heard_from_where_on_they_say_something(name: str, least: int) -> None:
    target = io.StringIO()
    logs.configure("debug", "json", target)
    logging.getLogger(name).log(least - 1, "PDU and PIN")
    assert target.getvalue() == ""
    logging.getLogger(name).log(least, "late")
    assert "late" in target.getvalue()


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("is_foreign", [False, True])
def test_a_traceback_shows_where_but_no_variables_and_no_number(log_format: str, is_foreign: bool) -> None:
    target = io.StringIO()
    logs.configure("info", log_format, target)
    log = logging.getLogger("some.package") if is_foreign else structlog.get_logger()

    def deep(body: str) -> None:
        raise ValueError("no route to 89000001234")

    try:
        deep("".join(["Анализ ", "готов"]))
    except ValueError:
        log.exception("failed")
    text = target.getvalue()
    assert "deep" in text
    assert "no route to 8******1234" in text
    assert "Анализ готов" not in text
    assert "89000001234" not in text


def test_events_below_the_level_are_left_out() -> None:
    target = io.StringIO()
    logs.configure("warning", "json", target)
    structlog.get_logger().info("not heard")
    assert target.getvalue() == ""


def test_a_terminal_gets_lines_for_people_and_a_pipe_gets_json() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for target, is_json in ((Terminal(), False), (io.StringIO(), True)):
        logs.configure("info", "auto", target)
        structlog.get_logger().info("started", database="gateway.db")
        assert target.getvalue().startswith("{") is is_json
        assert "gateway.db" in target.getvalue()


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    tried: list[str] = []

    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise BrokenPipeError

        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    logs.configure("info", "json", Broken())
    structlog.get_logger().info("still alive")
    logging.getLogger("some.package").error("still alive")
    assert sum("still alive" in text for text in tried) == 2


def test_a_reader_of_the_log_that_stands_still_stops_nobody_and_is_told_what_it_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "PATIENCE_S", 0.05)
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as reader, open(writing, "w", encoding="utf-8") as stream:
        logs.configure("info", "json", stream)
        log = structlog.get_logger("still")
        work = threading.Thread(target=lambda: [log.info("said", place=place) for place in range(5000)], daemon=True)
        work.start()
        work.join(10)
        assert not work.is_alive()
        read = reader.read(1 << 20)
        log.info("said", place=5000)
        read += reader.read(1 << 20)
    events = [json.loads(line) for line in read.splitlines() if line]
    (lost,) = [event["lines"] for event in events if event["event"] == "log_lines_lost"]
    assert lost == 5001 - (len(events) - 1) > 0
    assert events[-1]["place"] == 5000


def test_what_was_missed_is_told_when_the_reader_goes_on_though_nothing_more_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "PATIENCE_S", 0.01)
    reading, writing = os.pipe()
    with open(reading, "rb", buffering=0) as reader, open(writing, "w", encoding="utf-8") as stream:
        logs.configure("info", "json", stream)
        structlog.get_logger("still").info("said", words="x" * 100_000)
        logs.catch_up()  # nobody reads yet
        reader.read(1 << 20)
        logs.catch_up()
        assert json.loads(reader.read(1 << 20))["lines"] == 1
        logs.catch_up()  # it has been told
        os.set_blocking(reading, False)
        assert reader.read(1 << 20) is None


def test_the_log_goes_to_standard_error_only() -> None:
    code = (
        "import structlog; from gateway import logs; logs.configure(); structlog.get_logger().info('said', pin='4711')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert json.loads(done.stderr)["event"] == "said"


# What the journal is told


def weights_of(stream: io.TextIOWrapper, monkeypatch: pytest.MonkeyPatch, told: str) -> list[str]:
    monkeypatch.setenv("JOURNAL_STREAM", told)
    logs.configure("debug", "auto", stream)
    log = structlog.get_logger("journal")
    for say in (log.debug, log.info, log.warning, log.error):
        say("x")
    logging.getLogger("other").warning("of another package")
    stream.seek(0)
    return [line[:3] for line in stream.read().splitlines()]


def test_the_journal_is_told_the_weight_of_each_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stream").open("w+") as stream:
        found = os.fstat(stream.fileno())
        told = weights_of(stream, monkeypatch, f"{found.st_dev}:{found.st_ino}")
    assert told == ["<7>", "<6>", "<4>", "<3>", "<4>"]


def test_a_file_that_is_not_the_journals_gets_plain_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "stream").open("w+") as stream:
        assert {line[0] for line in weights_of(stream, monkeypatch, "1:2")} == {"{"}


def test_a_stream_without_a_file_is_not_the_journals() -> None:
    assert not logs.is_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})
