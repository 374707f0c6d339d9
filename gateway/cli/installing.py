"""Files that an installation puts into the system, and that people may change: what they changed is left alone.

Each begins with a line that holds a checksum of the rest. Where it fits, nobody has touched the file since, and a newer
version may replace it; where not, or without such a line, the newer version is laid beside it under another name.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from gateway import system_words
from gateway.errors import GatewayError
from gateway.i18n import _

SEAL = "# Put here by `smsgw init --system`; to change it is fine. Checksum of what follows: {checksum}\n"
SEALED = re.compile(r"\A#[^\n]*: ([0-9a-f]{64})\n", re.ASCII)
BESIDE = ".new"


class Place(Enum):
    """What stands where a file is to go."""

    EMPTY = "nothing"
    SAME = "the same"
    OLDER = "an older version that nobody changed"
    CHANGED = "something that a person wrote or changed"


@dataclass(frozen=True, slots=True)
class File:
    """A file of ours for the system."""

    path: Path
    text: str
    mode: int = 0o644

    @property
    def sealed(self) -> str:
        return SEAL.format(checksum=_checksum(self.text)) + self.text

    @property
    def beside(self) -> Path:
        """Where the newer version goes when the older one was changed."""
        return self.path.with_name(self.path.name + BESIDE)


def place_of(file: File) -> Place:
    """What stands at the file's path now."""
    try:
        there = file.path.read_text("utf-8", "replace")
    except FileNotFoundError:
        return Place.EMPTY
    if there == file.sealed:
        return Place.SAME
    seal = SEALED.match(there)
    is_untouched = seal is not None and seal[1] == _checksum(there[seal.end() :])
    return Place.OLDER if is_untouched else Place.CHANGED


def write(file: File) -> Path:
    """Put it in place, or beside a changed one; where it is now. A power cut leaves the old one or the new one."""
    target = file.beside if place_of(file) is Place.CHANGED else file.path
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, file.mode), "w", encoding="utf-8") as opened:
            opened.write(file.sealed)
            opened.flush()
            os.fchmod(opened.fileno(), file.mode)
            os.fsync(opened.fileno())
        os.replace(part, target)
    except OSError as problem:
        sentence = _("{path} cannot be written: {reason}.")
        raise GatewayError(sentence.format(path=target, reason=system_words.reason(problem))) from problem
    return target


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
