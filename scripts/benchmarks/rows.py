"""[pure] What a benchmark gives back: a row with the measured values and the goals beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. Two values are median and 95th percentile, in measured, at_least and aim alike."""

    figure: str
    measured: Values
    unit: str
    at_least: Values = ()
    aim: Values = ()
    is_more_better: bool = False

    @property
    def verdict(self) -> str:
        """Which goal is reached: aim, goal, below; empty for a figure without one."""
        if not self.at_least:
            return ""
        if self.aim and self._reaches(self.aim):
            return "aim"
        return "goal" if self._reaches(self.at_least) else "below"

    def cells(self) -> tuple[str, str, str, str, str]:
        """For a table: figure, measured, at least, aim, verdict."""
        return self.figure, self._text(self.measured), self._text(self.at_least), self._text(self.aim), self.verdict

    def _reaches(self, goals: Values) -> bool:
        pairs = zip(self.measured, goals, strict=False)
        return all(value >= goal if self.is_more_better else value <= goal for value, goal in pairs)

    def _text(self, values: Values) -> str:
        return f"{' / '.join(_short(value) for value in values)} {self.unit}" if values else ""


def median(samples: Sequence[float]) -> float:
    return percentile(samples, 50)


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the smallest sample that `share` per cent of the samples do not exceed."""
    ordered = sorted(samples)
    rank = max(1, -(-len(ordered) * share // 100))
    return ordered[int(rank) - 1]


def median_and_p95(samples: Sequence[float], scale: float = 1.0) -> Values:
    """Both, multiplied by `scale`: 1000 makes milliseconds of seconds."""
    return median(samples) * scale, percentile(samples, 95) * scale


def _short(value: float) -> str:
    """Three significant digits, and no fewer than the whole part has: 0.123, 12.3, 1234."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:.{digits}f}"
