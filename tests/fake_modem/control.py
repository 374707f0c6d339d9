"""Faults, plugs and incoming SMS by order of another process: a Unix socket, one JSON object per line each way.

    {"do": "fault", "modem": 1, "kind": "no_answer", "after": "AT+CMGS"}  ->  {"ok": true, "result": null}

`do` names a method of the modem's handle (`modem`: its number from 1, or its name) or of the bank; the other keys are
its arguments.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.fake_modem.loop import Loop

if TYPE_CHECKING:
    from tests.fake_modem.bank import Bank
    from tests.fake_modem.handle import Handle

OF_MODEM = frozenset(
    {
        *(
            "fault",
            "clear_faults",
            "say",
            "unplug",
            "plug",
            "reset",
            "recover",
            "lock",
            "register",
            "signal",
            "remove_sim",
        ),
        *("hang_until", "forget_settings", "reset_as", "search", "flap", "chatter", "pull_sim", "push_sim", "fill"),
        *("clock", "ussd", "charge"),
        *("patience", "deliver", "stored"),
    }
)
OF_BANK: dict[str, Callable[..., object]] = {
    "on_submit": lambda bank, recipient=None, rule="delivered", **changes: bank.on_submit(recipient, rule, **changes),
    "phones": lambda bank: {number: list(texts) for number, texts in bank.phones.items()},
    "submitted": lambda bank: len(bank.submitted),
    "ports": lambda bank: {modem.name: modem.port for modem in bank.modems},
    "add": lambda bank, **options: bank.add(**options).name,
    "move_sim": lambda bank, modem, to: _modem(bank, to).insert(_modem(bank, modem).sim),
    "switch_off": lambda bank, number: bank.switch_off(number),
    "switch_on": lambda bank, number: bank.switch_on(number),
    "congest": lambda bank, share=1.0, **options: bank.congest(share, **options),
    "balances": lambda bank: {modem.name: modem.account.balance for modem in bank.modems},
    "kept_back": lambda bank: [modem.kept_back for modem in bank.modems],
}


class Control:
    """Listens while the bank runs; the socket's file goes with it."""

    def __init__(self, bank: Bank, path: Path) -> None:
        self._bank, self._path = bank, path
        self._socket = socket.socket(socket.AF_UNIX)
        path.unlink(missing_ok=True)
        self._socket.bind(str(path))
        self._socket.listen()
        self._socket.setblocking(False)
        self._talks: set[_Talk] = set()
        bank.loop.watch(self._socket.fileno(), self._accept)

    def close(self) -> None:
        self._socket.close()
        for talk in self._talks:
            talk.connection.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        self._talks.add(_Talk(self._bank, self._socket.accept()[0], self._talks.discard))


class _Talk:
    """One connection."""

    def __init__(self, bank: Bank, connection: socket.socket, forget: Callable[[_Talk], None]) -> None:
        self._bank, self.connection, self._forget = bank, connection, forget
        self._loop: Loop = bank.loop
        self._unread = b""
        self._loop.watch(connection.fileno(), self._read)

    def _read(self) -> None:
        try:
            received = self.connection.recv(65536)
            self._take(received)
        except OSError:
            received = b""  # whoever gave orders went away without a word
        if not received:
            self._loop.forget(self.connection.fileno())
            self.connection.close()
            self._forget(self)

    def _take(self, received: bytes) -> None:
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            self.connection.sendall(json.dumps(_obey(self._bank, line), ensure_ascii=False).encode() + b"\n")


def _obey(bank: Bank, line: bytes) -> dict[str, object]:
    try:
        return {"ok": True, "at": time.monotonic(), "result": _do(bank, json.loads(line))}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
        return {"ok": False, "error": f"{type(problem).__name__}: {problem}"}


def _do(bank: Bank, order: dict[str, Any]) -> object:
    verb = order.pop("do")
    if verb in OF_MODEM:
        return getattr(_modem(bank, order.pop("modem", 1)), verb)(**order)
    if verb not in OF_BANK:
        raise ValueError(f"no order {verb!r}; there are {', '.join(sorted(OF_MODEM | set(OF_BANK)))}")
    return OF_BANK[verb](bank, **order)


def _modem(bank: Bank, which: int | str) -> Handle:
    """By its number from 1, or by its name."""
    if isinstance(which, int) and 1 <= which <= len(bank.modems):
        return bank.modems[which - 1]
    for modem in bank.modems:
        if modem.name == which:
            return modem
    raise ValueError(f"no modem {which!r}")


def order(path: Path, do: str, **arguments: object) -> Any:
    """For callers: give one order and have its result; ValueError with the bank's reason."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(json.dumps({"do": do, **arguments}).encode() + b"\n")
        with connection.makefile("r", encoding="utf-8") as answers:
            answer = json.loads(answers.readline())
    if not answer["ok"]:
        raise ValueError(answer["error"])
    return answer["result"]
