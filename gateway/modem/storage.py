"""The modem's storages: read, list and delete messages by storage and index (3GPP TS 27.005, 3.2.2, 4.1, 4.2, 4.4).

Only the storage for reading is switched (AT+CPMS with one argument): some devices refuse three.
"""

from __future__ import annotations

from gateway.modem import answers, stored
from gateway.modem.at import Answer
from gateway.modem.session import GsmSession
from gateway.modem.stored import Stored

LIST_S = 30.0  # a SIM with 50 messages takes some 5 s at 115,200 baud; slow ones read each from the card
READ_S = 10.0
DELETE_S = 10.0
ALL = 4  # <stat>: read and unread, sent and unsent


class Storage:
    """What is stored in one modem; knows which storage is chosen for reading and how full each is."""

    def __init__(self, session: GsmSession, names: tuple[str, ...]) -> None:
        self.names = names
        self.fill: dict[str, tuple[int, int]] = {}  # storage -> (used, capacity), as last told
        self.own: dict[str, int] = {}  # storage -> messages that were written there, not received: they stay
        self._session = session
        self._chosen: str | None = None

    def list(self, name: str) -> list[Stored]:
        """All messages from the network in the storage `name`, which is measured by the way."""
        self._chosen = None
        if not self._choose(name):
            return []
        lines = self._in_pdu_mode(f"AT+CMGL={ALL}", LIST_S).lines
        self.own[name] = stored.count_own(lines)
        return stored.listed(lines)

    def measure(self) -> dict[str, tuple[int, int]]:
        """Storage -> (used, capacity) just now, of those that the modem lets us choose."""
        self.fill.clear()
        for name in self.names:
            self._chosen = None
            self._choose(name)
        return self.fill

    def read(self, name: str, index: int) -> Stored | None:
        """One message; None when the slot is empty, or not yet readable."""
        if not self._choose(name):
            return None
        answer = self._in_pdu_mode(f"AT+CMGR={index}", READ_S)
        return stored.read(answer.lines, index) if answer.is_ok else None

    def delete(self, name: str, index: int) -> bool:
        """Whether it is gone; an empty slot counts as gone only when the modem says so."""
        return self._choose(name) and self._session.ask(f"AT+CMGD={index}", DELETE_S).is_ok

    def _choose(self, name: str) -> bool:
        if self._chosen == name:
            return True
        answer = self._session.ask(f'AT+CPMS="{name}"')
        if answer.is_ok:
            self._chosen = name
            self._note_fill(name, answer)
        return answer.is_ok

    def _note_fill(self, name: str, answer: Answer) -> None:
        fill = answers.fill_in(answer.lines)
        if fill:
            self.fill[name] = fill

    def _in_pdu_mode(self, command: str, deadline_s: float) -> Answer:
        """The answer in PDU mode; a modem that fell back into text mode is set right once."""
        answer = self._session.ask(command, deadline_s)
        if not stored.is_text_mode(answer.lines):
            return answer
        self._session.ask("AT+CMGF=0")
        return self._session.ask(command, deadline_s)
