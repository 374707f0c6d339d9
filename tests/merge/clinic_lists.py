"""Lists as administrators really make them: each row with the verdict that it must get, written beside it.

The verdicts were written down with the rows, as a careful person would judge them, and not taken from what the program
said. `+79000000001` alone is a message to that number; ` ?code` behind it what is said of it; `!code` a refused row;
`hidden`, `title` (also one merged over the list), `heading`, `section`, … a row that is nobody; BLANK one of which
nothing is said at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gateway.merge.plan import Plan
from gateway.merge.preparing import Source, prepare

BLANK = ""
Row = tuple[object, ...]  # the verdict, then the cells


@dataclass(frozen=True)
class ClinicList:
    """`write` makes the file, with the formats, merged cells and filters that it has in life."""

    file: str
    made_by: str
    template: str
    rows: Sequence[Row]
    write: Callable[[Path, Sequence[Sequence[object]]], Path]
    bodies: Mapping[int, str]  # some of the texts, by row
    country: str = "RU"
    options: Mapping[str, object] = field(default_factory=dict)

    def verdicts(self) -> dict[int, str]:
        return {row: str(verdict) for row, (verdict, *_cells) in enumerate(self.rows, 1) if verdict != BLANK}

    def plan(self, folder: Path) -> Plan:
        path = self.write(folder / self.file, [cells for _verdict, *cells in self.rows])
        return prepare(Source(path, self.country, **self.options), self.template).plan  # type: ignore[arg-type]


def verdicts_of(plan: Plan, heading: int) -> dict[int, str]:
    """What the program says of each row, in the same words."""
    said = ({heading: "heading"} if heading else {}) | dict(plan.passed_over)
    for message in plan.messages:
        said[message.row] = " ".join(filter(None, (said.get(message.row), message.msisdn)))
    said |= {problem.row: f"!{problem.code}" for problem in plan.refused}
    for problem in plan.warnings:
        known = said.get(problem.row)
        said[problem.row] = "hidden" if problem.code == "hidden_row" else f"{known} ?{problem.code}"
    return said
