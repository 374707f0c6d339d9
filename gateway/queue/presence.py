"""Whether the database's name still leads to the file that this process has open.

A file that was removed, renamed or replaced under a running daemon stays open: it would work on with a queue that no
writer sees any more, and SQLite's journal, which goes by the name, would be mixed into the new file.
"""

from __future__ import annotations

import os
from pathlib import Path


class Presence:
    """Remembers the file; to be made while it is sure to be the right one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)

    def is_the_same(self) -> bool:
        """False only when that is sure: a disk that does not answer for a moment proves nothing."""
        try:
            return _identity(self._path) == self._identity
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            return True


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino
