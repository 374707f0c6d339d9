"""Opening a port: ours alone by both signs, given back at the end; in use, the error names who has it."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator

import pytest

from gateway.errors import CarrierLost, Cause
from gateway.modem import holders
from gateway.modem.holders import Holder
from gateway.modem.ports import in_use, open_port
from tests.modem.test_holders import LOCK, another_program

NOBODY = 65534  # the user that owns nothing

TIOCGEXCL = 0x80045440  # asm-generic/ioctls.h


@pytest.fixture
def terminal() -> Iterator[int]:
    """The slave's descriptor; its name is the port."""
    master, slave = os.openpty()
    yield slave
    os.close(master)
    os.close(slave)


def is_exclusive(terminal: int) -> bool:
    return bool(struct.unpack("i", fcntl.ioctl(terminal, TIOCGEXCL, bytes(4)))[0])


def is_locked(terminal: int) -> bool:
    """As another program would find it that had opened the port before."""
    try:
        fcntl.flock(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(terminal, fcntl.LOCK_UN)
    return False


def test_programs_that_go_by_locks_notice(terminal: int) -> None:
    with open_port(os.ttyname(terminal), 115200):
        assert is_locked(terminal)
    assert not is_locked(terminal)


def test_programs_that_go_by_the_terminals_own_mark_notice(terminal: int) -> None:
    with open_port(os.ttyname(terminal), 115200):
        assert is_exclusive(terminal)
    assert not is_exclusive(terminal)


def test_who_has_the_port_is_named_with_its_number(terminal: int) -> None:
    port = os.ttyname(terminal)
    with another_program(port, LOCK) as process, pytest.raises(CarrierLost, match=str(process.pid)) as caught:
        open_port(port, 115200)
    assert caught.value.cause is Cause.FORBIDDEN


def test_a_port_that_another_program_has_open_without_a_lock_is_left_alone(
    terminal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "others_with", lambda _port: [Holder(812, "minicom")])
    with pytest.raises(CarrierLost, match=r"minicom \(812\)"):
        open_port(os.ttyname(terminal), 115200)
    assert not is_exclusive(terminal)


def test_a_port_that_this_user_may_not_open_is_told_with_all_that_it_takes(terminal: int) -> None:
    os.fchmod(terminal, 0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(CarrierLost, match=r"usermod -aG dialout USER\), then log in again") as caught:
            open_port(os.ttyname(terminal), 115200)
    finally:
        if is_root:
            os.seteuid(0)
    assert caught.value.cause is Cause.FORBIDDEN


def test_modem_managers_grip_is_told_with_what_ends_it() -> None:
    assert "udev rule" in str(in_use("/dev/ttyUSB0", [Holder(712, "ModemManager")]))


@pytest.mark.parametrize(
    ("port", "cause", "words"),
    [("/dev/no-such-port", Cause.ABSENT, "does not exist"), ("/dev/null", Cause.FORBIDDEN, "serial port")],
)
def test_a_port_that_is_none_says_so(port: str, cause: Cause, words: str) -> None:
    with pytest.raises(CarrierLost, match=words) as caught:
        open_port(port, 115200)
    assert caught.value.cause is cause
