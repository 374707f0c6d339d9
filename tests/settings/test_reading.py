"""What is read: values, defaults, durations, and the rules that the queue gets."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.queue.rules import CATEGORIES as QUEUE_CATEGORIES
from gateway.queue.rules import INCOMPLETE_AFTER_S, UNCERTAIN_WAIT_S
from gateway.settings import Settings, duration
from gateway.settings.models import GatewaySettings
from gateway.settings.rules import intake_rules
from gateway.settings.values import near_miss, system_zone

MODEM = '[[modem]]\nname = "sim-1"\nport = "/dev/ttyUSB0"\n'


def test_an_empty_file_has_every_default(read, tmp_path: Path) -> None:
    settings = read("")
    assert settings.gateway.database == tmp_path / "gateway.db"
    assert settings.gateway.country == "RU"
    assert settings.gateway.timezone in available_timezones()
    assert settings.modems == ()
    assert settings.smpp == ()


def test_the_contracts_example_is_read(read, tmp_path: Path) -> None:
    settings = read(
        """
        [gateway]
        database = "queue/gateway.db"
        timezone = "Europe/Moscow"
        country  = "kz"
        short_codes = ["0500"]
        uncertain_wait = "15 min"

        [[modem]]
        name = "sim-1"
        port = "/dev/serial/by-path/*-port0"
        baudrate = 9600
        pin  = "0000"
        max_per_minute = 12
        max_per_day    = 500

        [[modem]]
        name = "sim-2"
        imei = "350000000000006"

        [[smpp]]
        name = "operator"
        host = "127.0.0.1"
        port = 2775
        system_id = "clinic"
        password_file = "smpp.secret"
        bind = "transceiver"
        window = 10
        max_per_second = 30
        tls = false
        ca_file = "/etc/smsc-ca.pem"

        [category.otp]
        expires = "5 min"
        """
    )
    first, second = settings.modems
    assert settings.gateway.database == tmp_path / "queue" / "gateway.db"
    assert (settings.gateway.country, settings.gateway.short_codes) == ("KZ", ("0500",))
    assert settings.gateway.uncertain_wait == 900
    assert (first.baudrate, first.max_per_minute, first.max_per_day) == (9600, 12, 500)
    assert first.pin is not None
    assert first.pin.get_secret_value() == "0000"
    assert (second.imei, second.port, second.max_per_day) == ("350000000000006", None, None)
    assert settings.smpp[0].password_file == tmp_path / "smpp.secret"
    assert settings.smpp[0].ca_file == Path("/etc/smsc-ca.pem")
    assert (settings.categories["otp"].priority, settings.categories["otp"].expires) == (8, 300)
    assert settings.categories["marketing"].priority == 2


DURATIONS = {
    "90": 90,
    "90 s": 90,
    "10 min": 600,
    "10min": 600,
    "1.5 h": 5400,
    "3 days": 259200,
    "1 Day": 86400,
    " 2 h ": 7200,
    "24ч": 86400,
    "2 часа": 7200,
    "30 мин.": 1800,
    "3 Дня": 259200,
    "2小时": 7200,
    "30 分钟": 1800,
    "3天": 259200,
}


@pytest.mark.parametrize(("text", "expected"), DURATIONS.items())
def test_a_duration_is_read_as_people_write_it(text: str, expected: float) -> None:
    assert duration.seconds(text) == expected


@pytest.mark.parametrize(
    "value", ["", "min", "-5 s", "1 year", "1 2", "5.", "٣ s", "2 раза", "2 ч 30", True, None, [], float("nan")]
)
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration.seconds(value)


@given(st.integers(1, 10**7))
def test_a_duration_in_words_reads_back_the_same(length_s: int) -> None:
    assert duration.seconds(duration.words(length_s)) == length_s


def test_our_defaults_are_the_queues() -> None:
    rules = intake_rules(Settings(path=Path("gateway.toml"), gateway=GatewaySettings()))
    assert dict(rules.categories) == dict(QUEUE_CATEGORIES)
    assert (rules.uncertain_wait_s, rules.incomplete_after_s) == (UNCERTAIN_WAIT_S, INCOMPLETE_AFTER_S)


def test_without_a_configured_modem_the_carriers_are_still_looked_for(read) -> None:
    assert intake_rules(read(MODEM)).are_carriers_known
    assert not intake_rules(read("")).are_carriers_known


def test_the_queue_gets_what_the_file_says(read) -> None:
    rules = intake_rules(read(MODEM + '[gateway]\nshort_codes = ["900"]\n[category.otp]\npriority = 9'))
    assert rules.carriers == {"sim-1"}
    assert rules.short_codes == {"900"}
    assert rules.categories["otp"].priority == 9
    assert rules.categories["otp"].when_uncertain == "never"


def test_the_machines_zone_is_one_that_exists() -> None:
    assert system_zone({}) in available_timezones()
    assert system_zone({"TZ": ":Asia/Almaty"}) == "Asia/Almaty"
    assert system_zone({"TZ": "MSK-3"}) in available_timezones()


def test_a_near_miss_is_found_whatever_the_case() -> None:
    assert near_miss("Port", ["port", "pin"]) == ' (did you mean "port"?)'
    assert near_miss("zzz", ["port", "pin"]) == ""
