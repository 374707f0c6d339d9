"""A file with a list -> its rows, read in a child process: a hostile or broken file can't take this process with it.

The frames that come back are unpickled with nothing but dates, times and our own Flaw allowed.
"""

from __future__ import annotations

import io
import os
import pickle
import select
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NoReturn

import gateway
from gateway import clock, system_words
from gateway.errors import GatewayError, UsageProblem
from gateway.i18n import _
from gateway.merge import open_notes
from gateway.merge.cells import Cell, printable

PATIENCE_S = 25.0  # 100,000 rows take 2 s, a list of any sort 30 s at most, with the start of the process and its end
Reader = subprocess.Popen[bytes]  # the child process; its pipes tell it the country, and us the frames
MAX_FRAME = 1 << 28  # octets; 500 rows with the longest texts that Excel holds
LENGTH_OCTETS = 4
ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}  # each of a thread's own would take 64 MB of the address space it is allowed

REASONS = {
    "empty": _("{file}: there is nothing in it."),
    "encrypted": _("{file}: is protected by a password. Save it without one and try again."),
    "corrupt": _("{file}: is damaged and can't be read. Open it in Excel, save it as .xlsx and try again."),
    "other": _("{file}: is no workbook. It takes .xlsx, .xlsm, .xlsb, .xls, .ods and .csv."),
    "open_quote": _("{file}: a quotation mark opens in row {names} and is not closed there. Correct it and try again."),
    "markup": _("{file}: is a web page or XML under an Excel name. Open it in Excel and save it as .xlsx."),
    "vcard": _("{file}: is a vCard, the contacts of a phone, and no table. Export the contacts as .csv."),
    "too_wide": _("{file}: has cells beyond the 200th column. Copy the list into a new workbook."),
    "too_big": _("{file}: is too big to be a list. Split it, or copy the list into a new workbook."),
    "missing": _("{file}: there is no such file."),
    "no_file": _("{file}: is no file."),
    "unreadable": _("{file}: can't be read: {names}."),
    "no_sheet": _("{file}: has no such sheet. It has: {names}."),
    "silent": _("{file}: reading it takes too long. Split it, or copy the list into a new workbook."),
    "crashed": _(
        "{file}: can't be read: it takes too much memory or time, or is damaged. Copy the list into a new workbook."
    ),
}
USAGE = frozenset({"no_sheet", "missing", "no_file"})  # the command was wrong, not the file
HARMLESS = frozenset(
    {("datetime", "date"), ("datetime", "datetime"), ("datetime", "time"), ("datetime", "timedelta")}
    | {("gateway.merge.cells", "Flaw"), ("builtins", "frozenset")}
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet on its way in: `rows` can be walked once."""

    name: str  # "" for a text file
    other_sheets: tuple[str, ...]  # visible ones that are not read
    hidden_rows: frozenset[int]  # the workbook's own numbers
    hidden_columns: frozenset[int]  # from 0
    banner_rows: frozenset[int]  # a cell merged over several columns stands there: a title or a section
    height: int  # rows with the blank ones; 0: not known
    rows: Iterator[tuple[int, list[Cell]]] = field(repr=False, kw_only=True)  # blank rows are left out


@dataclass(slots=True)
class Patience:
    """How long the child is waited for in all. What is done with its rows between two waits takes nothing of it."""

    left_s: float = PATIENCE_S
    monotonic: Callable[[], float] = clock.REAL.monotonic

    def has_more(self, pipe: IO[bytes]) -> bool:
        """Whether the child says something, or ends, while it lasts."""
        start = self.monotonic()
        is_said = bool(select.select([pipe], [], [], self.left_s)[0])
        self.left_s -= self.monotonic() - start
        return is_said and self.left_s > 0


@contextmanager
def open_sheet(
    path: Path,
    sheet: str | None,
    country: str = "",
    patience: Patience | None = None,
    reader: Reader | None = None,
) -> Iterator[Sheet]:
    """The sheet called `sheet`, else the first visible one with cells. Raises GatewayError, also from `rows`.

    `reader`: one that has begun with the same sheet.
    """
    _check_is_file(path)
    with nullcontext(reader) if reader else begun(path, sheet) as process:
        pipe = _told(process, country)
        frames = _frames(pipe, path, patience or Patience())
        _kind, *head = next(frames)
        yield Sheet(*head, rows=(row for each in frames for row in each[1]))


def _check_is_file(path: Path) -> None:
    open_notes.refuse(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise _refusal("no_file", path)
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise _refusal("missing", path) from error
    except OSError as error:
        raise _refusal("unreadable", path, (system_words.reason(error),)) from error


@contextmanager
def begun_early(path: Path, sheet: str | None) -> Iterator[Reader | None]:
    """A reader that is at work before it is known what of: a workbook takes it a second to its first row.

    None for what is no file: opening that may never come back, and `open_sheet` says what it is.
    """
    with begun(path, sheet) if os.path.isfile(path) else nullcontext() as reader:
        yield reader


@contextmanager
def begun(path: Path, sheet: str | None) -> Iterator[Reader]:
    folders = [str(Path(gateway.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "gateway.merge.child", str(path), sheet or ""],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a broken file may make it print what stands in the file
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": os.pathsep.join(filter(None, folders))},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _told(reader: Reader, country: str) -> IO[bytes]:
    """Tell it the country, which only a text file waits for; from what comes back the frames are read."""
    assert reader.stdin is not None
    assert reader.stdout is not None
    with suppress(BrokenPipeError):  # it has ended, and its frames say why
        os.write(reader.stdin.fileno(), country.encode())
    reader.stdin.close()
    return reader.stdout


def _frames(pipe: IO[bytes], path: Path, patience: Patience) -> Iterator[tuple[Any, ...]]:
    """The head, then the rows; a problem is raised."""
    while True:
        frame = _frame(pipe, path, patience)
        if frame[0] == "problem":
            raise _refusal(frame[1], path, frame[2])
        if frame[0] == "end":
            return
        yield frame


def _frame(pipe: IO[bytes], path: Path, patience: Patience) -> tuple[Any, ...]:
    length = int.from_bytes(_exactly(pipe, LENGTH_OCTETS, path, patience))
    if length > MAX_FRAME:
        raise _refusal("too_big", path)
    frame: tuple[Any, ...] = _Values(io.BytesIO(_exactly(pipe, length, path, patience))).load()
    return frame


def _exactly(pipe: IO[bytes], count: int, path: Path, patience: Patience) -> bytes:
    octets = bytearray()
    while len(octets) < count:
        if not patience.has_more(pipe):
            raise _refusal("silent", path)
        block = os.read(pipe.fileno(), count - len(octets))
        if not block:
            raise _refusal("crashed", path)
        octets += block
    return bytes(octets)


def refuse_slow(path: Path) -> NoReturn:
    """Raises what is said of a list that takes too long."""
    raise _refusal("silent", path)


def _refusal(code: str, path: Path, names: tuple[str, ...] = ()) -> GatewayError:
    kind = UsageProblem if code in USAGE else GatewayError
    return kind(REASONS[code].format(file=path, names=printable(", ".join(names))))


class _Values(pickle.Unpickler):
    """Takes the values of cells and nothing else: the child has read a file that we don't trust."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in HARMLESS:
            raise pickle.UnpicklingError(f"{module}.{name} is no value of a cell")
        return super().find_class(module, name)
