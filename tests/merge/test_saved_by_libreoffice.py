"""The lists of clinic_lists opened and saved by LibreOffice 7.4 (Russian): the same verdicts in every format of its.

A text file has no filter and no merged cells: what was hidden is a person in it, a title is a line of one cell, and a
department that was merged over its patients stands with the first of them alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.merge.preparing import Source, prepare
from tests.merge.chinese_lists import BOOKINGS
from tests.merge.clinic_lists import ClinicList, verdicts_of
from tests.merge.english_lists import ROTA
from tests.merge.russian_lists import EXPORT

FOLDER = Path(__file__).with_name("saved_by_libreoffice")
LISTS: Mapping[str, ClinicList] = {"appointments": EXPORT, "bookings": BOOKINGS, "rota": ROTA}
OF_TEXT: Mapping[str, Mapping[int, str]] = {  # what is otherwise in the .csv
    "appointments": {5: "section", 8: "+79000000003", 9: "section"},
    "bookings": {4: "!empty_value", 6: "+79000000204 ?remark"},
    "rota": {},
}


@pytest.mark.parametrize("ending", ["xlsx", "xls", "ods", "csv"])
@pytest.mark.parametrize("name", LISTS)
def test_each_row_gets_the_verdict_that_it_had_before(name: str, ending: str) -> None:
    made = LISTS[name]
    wanted = made.verdicts() | (OF_TEXT[name] if ending == "csv" else {})
    plan = prepare(Source(FOLDER / f"{name}.{ending}", made.country), made.template).plan
    heading = next(row for row, verdict in wanted.items() if verdict == "heading")
    assert verdicts_of(plan, heading) == wanted
    bodies = {message.row: message.body for message in plan.messages}
    assert {row: bodies[row] for row in made.bodies.keys() & bodies.keys()} == {
        row: body for row, body in made.bodies.items() if wanted[row].startswith("+")
    }
