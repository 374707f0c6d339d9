"""Many modems at once, each with a radio of one second: what share of the ideal N SMS per second they reach."""

from __future__ import annotations

from collections.abc import Sequence

from scripts.benchmarks.journal import Submit
from scripts.benchmarks.rig import running
from scripts.benchmarks.rows import Row

SIZE = 34  # messages per modem: half a minute of steady state
FLEETS = (8, 32)
RADIO_S = 1.0
SETTLED = 2  # each modem's first submits are its start, not its steady state
AT_LEAST = (97.0,)
AIM = (99.5,)


def measure(size: int, fleets: Sequence[int] = FLEETS, radio_s: float = RADIO_S) -> list[Row]:
    """One row for each fleet."""
    return [_row(modems, radio_s, size) for modems in fleets]


def _row(modems: int, radio_s: float, size: int) -> Row:
    with running(modems, radio_s) as rig:
        rig.send(modems * size)
        share = share_of_ideal(rig.journal.read(), radio_s)
    figure = f"{modems} modems, radio {radio_s:g} s, share of the ideal {modems / radio_s:g} SMS/s"
    return Row(figure, (share * 100,), "%", AT_LEAST, AIM, is_more_better=True)


def share_of_ideal(submits: Sequence[Submit], radio_s: float) -> float:
    """The mean over the modems of radio time to cycle time, while all of them are busy."""
    answers: dict[str, list[float]] = {}
    for submit in submits:
        answers.setdefault(submit.modem, []).append(submit.answer_at)
    end = min(times[-1] for times in answers.values())
    steady = [[at for at in times[SETTLED:] if at <= end] for times in answers.values()]
    return sum((len(times) - 1) * radio_s / (times[-1] - times[0]) for times in steady) / len(steady)
