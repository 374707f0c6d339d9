"""[pure] What a file is, by its first octets and not by its name: programmes often lie about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum

from gateway.merge import compound_file

ZIP_MAGIC = b"PK\x03\x04"
HEAD = 1024  # octets that are enough to know
MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|table|meta|head|body)", re.IGNORECASE)


class Kind(Enum):
    """The sorts of files that people call a list."""

    XLSX = "xlsx"
    ODS = "ods"
    XLS = "xls"
    TEXT = "text"
    ENCRYPTED = "encrypted"
    MARKUP = "markup"  # a web page or XML that calls itself .xls
    OTHER = "other"


def of_head(head: bytes) -> Kind | None:
    """The kind by the first octets; None: look into the archive or compound file."""
    if head.startswith((ZIP_MAGIC, compound_file.MAGIC)):
        return None
    if MARKUP.match(head):
        return Kind.MARKUP
    if b"\x00" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Kind.OTHER
    return Kind.OTHER if head.startswith((b"%PDF", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")) else Kind.TEXT


def of_archive(names: Collection[str]) -> Kind:
    if "xl/workbook.xml" in names:
        return Kind.XLSX
    return Kind.ODS if "content.xml" in names else Kind.OTHER


def of_compound(names: Collection[str]) -> Kind:
    if "EncryptedPackage" in names:
        return Kind.ENCRYPTED
    return Kind.XLS if "Workbook" in names or "Book" in names else Kind.OTHER
