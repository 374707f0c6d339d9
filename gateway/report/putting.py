"""A report's file comes into being whole or not at all: written under another name beside it, private, then renamed.

A power cut leaves the old file, or none, and maybe the unfinished one, in a folder whose name begins with a dot: the
next report of that name removes it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway import system_words
from gateway.errors import GatewayError
from gateway.i18n import _
from gateway.report import leftovers


@contextmanager
def put(target: Path, original: Path | None, *, force: bool = False) -> Iterator[Path]:
    """A private file to be filled, which at the end becomes `target`. Raises GatewayError; then nothing is left."""
    refuse(target, original, force=force)
    try:
        leftovers.sweep(target)
        with leftovers.folder(target) as folder:
            part = folder / target.name
            part.touch(0o600)  # patients' numbers and texts
            yield part
            _sync(part)
            _place(part, target, force)
        _sync(target.parent)
    except OSError as problem:
        sentence = _("{path} cannot be written: {reason}.")
        raise GatewayError(sentence.format(path=target, reason=system_words.reason(problem))) from problem


def refuse(target: Path, original: Path | None, *, force: bool) -> None:
    """Raises GatewayError for what may not, or can't, become a report."""
    if not target.parent.is_dir():
        raise GatewayError(_("There is no folder {path}.").format(path=target.parent))
    if target.exists() and original is not None and original.exists() and target.samefile(original):
        raise GatewayError(_("{path} is the list itself, which stays as it is: name another file.").format(path=target))
    if target.exists() and not target.is_file():
        raise GatewayError(_("{file}: is no file.").format(file=target))
    if target.exists() and not force:
        raise _there(target)


def _place(part: Path, target: Path, force: bool) -> None:
    """Without `force` what came there meanwhile stays: a link does not replace, as a rename would."""
    if not force:
        try:
            os.link(part, target)
            return
        except FileExistsError:
            raise _there(target) from None
        except OSError:  # a disk that knows no links, such as a USB stick's
            if target.exists():
                raise _there(target) from None
    os.replace(part, target)


def _there(target: Path) -> GatewayError:
    return GatewayError(_("{path} is there already: name another file, or add --force.").format(path=target))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
