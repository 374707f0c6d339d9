"""Files that are lists although they are written unlike Excel's own: .xlsb, odd archives, encodings without a mark."""

from __future__ import annotations

import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.merge import compound_file, file_kind, scan_xlsb, text_file
from gateway.merge.cells import Flaw, tidied
from gateway.merge.marks import MAX_COLUMNS, Marks, TooWide
from gateway.merge.reading import kind_of
from gateway.merge.workbook import open_sheet
from tests.merge.lists import HEADINGS, person, prepared, refused, sent, write_xlsx
from tests.merge.test_bad_files import CONTENT, MANIFEST, compound, problem_of
from tests.merge.test_formats_of_files import PEOPLE, write_csv, write_ods
from tests.merge.xlsb import ERROR, record, write_xlsb

NAMES = [("Имя", "Телефон", "Врач"), ("Анна", "8 900 000-00-01", "Белова"), ("Вера", 79000000002, "Белова")]


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


# -- .xlsb ------------------------------------------------------------------------------------------------------------


def test_an_xlsb_is_read_like_any_list(tmp_path: Path) -> None:
    plan = prepared(write_xlsb(tmp_path / "list.xlsb", NAMES), "{Имя}, ваш врач {Врач}").plan
    assert [message.body for message in plan.messages] == ["Анна, ваш врач Белова", "Вера, ваш врач Белова"]
    assert sent(plan) == [(2, "+79000000001"), (3, "+79000000002")]


def test_hidden_rows_and_columns_of_an_xlsb_are_not_used(tmp_path: Path) -> None:
    path = write_xlsb(tmp_path / "list.xlsb", NAMES, hidden_rows=[2], hidden_columns=[2])
    made = prepared(path, "{Имя}, позвоните нам")
    assert (sent(made.plan), made.plan.hidden) == ([(3, "+79000000002")], 1)
    assert [column.index for column in made.layout.columns] == [0, 1]


def test_an_error_in_an_xlsb_is_refused_and_a_merged_cell_holds_for_each_row(tmp_path: Path) -> None:
    rows = [*NAMES, (ERROR, "8 900 000-00-03", None)]
    path = write_xlsb(tmp_path / "list.xlsb", rows, merged=[(2, 3, 2, 2)])
    plan = prepared(path, "{Имя}, ваш врач {Врач}").plan
    assert refused(plan) == [(4, "Имя", "cell_error")]
    assert [cells[2] for _row, cells in list(read(path))[2:]] == ["Белова", "Белова"]


def read(path: Path) -> list[tuple[int, list[object]]]:
    with open_sheet(path, None) as sheet:
        return [(row, list(cells)) for row, cells in sheet.rows]


def test_an_xlsb_with_a_cell_in_the_last_column_is_too_wide(tmp_path: Path) -> None:
    path = write_xlsb(tmp_path / "list.xlsb", [*NAMES, (*[None] * MAX_COLUMNS, "x")])
    assert "beyond the 200th column" in problem_of(path)


@given(st.binary(max_size=300))
def test_no_octets_of_an_xlsb_raise_anything_but_what_is_taken_for_damage(octets: bytes) -> None:
    whole = write_xlsb(BytesIO(), NAMES)  # type: ignore[arg-type]
    parts = parts_of(whole)
    parts["xl/worksheets/sheet1.bin"] = octets
    with zipfile.ZipFile(packed(BytesIO(), parts)) as archive:  # type: ignore[arg-type]
        try:
            marks = scan_xlsb.scan(archive, "Лист1")
        except (TooWide, LookupError, ValueError, scan_xlsb.struct.error):
            return
    assert isinstance(marks, Marks)


@given(st.integers(0, 0x3FFF), st.binary(max_size=400))
def test_a_record_of_an_xlsb_is_cut_out_whole(kind: int, body: bytes) -> None:
    assert list(scan_xlsb.records(record(kind, body) + record(1))) == [(kind, body), (1, b"")]


# -- odd archives -----------------------------------------------------------------------------------------------------


def test_an_archive_with_backslashes_in_its_names_is_read(tmp_path: Path) -> None:
    parts = parts_of(write_xlsx(tmp_path / "list.xlsx", NAMES))
    octets = packed(tmp_path / "odd.xlsx", parts).read_bytes()
    for name in parts:
        octets = octets.replace(name.encode(), name.replace("/", "\\").encode())
    (tmp_path / "odd.xlsx").write_bytes(octets)
    assert len(prepared(tmp_path / "odd.xlsx", "{Имя}!").plan.messages) == 2


ODD_ODS = {
    "indented": lambda parts: parts | {"content.xml": parts["content.xml"].replace(b"<table:", b"\n   <table:")},
    "without its type": lambda parts: {name: parts[name] for name in parts if name != "mimetype"},
}


@pytest.mark.parametrize("name", ODD_ODS)
def test_an_ods_that_another_programme_has_written_is_read(tmp_path: Path, name: str) -> None:
    parts = parts_of(write_ods(tmp_path / "list.ods", PEOPLE))
    path = packed(tmp_path / "odd.ods", ODD_ODS[name](parts))
    assert [message.row for message in prepared(path).plan.messages] == [4, 5, 6]


def test_an_ods_with_a_password_says_so(tmp_path: Path) -> None:
    locked = MANIFEST.replace("/></manifest:manifest>", "><manifest:encryption-data/></manifest:file-entry>")
    parts = {"META-INF/manifest.xml": (locked + "</manifest:manifest>").encode(), "content.xml": b"\x93\x01\x12"}
    assert "protected by a password" in problem_of(packed(tmp_path / "list.ods", parts))


@pytest.mark.parametrize("name", ["Workbook", "WORKBOOK", "BOOK", "book"])
def test_the_stream_of_an_xls_is_found_in_any_case(name: str) -> None:
    file = compound_file.parse(compound(name, b"records"))
    assert file_kind.of_compound([entry.name for entry in file.entries]) is file_kind.Kind.XLS
    assert (file.stream(name.swapcase()) or b"").startswith(b"records")


# -- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-32"])
def test_a_wide_encoding_is_known_without_a_mark(tmp_path: Path, encoding: str) -> None:
    made = prepared(write_csv(tmp_path / "list.csv", PEOPLE, encoding))
    assert [message.row for message in made.plan.messages] == [2, 3, 4]


@given(st.text("Имя ТелефонАнна;8 900 000-00-01\n", min_size=40), st.sampled_from(["utf-16-le", "utf-16-be"]))
def test_a_wide_encoding_is_never_taken_for_the_other_one(text: str, encoding: str) -> None:
    assert text_file.wide_encoding(text.encode(encoding)) in {encoding, None}


@given(st.binary(max_size=300).filter(lambda octets: 0 not in octets))
def test_octets_without_zeros_are_no_wide_encoding_unless_marked(octets: bytes) -> None:
    assert text_file.wide_encoding(octets) is None or octets[:2] in (b"\xff\xfe", b"\xfe\xff")


@pytest.mark.parametrize("encoding", text_file.CYRILLIC)
def test_finding_the_encoding_of_a_long_list_takes_no_more_room_than_its_text(encoding: str) -> None:
    octets = "Иванова;Анна;8 900 000-00-01\n".encode(encoding) * 20_000
    tracemalloc.start()
    try:
        text = text_file.decode(octets)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert text.startswith("Иванова;")
    assert peak < 6 * len(octets)  # two octets of memory for each sign, and twice as much for a moment


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_an_error(value: float) -> None:
    assert tidied(value) is Flaw.CELL_ERROR


def test_the_kind_of_a_file_is_told_by_its_contents(tmp_path: Path) -> None:
    assert kind_of(write_xlsb(tmp_path / "a.xls", NAMES)) is file_kind.Kind.XLSB
    assert kind_of(write_xlsx(tmp_path / "b.xlsb", [HEADINGS, person("1")])) is file_kind.Kind.XLSX


ANNA = '<table:table-cell office:value-type="string"><text:p>Анна</text:p></table:table-cell>'
FOLDED = ' table:visibility="collapse"'


def test_each_row_of_a_group_that_is_folded_up_is_hidden(tmp_path: Path) -> None:
    row, hidden = (f"<table:table-row{how}>{ANNA}</table:table-row>" for how in ("", FOLDED))
    group = f'{row}<table:table-row-group table:display="false">{hidden * 2}</table:table-row-group>{row}'
    parts = parts_of(write_ods(tmp_path / "list.ods", PEOPLE)) | {"content.xml": CONTENT.format(rows=group).encode()}
    with open_sheet(packed(tmp_path / "list.ods", parts), None) as sheet:
        assert (sheet.hidden_rows, [number for number, _cells in sheet.rows]) == ({2, 3}, [1, 2, 3, 4])


def test_just_the_columns_of_a_group_that_is_folded_up_are_hidden(tmp_path: Path) -> None:
    column, row = "<table:table-column{}/>", "<table:table-row>"
    group = f'<table:table-column-group table:display="false">{column.format(FOLDED) * 2}</table:table-column-group>'
    columns = f"{column.format('')}{group}{column.format('')}"
    content = CONTENT.format(rows=f"{row}{ANNA * 4}</table:table-row>").replace(row, columns + row)
    parts = parts_of(write_ods(tmp_path / "list.ods", PEOPLE)) | {"content.xml": content.encode()}
    with open_sheet(packed(tmp_path / "list.ods", parts), None) as sheet:
        assert sheet.hidden_columns == {1, 2}
