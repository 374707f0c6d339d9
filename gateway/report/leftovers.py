"""The private folder in which a report is made, and what an earlier one left of it that was killed: patients' data.

Whoever makes a report holds a lock on its folder, and a lock goes with its process: a folder that nobody holds is
nobody's. On a disk that knows no locks nothing is removed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

END = ".part"


@contextmanager
def folder(target: Path) -> Iterator[Path]:
    """Beside the target, and gone at the end."""
    with tempfile.TemporaryDirectory(prefix=_begin(target), suffix=END, dir=target.parent) as name:
        descriptor = os.open(name, os.O_RDONLY)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Path(name)
        finally:
            os.close(descriptor)


def sweep(target: Path) -> None:
    """Remove the folders that earlier reports of this name have left."""
    for each in target.parent.glob(f"{escape(_begin(target))}*{END}"):
        with suppress(OSError):
            _remove_if_nobodys(each)


def _remove_if_nobodys(path: Path) -> None:
    """Raises OSError for one that is in use, or somebody else's."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path)
    finally:
        os.close(descriptor)


def _begin(target: Path) -> str:
    return f".{target.name}."
