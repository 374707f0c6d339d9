"""Each benchmark runs in a tiny size, on real processes; how fast it was is not judged here."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from scripts.benchmarks import cost, fleet, smpp
from scripts.benchmarks.__main__ import FIGURES, main
from scripts.benchmarks.fleet import share_of_ideal
from scripts.benchmarks.journal import Submit, gaps
from scripts.benchmarks.rows import Row, median_and_p95

TINY = {  # figure -> its size here, and a row that it prints
    "gap": (3, "idle gap, backlog, radio 0 s"),
    "drain": (3, "drain, one modem, instant radio, delivered"),
    "wake": (2, "committed INSERT to AT+CMGS, idle modem"),
    "million": (8, "committed INSERT to AT+CMGS, 8 finished"),
    "import": (30, "import of 30 rows × 8 columns, 300 earlier messages"),
    "report": (30, "report of 30 rows × 8 columns, text"),
    "contacts": (30, "30 contacts × 8 columns, none of them new"),
    "cli": (1, "smsgw send"),
    "storm": (12, "storm of 12, until all but the first are held"),
    "soak": (40, "soak, messages lost"),
    "smpp_soak": (40, "smpp_soak, messages lost"),
}


@pytest.mark.parametrize("name", TINY)
def test_a_benchmark_prints_its_row(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    size, row = TINY[name]
    assert main([name, "--size", str(size)]) == 0
    assert row in capsys.readouterr().out


def test_a_fleet_reaches_a_share_of_the_ideal_that_is_possible() -> None:
    (row,) = fleet.measure(6, fleets=(2,), radio_s=0.05)
    assert 0 < row.measured[0] <= 100.5  # the journal's times may lie a little off the radio's


def test_the_cost_of_a_fleet_is_measured_on_the_daemon() -> None:
    rows = {row.figure: row for row in cost.measure(2, modems=2, rest_s=0.2)}
    assert rows["memory, 2 modems, peak"].measured[0] > 10  # no Python process is smaller
    assert rows["CPU per SMS, 2 modems, radio 1 s"].measured[0] > 0


def test_a_bind_is_measured_with_receipts_and_without_beside_others() -> None:
    rows = {row.figure: row for row in smpp.measure(3, answers=1)}
    for figure in ("bind, 3 SMS sent, answers after 0 ms", "bind, 3 SMS delivered, answers after 0 ms"):
        assert rows[figure].measured[0] > 0
    assert rows["modem beside a busy bind, idle gap, radio 0.2 s"].measured[0] > 0


def test_every_figure_is_run_here_in_a_tiny_size() -> None:
    assert {*TINY, "fleet", "cost", "smpp"} == set(FIGURES)


def test_an_unknown_figure_is_a_usage_error_that_names_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed"])
    assert ended.value.code == 2
    assert "gap, drain" in capsys.readouterr().err


def test_a_run_that_is_ended_early_prints_what_it_has_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def measure(_size: int) -> Iterator[Row]:
        yield Row("the first one", (1.0,), "s")
        raise KeyboardInterrupt

    monkeypatch.setitem(FIGURES, "gap", SimpleNamespace(SIZE=1, measure=measure))
    assert main(["gap"]) == 130
    assert "the first one" in capsys.readouterr().out


def test_gaps_are_counted_for_each_modem_alone() -> None:
    submits = [
        Submit("modem-1", "", 10.0, 11.0),
        Submit("modem-2", "", 10.5, 11.5),
        Submit("modem-1", "", 11.25, 12.0),
        Submit("modem-2", "", 12.0, 13.0),
    ]
    assert sorted(gaps(submits)) == [0.25, 0.5]


def test_a_fleet_that_needs_a_quarter_more_than_its_radio_reaches_80_per_cent() -> None:
    submits = [Submit(f"modem-{n}", "", at - 1.0, at) for n in (1, 2) for at in (5.0, 7.0, 8.25, 9.5, 10.75)]
    assert share_of_ideal(submits, radio_s=1.0) == pytest.approx(0.8)


def test_the_95th_percentile_is_a_sample_that_19_of_20_do_not_exceed() -> None:
    assert median_and_p95([float(n) for n in range(1, 21)]) == (10.0, 19.0)


@pytest.mark.parametrize(
    ("measured", "is_more_better", "verdict"),
    [
        pytest.param((3.0, 10.0), False, "aim", id="both values reach the aim"),
        pytest.param((3.0, 10.1), False, "goal", id="one value misses the aim"),
        pytest.param((10.1, 10.0), False, "below", id="one value misses the goal"),
        pytest.param((30.0, 30.0), True, "aim", id="more is better"),
    ],
)
def test_a_row_says_which_goal_it_reaches(measured: tuple[float, ...], is_more_better: bool, verdict: str) -> None:
    at_least, aim = ((10.0, 10.0), (20.0, 20.0)) if is_more_better else ((10.0, 30.0), (3.0, 10.0))
    assert Row("figure", measured, "ms", at_least, aim, is_more_better).verdict == verdict
