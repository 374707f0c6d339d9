"""The configuration: what is read, what is refused and in which words."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import UsageProblem
from gateway.queue.rules import CATEGORIES as QUEUE_CATEGORIES
from gateway.queue.rules import INCOMPLETE_AFTER_S, UNCERTAIN_WAIT_S
from gateway.settings import ModemSettings, Settings, documentation, duration, example, find, load
from gateway.settings.glimpse import glimpse
from gateway.settings.models import GatewaySettings, SmppSettings
from gateway.settings.rules import intake_rules
from gateway.settings.values import near_miss, system_zone

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "config" / "gateway.example.toml"
DOCUMENTATION = ROOT / "docs" / "configuration.md"
MODEM = '[[modem]]\nname = "sim-1"\nport = "/dev/ttyUSB0"\n'


@pytest.fixture
def read(tmp_path: Path):
    """Load a file with this text."""

    def loaded(text: str | bytes) -> Settings:
        path = tmp_path / "gateway.toml"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return load(path)

    return loaded


@pytest.fixture
def mistakes(read):
    """The lines that a person gets for a file with this text, without the file's name."""

    def lines(text: str | bytes) -> list[str]:
        with pytest.raises(UsageProblem) as caught:
            read(text)
        found = [line.split("gateway.toml: ", 1) for line in str(caught.value).splitlines()]
        assert all(len(parts) == 2 for parts in found), "each line names the file"
        return [parts[1] for parts in found]

    return lines


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


A_DURATION = 'seconds, or text such as "10 min", "2 h", "3 days"; at most ten years'

# text of the file -> the one line that a person gets
ONE_MISTAKE = {
    "an unknown key near a known one": (
        '[gateway]\ndatabse = "x"',
        'gateway.databse: unknown key (did you mean "database"?)',
    ),
    "an unknown key near none": ("[gateway]\nxyzzy = 1", "gateway.xyzzy: unknown key"),
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


def test_broken_toml_is_named_with_its_line(mistakes) -> None:
    (line,) = mistakes('[gateway]\ndatabase = "x\n')
    assert line.startswith("is not valid TOML")
    assert "line 2" in line


def test_a_file_of_another_encoding_is_named_with_its_line(mistakes) -> None:
    (line,) = mistakes(b"[gateway]\n# \xea\xeb\xe8\n")
    assert line == "line 2: is not UTF-8; save the file as UTF-8"


def test_the_mark_of_windows_editors_is_no_mistake(read) -> None:
    assert read(b'\xef\xbb\xbf[gateway]\r\ncountry = "KZ"\r\n').gateway.country == "KZ"


def test_a_missing_file_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="there is no such file; `smsgw init` makes one"):
        load(tmp_path / "none.toml")


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot be read"):
        load(tmp_path)


def test_a_relative_database_counts_from_the_files_folder_wherever_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "gateway.toml").write_text('[gateway]\ndatabase = "../var/gateway.db"')
    monkeypatch.chdir(tmp_path)
    database = load(Path("etc/gateway.toml")).gateway.database
    assert database.is_absolute()
    assert database.resolve() == tmp_path / "var" / "gateway.db"


def test_the_option_wins_over_the_environment_and_that_over_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "gateway.toml").write_text("")
    assert find(Path("a.toml"), {"SMSGW_CONFIG": "b.toml"}) == Path("a.toml")
    assert find(None, {"SMSGW_CONFIG": "b.toml"}) == Path("b.toml")
    assert find(None, {}) == Path("config/gateway.toml")


def test_no_configuration_anywhere_says_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("gateway.settings.loading.PLACES", (Path("config/gateway.toml"), tmp_path / "etc.toml"))
    with pytest.raises(UsageProblem, match=r"config/gateway\.toml.*smsgw init"):
        find(None, {})


DURATIONS = {
    "90": 90,
    "90 s": 90,
    "10 min": 600,
    "10min": 600,
    "1.5 h": 5400,
    "3 days": 259200,
    "1 Day": 86400,
    " 2 h ": 7200,
}


@pytest.mark.parametrize(("text", "expected"), DURATIONS.items())
def test_a_duration_is_read_as_people_write_it(text: str, expected: float) -> None:
    assert duration.seconds(text) == expected


@pytest.mark.parametrize("value", ["", "min", "-5 s", "1 year", "1 2", "٣ s", True, None, [], float("nan")])
def test_what_is_no_duration_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration.seconds(value)


@given(st.integers(1, 10**7))
def test_a_duration_in_words_reads_back_the_same(length_s: int) -> None:
    assert duration.seconds(duration.words(length_s)) == length_s


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


def test_a_folder_closed_to_this_user_does_not_hide_the_next_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, there = tmp_path / "closed" / "gateway.toml", tmp_path / "gateway.toml"
    exists = Path.exists

    def asked(path: Path) -> bool:  # root, who may run the tests, can look everywhere
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", asked)
    monkeypatch.setattr("gateway.settings.loading.PLACES", (closed, there))
    assert find(None, {}) == closed, "nothing else is there: reading it says why it can't be"
    there.touch()
    assert find(None, {}) == there


SEEN = {  # a file with a mistake -> where its database is, as far as can be told
    "an unknown table": ('[gateway]\ndatabase = "q.db"\n[modems]\n', "q.db"),
    "a wrong value beside it": ('[gateway]\ndatabase = "q.db"\ncountry = 7\n', "q.db"),
    "a quote that is missing in another table": (
        '[gateway]  # ours\n\ndatabase = "q.db"  # here\nshort_codes = [\n  "0500",\n]\n[[modem]]\nname = "sim-1\n',
        "q.db",
    ),
    "the usual place": ("[gateway]\ncountry = 7\n", "gateway.db"),
    "no [gateway] at all": ("[modems]\n", "gateway.db"),
    "a quote that is missing in [gateway]": ('[gateway]\ndatabase = "q.db\n', None),
    "a place that is none": ("[gateway]\ndatabase = 7\n", None),
    "a place that may be misspelt": ('[gateway]\ndatabse = "q.db"\n', None),
    "a heading that is broken": ('[gateway\ndatabase = "q.db"\n', None),
    "a list of tables": ('[[gateway]]\ndatabase = "q.db"\n', None),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEN)
def test_of_a_file_with_mistakes_the_database_is_known_where_that_is_sure(tmp_path: Path, case: str) -> None:
    text, database = SEEN[case]
    (tmp_path / "gateway.toml").write_text(text)
    seen = glimpse(tmp_path / "gateway.toml")
    assert (None if seen is None else seen.gateway.database) == (database and tmp_path / database)


def test_of_a_file_with_mistakes_the_clock_is_the_clinics_unless_it_is_one_of_them(tmp_path: Path) -> None:
    zones = []
    for zone in ("Asia/Vladivostok", "Asia/Vladivostock"):
        (tmp_path / "gateway.toml").write_text(f'[gateway]\ntimezone = "{zone}"\ncountry = 7\n')
        seen = glimpse(tmp_path / "gateway.toml")
        zones.append(seen and seen.gateway.timezone)
    assert zones == ["Asia/Vladivostok", system_zone()]


def test_of_a_file_that_is_not_there_nothing_is_known(tmp_path: Path) -> None:
    assert glimpse(tmp_path / "none.toml") is None
