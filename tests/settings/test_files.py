"""The configuration's files: where one is looked for, how it is written, and what one with mistakes still tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import UsageProblem
from gateway.settings import find, load
from gateway.settings.glimpse import glimpse
from gateway.settings.values import system_zone

MODEM = '[[modem]]\nname = "sim-1"\nport = "/dev/ttyUSB0"\n'


def test_broken_toml_is_named_with_its_line(mistakes) -> None:
    (line,) = mistakes('[gateway]\ndatabase = "x\n')
    assert line.startswith("is not valid TOML")
    assert "line 2" in line


@pytest.mark.parametrize("value", ["gateway.db", "Europe/Moscow", "22:00-07:00", "clinic queue"])
def test_a_text_without_quotes_is_said_to_need_them(mistakes, value: str) -> None:
    (line,) = mistakes(f"[gateway]\ndatabase = {value}\n")
    assert line.endswith('; a text stands in quotes: database = "…"')
    assert "line 2" in line


@pytest.mark.parametrize("text", ["[gateway", 'database = "x', "a = 1\na = 2", "x = ["])
def test_other_broken_toml_is_not_said_to_lack_quotes(mistakes, text: str) -> None:
    (line,) = mistakes(text)
    assert "quotes" not in line


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


@pytest.mark.parametrize(
    ("written", "found"),
    [("../data/gateway.db", "data/gateway.db"), ("../../x.db", "../x.db"), ("a/../x.db", "clinic/a/../x.db")],
)
def test_a_path_that_goes_up_is_told_without_the_way_round(tmp_path: Path, written: str, found: str) -> None:
    """Behind a folder of the person's own it stays: that may be a symbolic link."""
    (tmp_path / "clinic").mkdir()
    config = tmp_path / "clinic" / "gateway.toml"
    config.write_text(f'[gateway]\ndatabase = "{written}"\n')
    expected = str(tmp_path.resolve().parent / "x.db") if found == "../x.db" else f"{tmp_path.resolve()}/{found}"
    assert str(load(config).gateway.database) == expected
