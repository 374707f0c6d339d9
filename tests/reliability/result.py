"""One line of the table: what was done, what must hold, what was seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Result:
    """`seen` says it in words; `wrong` is empty when all that must hold did; None: it could not be tried here."""

    name: str
    done: str
    must: str
    seen: str
    wrong: Sequence[str] | None = ()
    recovery_s: float | None = None  # from the end of the fault to the first SMS
    pains: Sequence[int] = field(default_factory=tuple)
    kind: str = ""  # of a story: short, long

    @property
    def verdict(self) -> str:
        if self.wrong is None:
            return "not tried here"
        return "held" if not self.wrong else "**did not hold**"

    @property
    def row(self) -> str:
        recovery = "" if self.recovery_s is None else f"{self.recovery_s:.1f} s"
        said = self.seen if not self.wrong else f"{self.seen}: {'; '.join(list(self.wrong)[:3])}"
        return f"| {self.name} | {self.done} | {self.must} | {said} | {recovery} | {self.verdict} |"


HEAD = "| case | what was done | what must hold | what was seen | back after | |\n| --- | --- | --- | --- | --- | --- |"


def table(results: Sequence[Result]) -> str:
    return "\n".join([HEAD, *(result.row for result in results)])
