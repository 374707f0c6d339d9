"""[pure] What is said in a workbook's package of a sheet more: its content types, its relations, its place among the
sheets (ECMA-376 part 2, and part 1, 18.2.19)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Mapping
from itertools import count
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from gateway.report.parts import NotKept, appended, prefix_of

TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
STYLES = "xl/styles.xml"
SIGNATURES = "_xmlsignatures/"
TRANSITIONAL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DRAWING = "application/vnd.openxmlformats-officedocument.drawing"
# Folder of a part that is added -> its content type.
KINDS = {
    "xl/worksheets": f"{SPREADSHEET}.worksheet+xml",
    "xl/drawings": f"{DRAWING}+xml",
    "xl/charts": f"{DRAWING}ml.chart+xml",
}
NAME = re.compile(r"(sheet|drawing|chart)(\d+)\.xml")


def check(names: Collection[str]) -> None:
    """Raises NotKept for a package that is not as Office writes it, or is signed: a change breaks the signature."""
    missing = {TYPES, WORKBOOK, RELATIONS, STYLES} - set(names)
    odd = [name for name in names if "\\" in name or name.startswith(SIGNATURES)]
    if missing or odd or len(set(names)) < len(names):
        raise NotKept(min([*missing, *odd], default="zip"))


def is_1904(workbook: bytes) -> bool:
    """How the workbook counts its days."""
    found = ElementTree.fromstring(workbook).find(f"{TRANSITIONAL}workbookPr")
    return found is not None and found.get("date1904") in ("1", "true")


def sheet_names(workbook: bytes) -> list[str]:
    """Of all sheets. Raises NotKept for the Strict form of the standard, which ours is not."""
    root = ElementTree.fromstring(workbook)
    if root.tag != f"{TRANSITIONAL}workbook":
        raise NotKept("strict")
    return [each.get("name", "") for each in root.iter(f"{TRANSITIONAL}sheet")]


def free_suffix(names: Collection[str]) -> str:
    """What makes names of ours that no part has."""
    return next(
        end
        for number in count(1)
        if not any(f"_report{number}" in name for name in names)
        for end in [f"_report{number}"]
    )


def renamed(text: str, suffix: str) -> str:
    """Names of our parts, in a name or in relations between them."""
    return NAME.sub(rf"\1{suffix}_\2.xml", text)


def with_types(types: bytes, parts: Collection[str]) -> bytes:
    """The parts named among the content types; relations have theirs by their ending."""
    prefix = prefix_of(types, b"Types")
    kinds: Mapping[str, str] = {part: KINDS[posixpath.dirname(part)] for part in parts if not part.endswith(".rels")}
    added = "".join(f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return appended(types, b"Types", added.encode(), prefix)


def with_relation(relations: bytes, part: str) -> tuple[bytes, str]:
    """The relations of the workbook with one to the sheet, and its id."""
    taken = {each.get("Id") for each in ElementTree.fromstring(relations)}
    key = next(name for number in count(1) if (name := f"rIdReport{number}") not in taken)
    added = f'<Relationship Id="{key}" Type="{OFFICE}/worksheet" Target="{part.removeprefix("xl/")}"/>'
    return appended(relations, b"Relationships", added.encode(), prefix_of(relations, b"Relationships")), key


def with_sheet(workbook: bytes, name: str, relation: str) -> bytes:
    """The sheet as the last one: names that are defined refer to sheets by their place."""
    root = ElementTree.fromstring(workbook)
    number = 1 + max(int(each.get("sheetId", "0")) for each in root.iter(f"{TRANSITIONAL}sheet"))
    added = f'<sheet xmlns:r="{OFFICE}" name={quoteattr(name)} sheetId="{number}" r:id="{relation}"/>'
    return appended(workbook, b"sheets", added.encode(), prefix_of(workbook, b"workbook"))
