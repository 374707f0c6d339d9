"""Files as people are told of them: from the root, and without the way round by which somebody typed them."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def whole(path: Path) -> Path:
    """Absolute; `clinic/../lists` is `lists`, unless a symbolic link makes another folder of it, or nobody can tell."""
    found = path.absolute()
    plain = Path(os.path.normpath(found))
    with suppress(OSError):
        if plain == found or os.path.samefile(plain.parent, found.parent):
            return plain
    return found
