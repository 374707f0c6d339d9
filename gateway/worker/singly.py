"""A turn is written at once; where one row refuses, once more, each row by itself (queue/alone.py)."""

from __future__ import annotations

from typing import Protocol, TypeVar

import structlog

from gateway.queue.alone import FAULTS

T = TypeVar("T", covariant=True)
log = structlog.get_logger("gateway.worker")


class Write(Protocol[T]):
    """What is to be written, at once or row by row."""

    def __call__(self, *, singly: bool) -> T: ...


def or_singly(write: Write[T], carrier: str) -> T:
    """What came of it."""
    try:
        return write(singly=False)
    except FAULTS as fault:
        log.error("turn_not_writable", carrier=carrier, fault=type(fault).__name__)
        return write(singly=True)
