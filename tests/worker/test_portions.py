"""How much is written down at once: small portions for a patient SMSC and a quick disk, else large ones."""

from __future__ import annotations

import pytest

from gateway.worker.portions import LARGE, SMALL, Portions


@pytest.mark.parametrize(
    ("round_trip_s", "commits_s", "size"),
    [
        pytest.param(0.002, [0.002] * 3, LARGE, id="the SMSC answers at once"),
        pytest.param(0.05, [0.009], SMALL, id="it takes its time, the disk is quick"),
        pytest.param(0.05, [0.009, 0.003, 0.003], SMALL, id="and stays so"),
        pytest.param(0.05, [0.03], LARGE, id="the disk is slow"),
        pytest.param(0.05, [0.009, 0.02], LARGE, id="it becomes slow"),
        pytest.param(0.05, [0.009, 0.02, 0.03, 0.009], SMALL, id="and quick again"),
    ],
)
def test_the_size_follows_smsc_and_disk(round_trip_s: float, commits_s: list[float], size: int) -> None:
    portions = Portions()
    portions.handed_over(7, 100.0)
    portions.handed_over(8, 100.0)
    portions.answered(8, 100.001)
    portions.answered(7, 100.0 + round_trip_s)
    for took_s in commits_s:
        portions.written(took_s)
    assert portions.size == size


def test_after_a_fall_another_sms_is_timed() -> None:
    portions = Portions()
    portions.handed_over(7, 100.0)
    portions.fell()
    portions.handed_over(8, 200.0)
    portions.answered(7, 200.5)
    portions.answered(8, 200.001)
    portions.written(0.003)
    assert portions.size == LARGE
