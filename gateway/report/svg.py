"""[pure] Bars as SVG inside a page: each line a name, its stacked parts, and what is said at its end.

No script, no font of its own, nothing from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway import forms
from gateway.report.harmless import for_page

WIDTH = 720  # of the drawing, in its own units; the page stretches it
NAME_WIDTH = 170
END_WIDTH = 120
BAR, GAP = 20, 8
BASELINE = 15  # of a text beside its bar
LONGEST_NAME = 24  # characters that have room
LEAST = 1.0  # a part that there is can be seen


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a bar."""

    name: str
    value: int
    fill: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One line."""

    name: str
    parts: Sequence[Part]
    end: str  # said behind it

    @property
    def value(self) -> int:
        return sum(part.value for part in self.parts)


def bars(title: str, lines: Sequence[Bar]) -> str:
    """All to one scale, from nought."""
    height = len(lines) * (BAR + GAP) + GAP
    most = max((line.value for line in lines), default=0) or 1
    scale = (WIDTH - NAME_WIDTH - END_WIDTH) / most
    drawn = "".join(_bar(line, GAP + place * (BAR + GAP), scale) for place, line in enumerate(lines))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{for_page(title)}">{drawn}</svg>'


def _bar(line: Bar, top: int, scale: float) -> str:
    left, drawn = float(NAME_WIDTH), []
    for part in line.parts:
        if part.value:
            width = max(part.value * scale, LEAST)
            drawn.append(_part(line, part, left, top, width))
            left += width
    name = line.name if len(line.name) <= LONGEST_NAME else line.name[: LONGEST_NAME - 1] + "…"
    label = f'<text x="{NAME_WIDTH - 8}" y="{top + BASELINE}" text-anchor="end">{for_page(name)}</text>'
    return f'{label}{"".join(drawn)}<text x="{left + 6:.1f}" y="{top + BASELINE}">{for_page(line.end)}</text>'


def _part(line: Bar, part: Part, left: float, top: int, width: float) -> str:
    told = for_page(f"{line.name}: {part.name} {forms.whole(part.value)}")
    rectangle = f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{BAR}" fill="{part.fill}">'
    return f"{rectangle}<title>{told}</title></rect>"
