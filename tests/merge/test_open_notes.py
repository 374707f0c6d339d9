"""Who gives the note that a list is open instead of the list is told which one is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import UsageProblem
from gateway.merge.workbook import open_sheet
from tests.merge.lists import HEADINGS, person, write_xlsx
from tests.merge.test_bad_files import problem_of

OWNER = b"\x09Clinic PC" + b" " * 45 + "\tClinic PC".encode("utf-16-le").ljust(109, b"\x00")  # 165 octets, as Excel's
LOCK = b",clinic,pc-1,23.11.2026 09:00,file:///home/clinic/.config/libreoffice/4;"
NOTES = {"Excel": ("~$list.xlsx", OWNER), "LibreOffice": (".~lock.list.xlsx#", LOCK)}


@pytest.mark.parametrize(("program", "note"), NOTES.items(), ids=NOTES)
def test_the_note_that_a_list_is_open_names_the_list(tmp_path: Path, program: str, note: tuple[str, bytes]) -> None:
    path = tmp_path / note[0]
    path.write_bytes(note[1])
    meant = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01")])
    told = f"{path}: is {program}'s note that “list.xlsx” is open. Save it there, and give {meant} instead."
    with pytest.raises(UsageProblem) as raised, open_sheet(path, None):
        pass
    assert str(raised.value) == told


def test_a_note_that_is_left_over_is_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "~$list.xlsx"
    path.write_bytes(OWNER)
    assert "is no workbook" in problem_of(path)


def test_a_list_is_read_though_its_name_begins_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "~$list.xlsx", [HEADINGS, person("8 900 000-00-01")])
    with open_sheet(path, None) as sheet:
        assert len(list(sheet.rows)) == 2
