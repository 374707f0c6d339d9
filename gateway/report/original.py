"""The list that a campaign was made from: the file as it was imported, or what to say when it is not that any more."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.merge.cells import printable

GONE = _("{file}: the list is not there any more, or can't be read. Name it with --list; or {way}")
CHANGED = _("{file}: is not the list as it was imported: it was changed since. Name that with --list; or {way}")
WAY = _("add --stored for a new workbook with what the gateway itself keeps of each row.")


def find(recorded: str, digest: str, given: Path | None = None) -> Path:
    """The file, if it is the same octet by octet; `given` is where a person says that it is now. GatewayError."""
    path = given or Path(recorded)
    try:
        with path.open("rb") as file:
            is_same = hashlib.file_digest(file, "sha256").hexdigest() == digest.lower()
    except OSError as problem:
        raise _problem(GONE, path) from problem
    if not is_same:
        raise _problem(CHANGED, path)
    return path


def _problem(sentence: str, path: Path) -> GatewayError:
    return GatewayError(sentence.format(file=printable(str(path)), way=WAY))
