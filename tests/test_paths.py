"""Paths as people are told of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.paths import whole


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """clinic, lists, and far/away with a link to it."""
    for name in ("clinic", "lists", "far/away"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "away")
    monkeypatch.chdir(tmp_path / "clinic")


SHOWN = {
    "in this folder": ("a.xlsx", "clinic/a.xlsx"),
    "beside this folder": ("../lists/a.xlsx", "lists/a.xlsx"),
    "there and back": ("../lists/../clinic/./a.xlsx", "clinic/a.xlsx"),
    "from the other side of a link": ("../link/../a.xlsx", "clinic/../link/../a.xlsx"),
    "through a folder that is not there": ("none/../a.xlsx", "clinic/none/../a.xlsx"),
}


@pytest.mark.parametrize(("typed", "shown"), SHOWN.values(), ids=SHOWN)
def test_the_way_round_is_left_out_where_it_leads_to_the_same_place(tmp_path: Path, typed: str, shown: str) -> None:
    assert str(whole(Path(typed))) == f"{tmp_path}/{shown}"
