"""[pure] The states of a carrier and every legal change between them, as a table.

The carrier itself says how its device is; its worker knows besides what a person has ordered (`paused`), what the
operator does (`blocked`), and when every remedy has been tried (`failed`). Each change is a row in `events`.
"""

from __future__ import annotations

from enum import StrEnum


class Life(StrEnum):
    """The state of a carrier, as carriers.state and `smsgw modems` say it."""

    ABSENT = "absent"  # no such port or device, or it can't be opened
    STARTING = "starting"  # it is being opened
    NEEDS_PIN = "needs_pin"  # the SIM wants a PIN or PUK, or there is no SIM: waits for a person
    SEARCHING = "searching"  # there, and without a network
    READY = "ready"  # it sends and receives
    PAUSED = "paused"  # a person took it out of service; it still receives
    RECOVERING = "recovering"  # it failed, and a remedy is being tried
    BLOCKED = "blocked"  # the operator refuses all that it sends: it rests, and still receives
    FAILED = "failed"  # every remedy was tried, or our own code fails with it: with an alarm, tried again now and then
    STOPPED = "stopped"  # the daemon does not run


_ANY = frozenset(Life)
_OUT = frozenset({Life.ABSENT, Life.RECOVERING, Life.FAILED, Life.STOPPED, Life.PAUSED, Life.STARTING})

MOVES: dict[Life, frozenset[Life]] = {
    Life.ABSENT: frozenset({Life.STARTING, Life.NEEDS_PIN, Life.SEARCHING, Life.READY, Life.BLOCKED}) | _OUT,
    Life.STARTING: _ANY,
    Life.NEEDS_PIN: frozenset({Life.SEARCHING, Life.READY, Life.BLOCKED}) | _OUT,
    Life.SEARCHING: frozenset({Life.READY, Life.NEEDS_PIN, Life.BLOCKED}) | _OUT,
    Life.READY: frozenset({Life.SEARCHING, Life.BLOCKED, Life.NEEDS_PIN}) | _OUT,
    Life.PAUSED: _ANY,
    Life.RECOVERING: _ANY,
    Life.BLOCKED: frozenset({Life.READY, Life.SEARCHING, Life.NEEDS_PIN}) | _OUT,
    Life.FAILED: _ANY,
    Life.STOPPED: frozenset({Life.STARTING, Life.ABSENT}),
}


def is_legal(from_state: Life, to_state: Life) -> bool:
    """Whether a carrier may go from one state to the other."""
    return from_state != to_state and to_state in MOVES[from_state]


def path(from_state: Life | None, to_state: Life) -> tuple[Life, ...] | None:
    """The states gone through, `to_state` last, by one who looks only now and then; None when there is no legal way.

    A carrier of a daemon that starts may be ready before the first look: it has been `starting` meanwhile.
    """
    if from_state is None or is_legal(from_state, to_state):
        return (to_state,)
    is_by_starting = is_legal(from_state, Life.STARTING) and is_legal(Life.STARTING, to_state)
    return (Life.STARTING, to_state) if is_by_starting else None
