"""Files that can't be read: each ends in one sentence, and never takes the process with it."""

from __future__ import annotations

import os
import pickle
import struct
import zipfile
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, UsageProblem
from gateway.merge import compound_file, scan_xls, text_file
from gateway.merge.marks import MAX_COLUMNS
from gateway.merge.workbook import Patience, _Values, begun_early, open_sheet
from tests.merge.lists import HEADINGS, person, write_xlsx

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(stream_name: str, content: bytes) -> bytes:
    """A compound file with one stream: header, allocation table, directory, content (MS-CFB 2)."""
    content += b"\x00" * (max(4096 - len(content), 0) + -len(content) % SECTOR)
    sectors = len(content) // SECTOR
    fat = [FAT, END, *range(3, sectors + 2), END]
    header = compound_file.MAGIC + b"\x00" * 16 + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0, 0) + struct.pack("<I", FREE) * 108
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(SECTOR, b"\xff")
    return (
        header
        + table
        + entry("Root Entry", 5, END, 0)
        + entry(stream_name, 2, 2, len(content)).ljust(384, b"\x00")
        + content
    )


def entry(name: str, kind: int, start: int, size: int) -> bytes:
    text = (name + "\x00").encode("utf-16-le")
    return (
        text.ljust(64, b"\x00") + struct.pack("<HB", len(text), kind) + b"\x00" * 49 + struct.pack("<IQ", start, size)
    )


def problem_of(path: Path, sheet: str | None = None, patience: Patience | None = None) -> str:
    with pytest.raises(GatewayError) as raised, open_sheet(path, sheet, patience=patience) as opened:
        list(opened.rows)
    return str(raised.value)


BEGINNING = struct.pack("<HHHH", 0x0809, 4, 0x0600, 5)  # BOF of the workbook, BIFF8

BAD = {
    "nothing": (b"", "there is nothing in it"),
    "blanks": (b" \r\n\r\n ", "there is nothing in it"),
    "a web page": (b"<html><table><tr><td>8 900 000-00-01</td></tr></table></html>", "is a web page"),
    "a phone's contacts": (
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nTEL:+79000000001\r\nEND:VCARD\r\n",
        "Export the contacts as .csv",
    ),
    "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook/>', "is a web page or XML"),
    "a PDF": (b"%PDF-1.7\n1 0 obj", "is no workbook"),
    "a programme": (b"\x7fELF\x02\x01\x01" + bytes(64), "is no workbook"),
    "text in no encoding that we know": (b"\xff\xfe\x00", "is no workbook"),
    "half a zip": (b"PK\x03\x04" + bytes(60), "is damaged"),
    "half a compound file": (compound_file.MAGIC + bytes(600), "is no workbook"),
    "an encrypted workbook": (compound("EncryptedPackage", b"secret"), "protected by a password"),
    "an encrypted xls": (compound("Workbook", BEGINNING + struct.pack("<HHH", 0x2F, 2, 0)), "protected by a password"),
    "another compound file": (compound("WordDocument", b"text"), "is no workbook"),
}


@pytest.mark.parametrize(("content", "sentence"), BAD.values(), ids=BAD)
def test_a_file_that_is_no_list_is_named_with_the_reason(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    told = problem_of(path)
    assert sentence in told
    assert told.startswith(str(path))


def test_a_missing_file_a_folder_and_a_pipe_are_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "no such file" in problem_of(tmp_path / "missing.xlsx")
    assert "is no file" in problem_of(tmp_path)
    assert "is no file" in problem_of(tmp_path / "pipe")


def test_a_workbook_cut_short_anywhere_is_damaged(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", [HEADINGS, person("8 900 000-00-01")]).read_bytes()
    path = tmp_path / "cut.xlsx"
    for tenth in range(1, 10):
        path.write_bytes(whole[: len(whole) * tenth // 10])
        assert "is damaged" in problem_of(path)


def test_a_workbook_with_a_part_broken_is_damaged(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "whole.xlsx", [HEADINGS, person("8 900 000-00-01")])
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"):
        path = rewritten(whole, tmp_path / "broken.xlsx", {part: b"<broken"})
        assert any(words in problem_of(path) for words in ("is damaged", "nothing in it"))


def rewritten(source: Path, path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in archive.namelist():
            copy.writestr(name, parts.get(name, archive.read(name)))
    return path


def test_a_cell_in_the_last_column_of_the_sheet_is_refused_before_it_is_read(tmp_path: Path) -> None:
    def stray(_book: object, page: object) -> None:
        page.write(1048575, 16383, "x")  # type: ignore[attr-defined]

    path = write_xlsx(tmp_path / "wide.xlsx", [HEADINGS, person("8 900 000-00-01")], finish=stray)
    assert "beyond the 200th column" in problem_of(path)


def test_a_format_without_a_value_far_to_the_right_does_no_harm(tmp_path: Path) -> None:
    def paint(book: object, page: object) -> None:
        page.write_blank(1, 16383, None, book.add_format({"bold": True}))  # type: ignore[attr-defined]

    path = write_xlsx(tmp_path / "painted.xlsx", [HEADINGS, person("8 900 000-00-01")], finish=paint)
    with open_sheet(path, None) as sheet:
        assert len(list(sheet.rows)) == 2


def test_a_stray_cell_in_the_last_row_does_no_harm(tmp_path: Path) -> None:
    def stray(_book: object, page: object) -> None:
        page.write(1048575, 0, "x")  # type: ignore[attr-defined]

    path = write_xlsx(tmp_path / "long.xlsx", [HEADINGS, person("8 900 000-00-01")], finish=stray)
    with open_sheet(path, None) as sheet:
        assert [number for number, _cells in sheet.rows] == [1, 2, 1048576]


def test_an_archive_that_unpacks_into_gigabytes_is_refused(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "bomb.xlsx", [HEADINGS, person("8 900 000-00-01")])
    octets = path.read_bytes()
    start = octets.rfind(b"PK\x01\x02")  # the last entry of the central directory; 24: its unpacked size
    path.write_bytes(octets[: start + 24] + struct.pack("<I", 0x7FFFFFFF) + octets[start + 28 :])
    assert "too big" in problem_of(path)


def test_a_sheet_that_needs_more_memory_than_there_is_ends_in_a_sentence(tmp_path: Path) -> None:
    def stray(_book: object, page: object) -> None:
        page.write(1048575, MAX_COLUMNS - 1, "x")  # type: ignore[attr-defined]

    path = write_xlsx(tmp_path / "huge.xlsx", [HEADINGS, person("8 900 000-00-01")], finish=stray)
    assert "can't be read: it takes too much memory" in problem_of(path)


MANIFEST = (
    '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
    "</manifest:manifest>"
)
CONTENT = (
    '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)


def test_a_reader_that_says_nothing_for_too_long_is_given_up(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, person("8 900 000-00-01")])
    assert "takes too long" in problem_of(path, patience=Patience(0.0))


def test_so_is_one_that_goes_on_and_on_with_a_word_now_and_then(tmp_path: Path) -> None:
    ticks = count()  # a second goes by in each wait
    people = [person(f"8 900 000-{number:04}") for number in range(9000)]
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, *people])
    assert "takes too long" in problem_of(path, patience=Patience(10.0, lambda: float(next(ticks))))


def test_the_time_that_its_rows_are_worked_on_is_not_the_reader_s(tmp_path: Path) -> None:
    hours = [0.0]
    people = [person(f"8 900 000-{number:04}") for number in range(1500)]
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS, *people])
    with open_sheet(path, None, patience=Patience(10.0, lambda: hours[0])) as sheet:
        for _row in sheet.rows:
            hours[0] += 1
    assert hours == [1501]


def test_an_unknown_sheet_is_wrong_usage_and_the_sheets_are_named(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", [HEADINGS], more={"Хирургия": [HEADINGS]})
    with pytest.raises(UsageProblem, match="Лист1, Хирургия"), open_sheet(path, "Терапия"):
        pass


def test_a_workbook_of_empty_sheets_has_nothing_in_it(tmp_path: Path) -> None:
    assert "nothing in it" in problem_of(write_xlsx(tmp_path / "list.xlsx", []))


def test_the_reading_process_is_gone_when_the_sheet_is_left_early(tmp_path: Path) -> None:
    rows = [HEADINGS, *(person(f"8 900 000-{number:04}") for number in range(9000))]
    with open_sheet(write_xlsx(tmp_path / "list.xlsx", rows), None) as sheet:
        next(sheet.rows)
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_nothing_but_values_is_taken_from_the_reading_process() -> None:
    with pytest.raises(pickle.UnpicklingError):
        _Values(BytesIO(pickle.dumps(os.getcwd))).load()


@given(st.binary(max_size=2000))
def test_no_octets_make_the_compound_file_raise_anything_else(tail: bytes) -> None:
    try:
        file = compound_file.parse(compound_file.MAGIC + tail.ljust(504, b"\x00"))
    except compound_file.NotCompound:
        return
    for found in file.entries:
        assert len(file.stream(found.name) or b"") <= len(file.octets)


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=8))
def test_a_spoilt_compound_file_is_read_or_refused(place: int, octets: bytes) -> None:
    whole = compound("Workbook", BEGINNING)
    spoilt = whole[: 8 + place] + octets + whole[8 + place + len(octets) :]
    try:
        stream = scan_xls.workbook_stream(compound_file.parse(spoilt)) or b""
    except compound_file.NotCompound:
        return
    assert scan_xls.scan(stream, "Лист1").hidden_columns <= set(range(MAX_COLUMNS))


@given(st.binary(max_size=600))
def test_no_octets_make_the_xls_records_raise(octets: bytes) -> None:
    marks = scan_xls.scan(struct.pack("<HH", 0x0809, 0) + octets, "A")
    assert marks.hidden_columns <= set(range(MAX_COLUMNS))
    assert marks.hidden_rows <= set(range(1, 0x10001))


def test_sectors_that_point_at_themselves_yield_no_more_than_the_file_holds() -> None:
    """Each of 109 times the same sector of zeros as allocation table: its directory and its streams are rings."""
    header = bytearray(compound_file.MAGIC + bytes(504))
    struct.pack_into("<H", header, 30, 9)  # sectors of 512 octets
    file = compound_file.parse(bytes(header) + bytes(2 * SECTOR))
    assert len(file.fat) * 4 <= len(file.octets)
    assert len(file.entries) * compound_file.ENTRY_SIZE <= len(file.octets)
    assert len(file.stream("") or b"") <= len(file.octets)


@given(st.text(max_size=200))
def test_a_text_in_utf_8_is_always_decoded(text: str) -> None:
    octets = text.encode()
    if b"\x00" not in octets and not octets.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        assert text_file.decode(octets) == text


def test_a_reader_that_began_before_the_country_was_known_reads_a_text_file_by_it(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("姓名,电话\n王小明,8 900 000-00-01\n".encode("gb18030"))
    with begun_early(path, None) as reader, open_sheet(path, None, "CN", reader=reader) as sheet:
        assert [cells[0] for _number, cells in sheet.rows] == ["姓名", "王小明"]


def test_no_reader_begins_with_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "list.csv")
    for name in ("list.csv", "missing.xlsx", "."):
        with begun_early(tmp_path / name, None) as reader:
            assert reader is None
