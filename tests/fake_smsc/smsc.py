"""A fake SMSC on a real socket, in one background thread.

with Smsc(accounts={"clinic": "secret"}) as smsc:
    …  # bind to smsc.host, smsc.port
    assert smsc.texts["79000000001"] == ["…"]
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import TypeVar

from tests.fake_smsc import codec
from tests.fake_smsc.codec import Bind, Submit
from tests.fake_smsc.conduct import Conduct, Fault, Luck
from tests.fake_smsc.service import Service
from tests.fake_smsc.session import Session

T = TypeVar("T")


class Smsc:
    """Every method may be called by any thread while it runs."""

    def __init__(
        self,
        conduct: Conduct | None = None,
        *,
        accounts: dict[str, str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        seed: int = 0,
    ) -> None:
        self.host, self.port = host, port
        self._tls = tls
        self._service = Service(conduct or Conduct(), accounts or {"clinic": "secret"}, seed)
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="fake-smsc", daemon=True)

    def __enter__(self) -> Smsc:
        self._thread.start()
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        self._service.loop.call_soon_threadsafe(self._service.loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._service.loop)
        self._service.loop.run_forever()
        self._service.loop.close()

    # Up and down.

    def open(self) -> None:
        """Listen; after `close` at the same port as before."""

        async def listen() -> None:
            self._server = await self._service.loop.create_server(
                lambda: Session(self._service), self.host, self.port, ssl=self._tls, reuse_address=True
            )
            self.port = self._server.sockets[0].getsockname()[1]

        asyncio.run_coroutine_threadsafe(listen(), self._service.loop).result(10)

    def close(self, how: str = "reset") -> None:
        """Stop listening and cut every link: `reset`, `close`, `stall`."""

        def shut() -> None:
            if self._server is not None:
                self._server.close()
                self._server = None
            for session in list(self._service.sessions):
                session.break_off(how)

        self.call(shut)

    # What it does.

    @property
    def conduct(self) -> Conduct:
        return self._service.conduct

    def behave(self, **changes: object) -> None:
        """Change the conduct, from the next PDU on."""

        def change() -> None:
            self._service.conduct = replace(self._service.conduct, **changes)  # type: ignore[arg-type]

        self.call(change)

    def luck(self, number: str, *states: str, is_received: bool = True) -> None:
        """What becomes of SMS to `number` (digits only): the receipts in order, none at all if no state is given."""
        self.behave(luck=self.conduct.luck | {number: Luck(states, is_received)})

    def break_at(self, at: str, how: str = "reset", after: int = 1) -> None:
        """Break the link the `after`-th time from now that it comes to `at`; see Fault."""
        self.call(lambda: self._service.faults.append(Fault(at, how, after)))

    def cut(self, how: str = "reset") -> None:
        """Break every link now, and go on listening."""
        self._each(lambda session: session.break_off(how))

    def send(self, octets: bytes) -> None:
        """Octets as they are to every client."""
        self._each(lambda session: session.write(octets))

    def ask(self, command: int, body: bytes = b"") -> None:
        """A request of the SMSC to every client: enquire_link, unbind, outbind, anything."""
        self._each(lambda session: session.ask(command, body))

    def say(
        self, source: str, octets: bytes, *, to: str = "clinic", system_id: str = "clinic", esm_class: int = 0,
        data_coding: int = 0, tlvs: bytes = b"", source_ton: int = 1,
    ) -> None:  # fmt: skip
        """A patient's SMS, or anything else that comes as deliver_sm."""
        body = codec.deliver_body(
            source, to, octets, esm_class=esm_class, data_coding=data_coding, tlvs=tlvs, source_ton=source_ton
        )
        self.call(lambda: self._service.deliver(system_id, body))

    # What it saw.

    @property
    def texts(self) -> dict[str, list[str]]:
        """What each phone got, by number without '+'."""
        return self.call(lambda: {number: list(texts) for number, texts in self._service.phones.texts.items()})

    @property
    def incomplete(self) -> int:
        """Long messages of which a part is missing."""
        return self.call(lambda: self._service.phones.incomplete)

    @property
    def taken(self) -> list[Submit]:
        """Every submit that was taken, in order."""
        return self.call(lambda: list(self._service.taken))

    @property
    def taken_at(self) -> list[float]:
        """The time of day of each of `taken`."""
        return self.call(lambda: list(self._service.taken_at))

    @property
    def binds(self) -> list[Bind]:
        return self.call(lambda: list(self._service.binds))

    @property
    def counts(self) -> Counter[str]:
        """connections, binds, unbinds, submits, refused, acknowledged, faults."""
        return self.call(lambda: Counter(self._service.counts))

    @property
    def complaints(self) -> list[str]:
        """What the client sent that is not SMPP; a good one gives cause for none."""
        return self.call(lambda: list(self._service.complaints))

    @property
    def statuses(self) -> list[int]:
        """The command_status of each deliver_sm_resp."""
        return self.call(lambda: list(self._service.statuses))

    def _each(self, do: Callable[[Session], object]) -> None:
        def run() -> None:
            for session in list(self._service.sessions):
                do(session)

        self.call(run)

    def call(self, function: Callable[[], T]) -> T:
        """Run it in the SMSC's own thread."""

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._service.loop).result(10)
