"""The log: what is in it, what never is, and what it costs nothing to leave out."""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway import logs
from gateway.masking import HIDDEN, masked, masked_text
from gateway.repeats import APART_S, MOST_KEPT, SAY_AGAIN_S, Repeats

NUMBERS = {
    "international": ("+79000001234", "+7******1234"),
    "national": ("89000001234", "8******1234"),
    "spaced": ("8 900 000-12-34", "8******1234"),
    "bracketed": ("+7 (900) 000-12-34", "+7******1234"),
    "dotted": ("8.900.000.12.34", "8******1234"),
    "with hard spaces": ("8\u00a0900\u00a0000\u00a012\u00a034", "8******1234"),
    "in a sentence": ("no route to +79000001234, sorry", "no route to +7******1234, sorry"),
    "after an equals sign": ("to=89000001234", "to=8******1234"),
    "in quotes": ("'+79000001234'", "'+7******1234'"),
    "in an address": ("tel:89000001234", "tel:8******1234"),
    "in a path": ("/spool/89000001234-1.txt", "/spool/8******1234-1.txt"),
    "before a colon": ("89000001234: no route", "8******1234: no route"),
    "with dashes that don't break": ("+7 900 000‑12‑34", "+7******1234"),
    "in Arabic digits": ("٨٩٠٠٠٠٠١٢٣٤", "٨******١٢٣٤"),
}
KEPT = {
    "a UTC time": "2026-11-22T05:00:00.000Z",
    "a time with a space": "2026-11-22 05:00:00",
    "an address of a machine": "127.0.0.1:2775",
    "a port by path": "/dev/serial/by-path/pci-0000:00:14.0-usb-0:1.2:1.0-port0",
    "a code": "cms_500",
    "a signal": "-71 dBm",
    "a short number": "0500",
    "a Russian sentence": "Сеть занята, следующая попытка через 30 с",
}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    """Where the log goes, as JSON."""
    target = io.StringIO()
    logs.configure("info", "json", target)
    return target


def line(stream: io.StringIO) -> dict[str, object]:
    """The one event that was logged."""
    (only,) = stream.getvalue().splitlines()
    event = json.loads(only)
    assert isinstance(event, dict)
    return event


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_a_number_keeps_its_first_digit_and_its_last_four(text: str, expected: str) -> None:
    assert masked_text(text) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_no_number_stays(text: str) -> None:
    assert masked_text(text) == text


@given(st.from_regex(r"\+7900000[0-9]{4}", fullmatch=True), st.text(alphabet=" ,;:'\"()абвxyz=", max_size=20))
def test_a_number_never_passes_whatever_stands_around_it(number: str, around: str) -> None:
    assert number[1:] not in masked_text(f"{around} {number} {around}")


def test_a_pdu_and_a_pin_in_a_sentence_are_hidden() -> None:
    assert masked_text("AT< 0011000B919700000032F40008AA04041F0440") == f"AT< {HIDDEN}"
    assert masked_text('AT+CPIN="4711"') == f"AT+CPIN={HIDDEN}"


@pytest.mark.parametrize("key", ["body", "text", "pdu", "pin", "password"])
def test_a_value_under_a_private_key_is_hidden_whatever_it_is(key: str) -> None:
    assert masked("Привет", key) == HIDDEN
    assert masked(["Привет"], key) == HIDDEN


def test_identities_of_devices_stay_readable() -> None:
    assert masked("350000000000006", "imei") == "350000000000006"
    assert masked("8970199000000000017", "iccid") == "8970199000000000017"


def test_numbers_inside_lists_and_mappings_and_integers_are_masked() -> None:
    assert masked({"to": ["+79000001234", 79000001234], "body": "x"}) == {
        "to": ["+7******1234", "7******1234"],
        "body": HIDDEN,
    }
    assert masked([79000001234.0, 0.25]) == ["7******2340", 0.25]


MISTAKES = {  # of the configuration, and as it is logged
    "a limit": (
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 2000000",
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 2000000",
    ),
    "a fraction": ("alarms.clock_off: must be 10000000.5.", "alarms.clock_off: must be 10000000.5."),
    "a number as text": ('sms: must be numbers, got "+79000001234"', 'sms: must be numbers, got "+7******1234"'),
    "a local number as text": ('sms: must be numbers, got "1234567"', 'sms: must be numbers, got "1******4567"'),
    "a number without quotes": ("sms: must be numbers, got 89000001234", "sms: must be numbers, got 8******1234"),
    "a number with a plus": ("sms: must be numbers, got +3725551", "sms: must be numbers, got +3******5551"),
    "a text that was cut": (
        'sms: must be numbers, got "to 1234567 or…',
        'sms: must be numbers, got "to 1******4567 or…',
    ),
}


@pytest.mark.parametrize(("written", "logged"), MISTAKES.values(), ids=MISTAKES)
def test_of_a_mistake_in_the_configuration_numbers_to_call_are_masked_and_settings_are_not(
    written: str, logged: str
) -> None:
    assert masked([written], "mistakes") == [logged]


def test_octets_are_hidden() -> None:
    assert masked(b"+79000001234") == HIDDEN


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


@pytest.mark.parametrize("name", ["gsmmodem.serial_comms", "apscheduler.executors.default"])
def test_chatty_packages_are_heard_from_warning_on(name: str) -> None:
    target = io.StringIO()
    logs.configure("debug", "json", target)
    logging.getLogger(name).info("PDU and PIN")
    assert target.getvalue() == ""
    logging.getLogger(name).warning("late")
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


def test_the_log_goes_to_standard_error_only() -> None:
    code = (
        "import structlog; from gateway import logs; logs.configure(); structlog.get_logger().info('said', pin='4711')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert json.loads(done.stderr)["event"] == "said"


class Clock:
    """A time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The log's time, which stands still until the test moves it."""
    clock = Clock()
    monkeypatch.setattr(Repeats.__init__, "__defaults__", (clock,))
    logs.configure("info", "json", stream)
    return clock


def said(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(text) for text in stream.getvalue().splitlines()]


def test_a_fault_that_lasts_is_said_once_and_then_now_and_then(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    for _second in range(0, int(2 * SAY_AGAIN_S), 3):
        log.warning("carrier_lost", carrier="sim-1", reason="is the modem plugged in?")
        clock.now += 3
    assert [event.get("repeated") for event in said(stream)] == [None, SAY_AGAIN_S // 3]


def test_another_carrier_or_another_reason_is_another_fault(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    for _round in range(5):
        for carrier in ("sim-1", "sim-2"):
            for reason in ("gone", "no answer"):
                log.warning("carrier_lost", carrier=carrier, reason=reason)
    assert len(said(stream)) == 4


def test_a_fault_that_comes_back_after_its_end_is_said_again(stream: io.StringIO, clock: Clock) -> None:
    log = structlog.get_logger()
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    log.info("carrier_ready", carrier="sim-1")
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    clock.now += APART_S + 1
    log.warning("carrier_lost", carrier="sim-1", reason="gone")
    assert [event["event"] for event in said(stream)] == [
        "carrier_lost",
        "carrier_ready",
        "carrier_lost",
        "carrier_lost",
    ]


def test_exceptions_are_told_apart_by_what_they_say(stream: io.StringIO, clock: Clock) -> None:
    for sentence in ("database is locked", "database is locked", "database or disk is full"):
        try:
            raise OSError(sentence)
        except OSError:
            structlog.get_logger().exception("dispatcher_failed", fault="OSError")
    assert len(said(stream)) == 2


def test_what_is_no_fault_is_always_said(stream: io.StringIO, clock: Clock) -> None:
    for _time in range(3):
        structlog.get_logger().info("message", id=17, change="sent")
    assert len(said(stream)) == 3


def test_faults_that_are_over_take_no_memory(stream: io.StringIO, clock: Clock) -> None:
    repeats = Repeats(clock)
    for number in range(5 * MOST_KEPT):
        repeats(None, "error", {"event": "failed", "level": "error", "number": number})
        clock.now += APART_S
    assert len(repeats._said) <= MOST_KEPT


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
