"""What happens to a list or to the queue while a person looks at the preview."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.cli import import_queue
from gateway.cli.import_proposal import Proposal
from tests.cli.conftest import Gateway
from tests.cli.test_import import listed
from tests.merge.lists import HEADINGS, TEMPLATE, person

OTHER = [HEADINGS, person("8 900 000-00-77", "Жанна")]


@pytest.fixture
def during(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """At the question of the first import this happens, then it is answered with yes."""
    asked: list[Callable[[], object]] = []
    why_not = import_queue.why_not

    def answered(proposal: Proposal, *rest: object) -> str | None:
        while asked:
            asked.pop()()
        return why_not(proposal, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(import_queue, "why_not", answered)
    return asked.append


def words(file: str, *options: str) -> tuple[str, ...]:
    return ("import", file, "--template", TEMPLATE, "--yes", *options)


def test_the_same_list_queued_by_another_import_is_known_and_not_refused_for_its_name(
    gateway: Gateway, tmp_path: Path, during: Callable[[Callable[[], object]], None]
) -> None:
    file = listed(tmp_path)
    during(lambda: gateway.run(*words(file)))
    done = gateway.run(*words(file))
    assert (done.exit_code, gateway.count()) == (0, 2)
    assert "Nothing was queued: an earlier import has queued all of it." in done.stderr
    assert [each["name"] for each in gateway.json("campaign", "list")] == ["list"]


@pytest.mark.parametrize(("options", "code", "names"), [((), 0, ["list 2", "list"]), (("--name", "list"), 2, ["list"])])
def test_another_list_of_that_name_gives_this_one_a_number_unless_a_person_has_named_it(
    gateway: Gateway,
    tmp_path: Path,
    during: Callable[[Callable[[], object]], None],
    options: tuple[str, ...],
    code: int,
    names: list[str],
) -> None:
    file = listed(tmp_path)
    (tmp_path / "other").mkdir()
    during(lambda: gateway.run(*words(listed(tmp_path / "other", OTHER))))
    done = gateway.run(*words(file, *options))
    assert done.exit_code == code
    assert [each["name"] for each in gateway.json("campaign", "list")] == names
    assert (f"This is campaign “{names[0]}”" in done.stderr) is (code == 0)


def test_a_list_that_is_taken_away_is_missed_in_plain_words(
    gateway: Gateway, tmp_path: Path, during: Callable[[Callable[[], object]], None]
) -> None:
    file = listed(tmp_path)
    during(Path(file).unlink)
    done = gateway.run(*words(file))
    assert (done.exit_code, gateway.count()) == (1, 0)
    assert "Nothing was queued: " in done.stderr
    assert f"{file} can't be read any more: No such file or directory. Put it back" in done.stderr
