"""`smsgw init`: what it writes, where, and that it overwrites nothing."""

from __future__ import annotations

import stat
import tomllib
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.app import smsgw
from gateway.cli.place import country_of_locale, country_of_zone, guessed
from gateway.modem import pool
from gateway.queue import db
from gateway.settings import load
from tests.cli.conftest import Gateway
from tests.fake_modem import Bank


def init(*arguments: str, config: Path | None = None) -> Result:
    before = [] if config is None else ["--config", str(config)]
    return CliRunner().invoke(smsgw, [*before, "init", *arguments])


def test_it_writes_a_configuration_and_creates_the_database_here(outside: Path) -> None:
    result = init("--no-search")
    assert result.exit_code == 0
    assert result.stdout == ""
    settings = load(outside / "config" / "gateway.toml")
    assert settings.gateway.database == outside / "config" / "gateway.db"
    db.open_database(settings.gateway.database).close()


def test_it_says_what_comes_next(outside: Path) -> None:
    told = init("--no-search").stderr
    assert all(f"smsgw {verb}" in told for verb in ("doctor", "run", "send"))


def test_without_a_search_nothing_is_said_to_be_missing(outside: Path) -> None:
    assert "modem was found" not in init("--no-search").stderr


def test_it_writes_where_it_is_told_and_makes_the_folder(tmp_path: Path) -> None:
    config = tmp_path / "etc" / "smsgw" / "gateway.toml"
    result = init("--no-search", config=config)
    assert config.exists()
    assert f"smsgw --config {config} run" in result.stderr


def test_nobody_else_can_read_a_file_that_may_hold_pins(tmp_path: Path) -> None:
    init("--no-search", config=tmp_path / "gateway.toml")
    assert not stat.S_IMODE((tmp_path / "gateway.toml").stat().st_mode) & stat.S_IRWXO


def test_every_key_stands_there_with_its_default(tmp_path: Path) -> None:
    init("--no-search", config=tmp_path / "gateway.toml")
    text = (tmp_path / "gateway.toml").read_text()
    assert '# uncertain_wait = "10 min"' in text
    assert set(tomllib.loads(text)["gateway"]) == {"database", "timezone", "country"}


def test_a_configuration_that_is_there_stays_and_only_the_database_is_created(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text('[gateway]\ndatabase = "queue/other.db"\n')
    result = init(config=config)
    assert result.exit_code == 0
    assert config.read_text() == '[gateway]\ndatabase = "queue/other.db"\n'
    assert "stays as it is" in result.stderr
    db.open_database(tmp_path / "queue" / "other.db").close()


def test_a_second_time_it_changes_nothing(gateway: Gateway) -> None:
    gateway.insert()
    before = gateway.config.read_bytes()
    assert gateway.run("init").exit_code == 0
    assert gateway.config.read_bytes() == before
    assert gateway.count() == 1


def test_a_wrong_configuration_is_told_and_nothing_is_created(tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text("[gateway]\ncountry = 7\n")
    result = init(config=config)
    assert result.exit_code == 2
    assert "gateway.country" in result.stderr
    assert list(tmp_path.iterdir()) == [config]


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = init("--no-search", config=tmp_path / "file" / "gateway.toml")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr.splitlines()[-1]


def test_the_modems_that_answer_become_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Bank(2, folder=tmp_path / "ports") as bank:
        ports = [str(modem.port) for modem in bank.modems]
        monkeypatch.setattr(pool, "discover", partial(pool.discover, (str(tmp_path / "ports" / "*"),)))
        result = init(config=tmp_path / "gateway.toml")
    settings = load(tmp_path / "gateway.toml")
    assert sorted(str(modem.port) for modem in settings.modems) == sorted(ports)
    assert [modem.name for modem in settings.modems] == ["sim-1", "sim-2"]
    assert "Found sim-1 at" in result.stderr


def test_without_any_modem_it_says_that_later_ones_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "discover", partial(pool.discover, ()))
    result = init(config=tmp_path / "gateway.toml")
    assert result.exit_code == 0
    assert "No modem was found" in result.stderr
    assert load(tmp_path / "gateway.toml").modems == ()


ZONES = ["# a comment", "RU\t+554521+0373704\tEurope/Moscow\tMSK+00", "KZ\t+4315+07657\tAsia/Almaty"]


def test_the_country_comes_from_the_time_zone() -> None:
    assert country_of_zone("Europe/Moscow", ZONES) == "RU"
    assert country_of_zone("Asia/Almaty", ZONES) == "KZ"
    assert country_of_zone("Etc/UTC", ZONES) is None


@pytest.mark.parametrize(
    ("environment", "country"),
    [
        ({"LANG": "ru_RU.UTF-8"}, "RU"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "kk_KZ.UTF-8"}, "KZ"),
        ({"LANG": "en_US.UTF-8"}, None),
        ({"LANG": "C.UTF-8"}, None),
        ({}, None),
    ],
)
def test_else_it_comes_from_a_locale_that_tells_one(environment: dict[str, str], country: str | None) -> None:
    assert country_of_locale(environment) == country


def test_what_is_guessed_can_be_read_back(tmp_path: Path) -> None:
    place = guessed({"TZ": "Etc/UTC", "LANG": "en_US.UTF-8"})
    assert place == {"timezone": "Etc/UTC", "country": "RU"}
