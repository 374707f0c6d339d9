"""The child process that reads a workbook: `python -m gateway.merge.child`, started by workbook.py.

It limits its own memory and time before it opens the file, and writes no core dump, which would hold patients' data.
What it has to say goes to standard output as pickled frames, each behind its length: the head or a problem, rows, the
end.
"""

from __future__ import annotations

import gc
import pickle
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import fields
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from gateway.merge.head import Problem, Row
from gateway.merge.reading import read

MEMORY = 1 << 30  # octets of address space: 100,000 rows of 8 cells need 0.2 GiB
CPU_S = 15  # of the processor: 100,000 rows need 2
LIMITS = {resource.RLIMIT_CORE: 0, resource.RLIMIT_AS: MEMORY, resource.RLIMIT_CPU: CPU_S}
ROWS_PER_FRAME = 500
LENGTH = struct.Struct(">I")


def main(path: str, sheet: str) -> None:
    """Read `path`; an empty `sheet` means the first visible one that has cells."""
    limit_itself()
    gc.disable()  # rows have no cycles
    try:
        head, rows = read(Path(path), sheet or None, _is_chinese)
        _write(("head", *(getattr(head, each.name) for each in fields(head))))
        _write_rows(rows)
    except Problem as problem:
        _write(("problem", problem.code, problem.names))
    except OSError as error:
        _write(("problem", "unreadable", (error.strerror or "",)))
    except MemoryError:
        _write(("problem", "too_big", ()))


def _is_chinese() -> bool:
    """The country comes by standard input: whoever started us may have to read it in the configuration first."""
    return sys.stdin.read() == "CN"


def limit_itself() -> None:
    """From here on this process can't have more memory and time than a list needs."""
    for kind, most in LIMITS.items():
        _limit(kind, most)


def _limit(kind: int, most: int) -> None:
    """No more than `most`, nor than what this process may have anyway."""
    hard = resource.getrlimit(kind)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (least, least))


def _write_rows(rows: Iterable[Row]) -> None:
    pending = iter(rows)
    while chunk := list(islice(pending, ROWS_PER_FRAME)):
        _write(("rows", chunk))
    _write(("end",))


def _write(frame: tuple[object, ...], stream: BinaryIO = sys.stdout.buffer) -> None:
    octets = pickle.dumps(frame, pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(octets)) + octets)
    stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:3])
