"""Logging: structlog to standard error, lines for people on a terminal, JSON elsewhere; nothing private in either.
A fault that lasts is said now and then, not each time. The system's journal is told each line's weight.

Our own events take the short way; records of other packages go through the same steps by way of the standard library.
"""

from __future__ import annotations

import logging
import os
import select
import sys
import threading
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gateway.masking import masked
from gateway.repeats import Repeats

LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
# sd-daemon(3): what a line begins with whose reader is the journal, so that `journalctl -p warning` finds it.
WEIGHTS: Mapping[str, str] = {"debug": "<7>", "info": "<6>", "warning": "<4>", "error": "<3>", "critical": "<2>"}
PIECE = 1000  # characters, at most 4000 octets: a pipe that is ready takes 4096 (PIPE_BUF, pipe(7)) without waiting
PATIENCE_S = 1.0
LOST = '\n{"lines": %d, "event": "log_lines_lost", "level": "warning"}\n'
JOURNAL = "JOURNAL_STREAM"  # systemd.exec(5): device:inode of the stream that goes to the journal
# From which level on other packages are heard: below it they write PDUs, PINs, or nothing of interest. What its jobs
# meet daemon/housekeeping.py says itself; the scheduler would say it anew each time, with another time in it.
CHATTY: Mapping[str, int] = {
    "gsmmodem": logging.WARNING,
    "sqlite_utils": logging.WARNING,
    "apscheduler": logging.ERROR,
}


class Tolerant:
    """A stream whose reader may go away or stand still: the daemon sends on when its log can't be written (broken pipe,
    full disk, a full pipe, a terminal after Ctrl-S). The lines that were lost are counted, and said when it goes on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lost = 0
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        with self._lock, suppress(OSError, ValueError):  # ValueError: the stream was closed
            self._put(text)
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back but how many lines were lost."""
        with self._lock, suppress(OSError, ValueError):
            self._tell_lost()

    def _tell_lost(self) -> None:
        if self._lost and self._has_room():
            self._stream.write(LOST % self._lost)
            self._stream.flush()
            self._lost = 0

    def _put(self, text: str) -> None:
        self._tell_lost()
        for start in range(0, len(text), PIECE):
            if not self._has_room():
                self._lost += 1
                return
            self._stream.write(text[start : start + PIECE])
            self._stream.flush()

    def _has_room(self) -> bool:
        """Whether a piece goes without waiting; the first time a reader that is slow is waited for."""
        try:
            number = self._stream.fileno()
        except (OSError, ValueError):  # no file behind it
            return True
        return bool(select.select((), (number,), (), 0.0 if self._lost else PATIENCE_S)[1])


def configure(level: str = "info", log_format: str = "auto", stream: TextIO | None = None) -> None:
    """Set up logging for this process; `log_format` is console, json, or auto: console on a terminal."""
    target = sys.stderr if stream is None else stream
    output = cast(TextIO, Tolerant(target))
    is_console = log_format == "console" or (log_format == "auto" and target.isatty())
    last = _for_people(target.isatty()) if is_console else _for_machines(is_journal(target))
    structlog.configure(
        processors=[*_first_steps(), Repeats(), *last],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.WriteLoggerFactory(output),
        cache_logger_on_first_use=True,
    )
    _take_over_foreign(LEVELS[level], output, last)


def catch_up() -> None:
    """Say what was lost once the reader goes on: in a quiet hour no other line would bring it along."""
    for handler in logging.getLogger().handlers:
        handler.flush()


def is_journal(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether what is written there goes to the system's journal."""
    try:
        found = os.fstat(stream.fileno())
    except (OSError, ValueError):  # no file behind it
        return False
    return environment.get(JOURNAL) == f"{found.st_dev}:{found.st_ino}"


def _first_steps() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]


def _for_people(has_colours: bool) -> list[Processor]:
    renderer = structlog.dev.ConsoleRenderer(colors=has_colours, exception_formatter=structlog.dev.plain_traceback)
    return [structlog.processors.format_exc_info, _without_private, renderer]


def _for_machines(has_weights: bool) -> list[Processor]:
    plain = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    return [
        structlog.processors.ExceptionRenderer(plain),
        _without_private,
        _with_weight(render) if has_weights else render,
    ]


def _with_weight(render: Processor) -> Processor:
    def weighed(logger: WrappedLogger, method: str, event: EventDict) -> str:
        weight = WEIGHTS.get(str(event.get("level")), "")
        return weight + str(render(logger, method, event))

    return weighed


def _without_private(logger: WrappedLogger, method: str, event: EventDict) -> MutableMapping[str, Any]:
    return {key: masked(value, key) for key, value in event.items()}


def _take_over_foreign(level: int, output: TextIO, last: list[Processor]) -> None:
    handler = logging.StreamHandler(output)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    first = [structlog.stdlib.add_logger_name, *_first_steps()]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=[remove, *last], foreign_pre_chain=first))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in CHATTY.items():
        logging.getLogger(name).setLevel(max(level, least))
