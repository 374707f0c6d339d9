"""What is wrong with a configuration: every mistake at once, one line each, in words that help."""

from __future__ import annotations

import pytest

MODEM = '[[modem]]\nname = "sim-1"\nport = "/dev/ttyUSB0"\n'


A_DURATION = 'seconds, or text such as "10 min", "2 h", "3 days"; at most ten years'

# text of the file -> the one line that a person gets
ONE_MISTAKE = {
    "an unknown key near a known one": (
        '[gateway]\ndatabse = "x"',
        'gateway.databse: unknown key (did you mean "database"?)',
    ),
    "an unknown key that means a known one": (
        '[[notify]]\nsms = ["+79000000001"]\nprogram = ["/bin/true"]',
        'notify[1].program: unknown key (did you mean "command"?)',
    ),
    "an unknown key near none": ("[gateway]\nxyzzy = 1", "gateway.xyzzy: unknown key"),
    "an alarm that there is not": (
        '[[notify]]\nsms = ["+79000000001"]\nonly = ["no_carier"]',
        "notify[1].only[1]: must be a list of alarms in quotes, of allowance_low, balance_low, carrier_blocked,"
        " carrier_down, carrier_failed, clock_off, database_not_writable, delivery_rate, disk_full, held, hung,"
        " needs_pin, no_carrier,"
        ' oldest_queued, storage_full, storm, got "no_carier" (did you mean "no_carrier"?)',
    ),
    "an address of another kind": (
        '[[notify]]\nurl = "ftp://x"',
        'notify[1].url: must be an address in quotes that begins with http:// or https://, got "ftp://x"',
    ),
    "a category that there is not": (
        "[category.urgent]\npriority = 1",
        "category.urgent: unknown key; the categories are emergency, otp, notification, marketing",
    ),
    "an unknown table": ("[gatway]", 'gatway: unknown key (did you mean "gateway"?)'),
    "a zone near a known one": (
        '[gateway]\ntimezone = "Europe/Moskow"',
        'gateway.timezone: must be an IANA time zone such as "Europe/Moscow", got "Europe/Moskow"'
        ' (did you mean "Europe/Moscow"?)',
    ),
    "a zone that leads out of the zone folder": (
        '[gateway]\ntimezone = "../../etc/passwd"',
        'gateway.timezone: must be an IANA time zone such as "Europe/Moscow", got "../../etc/passwd"',
    ),
    "a country that is none": (
        '[gateway]\ncountry = "XX"',
        'gateway.country: must be a country code of two letters such as "RU", got "XX"',
    ),
    "a duration in words": (
        '[gateway]\nuncertain_wait = "soon"',
        f'gateway.uncertain_wait: must be {A_DURATION}, got "soon"',
    ),
    "a duration of nothing": (
        "[gateway]\nuncertain_wait = 0",
        f"gateway.uncertain_wait: must be {A_DURATION}, got 0",
    ),
    "a duration longer than a calendar": (
        '[gateway]\nuncertain_wait = "99999 days"',
        f'gateway.uncertain_wait: must be {A_DURATION}, got "99999 days"',
    ),
    "a limit beyond any use": (
        MODEM + "max_per_day = 99999999999999999999",
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 99999999999999999999",
    ),
    "a duration without end": (
        "[gateway]\nuncertain_wait = inf",
        f"gateway.uncertain_wait: must be {A_DURATION}, got Infinity",
    ),
    "a number in a list of texts": (
        "[gateway]\nshort_codes = [900]",
        'gateway.short_codes[1]: must be a list of short numbers in quotes, such as ["0500", "900"], got 900',
    ),
    "a number for a text": ("[gateway]\ndatabase = 5", "gateway.database: must be a file name in quotes, got 5"),
    "a word that is none of the choices": (
        '[gateway]\nlog_level = "loud"',
        'gateway.log_level: must be "debug", "info", "warning" or "error", got "loud"',
    ),
    "a text for a number": (
        MODEM + 'baudrate = "fast"',
        'modem[1].baudrate: must be a whole number from 300 to 4000000, got "fast"',
    ),
    "true for a number": (
        MODEM + "max_per_day = true",
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got true",
    ),
    "a limit of nothing": (
        MODEM + "max_per_day = 0",
        "modem[1].max_per_day: must be a whole number from 1 to 1000000, got 0",
    ),
    "a table without its name": (
        '[[modem]]\nport = "/dev/ttyUSB0"',
        "modem[1].name: is missing; must be a name of 1 to 32 characters, in quotes",
    ),
    "a modem that can't be found": (
        '[[modem]]\nname = "sim-1"',
        "modem[1]: needs port, imei, imsi or iccid, so that it can be found",
    ),
    "the second modem's mistake": (
        MODEM + '[[modem]]\nname = "sim-2"\nport = 1',
        "modem[2].port: must be a device file or a glob, in quotes, got 1",
    ),
    "single brackets": (
        '[modem]\nname = "sim-1"\npin = "4711"',
        "modem: must be a list of tables: write [[modem]] with double brackets, got a table",
    ),
    "double brackets": ("[[gateway]]", "gateway: must be one table: write [gateway], got a list"),
    "two modems of one name": (
        MODEM + '[[modem]]\nname = "sim-1"\nport = "/dev/ttyUSB1"',
        'two carriers are named "sim-1": each needs its own name',
    ),
    "a modem and a bind of one name": (
        MODEM + '[[smpp]]\nname = "sim-1"\nhost = "127.0.0.1"\nsystem_id = "clinic"',
        'two carriers are named "sim-1": each needs its own name',
    ),
    "two modems on one port": (
        MODEM + '[[modem]]\nname = "sim-2"\nport = "/dev/ttyUSB0"',
        'modem: two modems have port = "/dev/ttyUSB0"',
    ),
    "a port beyond TCP": (
        '[[smpp]]\nname = "a"\nhost = "h"\nsystem_id = "s"\nport = 65536',
        "smpp[1].port: must be a whole number from 1 to 65535, got 65536",
    ),
    "a category that is none": ("[category.otpp]", 'category.otpp: unknown key (did you mean "otp"?)'),
    "a priority of 10": (
        "[category.otp]\npriority = 10",
        "category.otp.priority: must be a whole number from 0 (last) to 9 (first), got 10",
    ),
}


@pytest.mark.parametrize(("text", "line"), ONE_MISTAKE.values(), ids=ONE_MISTAKE)
def test_a_mistake_is_one_line_with_the_key_and_what_is_allowed(mistakes, text: str, line: str) -> None:
    assert mistakes(text) == [line]


def test_an_address_of_another_kind_is_told_beside_a_wrong_number(mistakes) -> None:
    lines = mistakes('[[notify]]\nurl = "ftp://x"\nsms = ["12"]')
    assert [line.partition(":")[0] for line in lines] == ["notify[1].sms[1]", "notify[1].url"]


def test_all_mistakes_come_at_once(mistakes) -> None:
    text = "\n".join(
        ["[gateway]", "databse = 1", "country = 7", "[[modem]]", 'baudrate = "x"', "[[smpp]]", "[category.x]"]
    )
    keys = [line.split(":")[0] for line in mistakes(text)]
    assert {"gateway.databse", "gateway.country", "modem[1].name", "modem[1].baudrate"} < set(keys)
    assert {"smpp[1].name", "smpp[1].host", "smpp[1].system_id", "category.x"} < set(keys)


def test_a_mistake_in_one_key_hides_none_between_the_tables(mistakes) -> None:
    second = '[[modem]]\nname = "sim-1"\nbaudrate = "x"'
    assert [line.split(":")[0] for line in mistakes(MODEM + second)] == [
        "modem[2].baudrate",
        'two carriers are named "sim-1"',
        "modem[2]",
    ]


@pytest.mark.parametrize("pin", ['"12"', '"123456789"', '"12a4"', "4711", '"١٢٣٤"'])
def test_a_wrong_pin_is_never_quoted(mistakes, pin: str) -> None:
    assert mistakes(MODEM + f"pin = {pin}") == ["modem[1].pin: must be 4 to 8 digits in quotes"]


def test_a_pin_is_not_in_the_settings_repr(read) -> None:
    assert "4711" not in repr(read(MODEM + 'pin = "4711"'))
