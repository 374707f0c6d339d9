"""Sound and odd samples, one to a line; escapes as in Python, `#` begins a comment. Numbers and texts are invented."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def samples(name: str) -> tuple[bytes, ...]:
    """The samples of one file, as octets."""
    lines = (FOLDER / f"{name}.txt").read_text("ascii").splitlines()
    return tuple(line.encode("ascii").decode("unicode_escape").encode("latin-1") for line in lines if _is_sample(line))


@cache
def exchanges() -> tuple[tuple[str, bytes], ...]:
    """Commands with their answers; a PDU's command is `PDU`."""
    pairs = (sample.partition(b" <<< ") for sample in samples("exchanges"))
    return tuple((command.decode("ascii"), answer) for command, _, answer in pairs)


def _is_sample(line: str) -> bool:
    return bool(line.strip()) and not line.startswith("#")
