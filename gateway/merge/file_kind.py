"""[pure] What a file is, by its first octets and not by its name: programmes often lie about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum

from gateway.merge import compound_file, text_file

ZIP_MAGIC = b"PK\x03\x04"
HEAD = 1024  # octets that are enough to know
MARKUP = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!doctype|html|table|meta|head|body)", re.IGNORECASE)
VCARD = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE)


class Kind(Enum):
    """The sorts of files that people call a list."""

    XLSX = "xlsx"
    XLSB = "xlsb"
    ODS = "ods"
    XLS = "xls"
    TEXT = "text"
    ENCRYPTED = "encrypted"
    MARKUP = "markup"  # a web page or XML that calls itself .xls
    VCARD = "vcard"  # the contacts of a phone
    OTHER = "other"


def of_head(head: bytes) -> Kind | None:
    """The kind by the first octets; None: look into the archive or compound file."""
    if head.startswith((ZIP_MAGIC, compound_file.MAGIC)):
        return None
    if MARKUP.match(head):
        return Kind.MARKUP
    if VCARD.match(head):
        return Kind.VCARD
    if b"\x00" in head and text_file.wide_encoding(head) is None:
        return Kind.OTHER
    return Kind.OTHER if head.startswith((b"%PDF", b"{\\rtf", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")) else Kind.TEXT


def of_archive(names: Collection[str]) -> Kind:
    plain = {name.replace("\\", "/") for name in names}
    if "xl/workbook.xml" in plain:
        return Kind.XLSX
    if "xl/workbook.bin" in plain:
        return Kind.XLSB
    return Kind.ODS if "content.xml" in names else Kind.OTHER


def of_compound(names: Collection[str]) -> Kind:
    if "EncryptedPackage" in names:
        return Kind.ENCRYPTED
    return Kind.XLS if {"workbook", "book"} & {name.lower() for name in names} else Kind.OTHER
