"""An abbreviation's dot at a sentence's end is the sentence's full stop too: people write it once."""

from __future__ import annotations

import pytest

from gateway.merge.filling import render
from gateway.merge.template import Column, compile_template

COLUMNS = (Column("Врач", 0), Column("Каб.", 1))
WRITTEN = {
    "initials": ("Ваш врач {Врач}.", "Белова Н. П.", "Ваш врач Белова Н. П."),
    "initials in the middle": ("Врач {Врач}. Ждём вас", "Белова Н. П.", "Врач Белова Н. П. Ждём вас"),
    "a name": ("Ваш врач {Врач}.", "Белова", "Ваш врач Белова."),
    "another sign": ("Ваш врач {Врач}?", "Белова Н. П.", "Ваш врач Белова Н. П.?"),
    "a comma": ("Врач {Врач}, ждём", "Белова Н. П.", "Врач Белова Н. П., ждём"),
    "dots of the template": ("Врач {Врач}...", "Белова Н. П.", "Врач Белова Н. П...."),
    "dots of the cell": ("{Врач}.", "Ждём...", "Ждём..."),
    "a default": ("Приём: {Врач|см. у рег.}.", None, "Приём: см. у рег."),
    "in a piece of its own": ("Ждём{?Врач: к врачу {Врач}}.", "Белова Н. П.", "Ждём к врачу Белова Н. П."),
    "a whole sentence of its own": ("Ждём{?Врач:. Врач {Врач}.}", "Белова Н. П.", "Ждём. Врач Белова Н. П."),
    "a piece that is left out": ("Ждём вас.{?Врач: Врач {Врач}}.", None, "Ждём вас."),
    "a piece that goes before": ("{?Врач:Врач {Врач}}{?Каб.:, каб. {Каб.}}.", "Белова Н. П.", "Врач Белова Н. П."),
    "a piece that is left out behind a blank": ("{Врач} {?Каб.:, каб. {Каб.}}.", "Белова Н. П.", "Белова Н. П."),
    "two pieces with a blank between": ("{?Врач:{Врач}} {?Каб.:каб. {Каб.}}.", "Белова Н. П.", "Белова Н. П."),
    "no sentence's end": ("{Врач}.рф", "clinic", "clinic.рф"),
}


@pytest.mark.parametrize(("template", "cell", "text"), WRITTEN.values(), ids=WRITTEN)
def test_two_full_stops_never_meet(template: str, cell: str | None, text: str) -> None:
    assert render(compile_template(template, COLUMNS), [cell, None]) == text
