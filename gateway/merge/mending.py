"""An archive as our readers take it: what other programmes write a little differently is put right in memory.

Backslashes in the names of the parts (.NET on Windows), an .ods without its `mimetype`, and blanks between the cells
of an .ods that a programme has indented. A file that needs nothing is read from the disk. An .ods that would be too
big once its repeated rows are laid out is refused here, while it is small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from gateway.merge.extent_ods import extent
from gateway.merge.head import Problem
from gateway.merge.parts_ods import CONTENT, pieces

MIME_TYPE = "mimetype"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = "META-INF/manifest.xml"
ENCRYPTED = b"encryption-data"
BETWEEN_CELLS = re.compile(rb"(</?table:(?:covered-)?table-(?:cell|row|column)[^>]*>|</text:p>)\s+(?=</?table:|\Z)")
MAX_MENDED = 100 << 20  # octets of one part; what is larger is left as it is
MOST_FILLED = 4 << 20  # cells with something in them: 500,000 rows of 8, read in some seconds
MOST_CELLS = 12 << 20  # with blank ones, of 64 octets each: three quarters of what the reading process may have


def mended(path: Path) -> BinaryIO:
    """The file, or a better copy of it. Raises Problem for an encrypted one."""
    with ZipFile(path) as archive:
        names = archive.namelist()
        if CONTENT not in names:
            return _renamed(archive) if any("\\" in name for name in names) else path.open("rb")
        if MANIFEST in names and ENCRYPTED in archive.read(MANIFEST):
            raise Problem("encrypted")
        _check_size(archive)
        return _mended_ods(archive, names) or path.open("rb")


def _check_size(archive: ZipFile) -> None:
    """Raises Problem."""
    with archive.open(CONTENT) as stream:
        found = extent(pieces(stream))
    if found.filled > MOST_FILLED or found.laid_out > MOST_CELLS:
        raise Problem("too_big")


def _renamed(archive: ZipFile) -> BinaryIO:
    return _packed({name.replace("\\", "/"): archive.read(name) for name in archive.namelist()})


def _mended_ods(archive: ZipFile, names: list[str]) -> BinaryIO | None:
    """None when nothing is to be mended."""
    if archive.getinfo(CONTENT).file_size > MAX_MENDED or (MIME_TYPE in names and not _is_loose(archive)):
        return None
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_DEFLATED, compresslevel=1) as copy:
        copy.writestr(MIME_TYPE, ODS, ZIP_STORED)
        copy.writestr(MANIFEST, archive.read(MANIFEST) if MANIFEST in names else b"")
        with archive.open(CONTENT) as loose, copy.open(CONTENT, "w") as tight:
            tight.writelines(tightened(pieces(loose)))
    octets.seek(0)
    return octets


def tightened(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Without the blanks between cells. A piece ends before a row, so that blanks at its end are such ones."""
    return (BETWEEN_CELLS.sub(rb"\1", piece) for piece in pieces)


def _is_loose(archive: ZipFile) -> bool:
    with archive.open(CONTENT) as stream:
        return any(BETWEEN_CELLS.search(piece) for piece in pieces(stream))


def _packed(parts: dict[str, bytes]) -> BinaryIO:
    octets = BytesIO()
    with ZipFile(octets, "w", ZIP_STORED) as copy:
        for name, content in parts.items():
            copy.writestr(name, content)
    octets.seek(0)
    return octets
