"""Each make's conversation as it was recorded, replayed through start-up: transcripts/README.md has the form."""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gateway.modem import network, probing, quirks, startup
from gateway.modem.probing import Found
from gateway.modem.session import GsmSession
from tests.modem.live import Memory
from tests.modem.peer import Peer

FILES = {path.stem: path for path in sorted(Path(__file__).with_name("transcripts").glob("*.txt"))}
FRAMING = {"crlf": ("\r\n", "\r\n"), "cr": ("", "\r")}
ALWAYS = {"AT": ["OK"], "AT+CMGF?": ["+CMGF: 0", "OK"]}  # how a line is brought in step, where nothing else is said


@dataclass
class Transcript:
    """A file, and how far its conversation has come."""

    expected: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, list[list[str]]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, name: str) -> Transcript:
        made, lines = cls(), FILES[name].read_text().splitlines()
        for line in lines:
            sign, _, rest = line.partition(" ")
            if sign == ":":
                key, _, value = rest.partition(" ")
                made.expected[key].append(value)
            elif sign == ">":
                command = rest
                made.answers[command].append([])
            elif sign in ("!", "<"):
                made.answers[command][-1].append(rest)
            else:
                assert sign == "#", f"{name}: {line!r} is no line of a transcript"
        return made

    def word(self, key: str, default: str = "") -> str:
        return next(iter(self.expected.get(key, ())), default)

    def answer(self, command: str) -> bytes:
        """The next answer to the command."""
        start, end = FRAMING[self.word("framing", "crlf")]
        turns = self.answers.get(command)
        lines = ALWAYS.get(command, [self.word("else", "ERROR")]) if not turns else turns[0]
        if turns and len(turns) > 1:
            turns.pop(0)
        return "".join(f"{start}{line}{end}" for line in lines).encode()

    @property
    def make(self) -> str:
        """What overlays are matched with."""
        names = (self.answers[command][-1] for command in ("AT+CGMI", "AT+CGMM"))
        return " ".join(next(line.strip() for line in lines if not line.startswith("^")) for lines in names)


SPEAKING = [name for name in FILES if Transcript.read(name).word("takes_sms") != "no"]


@pytest.mark.parametrize("name", SPEAKING)
def test_a_modem_of_this_make_starts_as_it_should(name: str) -> None:
    script = Transcript.read(name)
    with Peer(script.answer) as peer, closing(GsmSession(peer.port)) as session:
        session.connect()
        setup = startup.start(session, script.word("pin") or None, Memory())
        assert network.is_registered(network.states(session))
    facts = {
        "iccid": setup.identity.iccid,
        "imsi": setup.identity.imsi,
        "storages": " ".join(setup.storages) or "-",
        "notifications": setup.notifications or "-",
        "acknowledges": "yes" if setup.needs_acknowledgement else "no",
        "read_retries": str(setup.quirks.read_retries),
    }
    assert {key: facts[key] for key in script.expected if key in facts} == {
        key: script.word(key) for key in script.expected if key in facts
    }
    assert setup.identity.imei == "350000000000006"
    assert set(script.expected["sends"]) <= set(peer.heard)
    assert not [heard for heard in peer.heard for never in script.expected["never"] if heard.startswith(never)]
    assert sum(heard.startswith('AT+CPIN="') for heard in peer.heard) == bool(script.word("pin"))


@pytest.mark.parametrize("name", FILES)
def test_looking_tells_whether_the_port_is_one_for_sms_and_sends_no_pin(name: str) -> None:
    script = Transcript.read(name)
    with Peer(script.answer) as peer:
        found = probing.ask(peer.port)
    assert isinstance(found, Found)
    assert found.takes_sms is (script.word("takes_sms") != "no")
    assert found.is_settled
    assert not any(heard.startswith("AT+CPIN=") for heard in peer.heard)


def test_every_overlay_has_a_transcript() -> None:
    makes = [Transcript.read(name).make for name in FILES]
    _defaults, overlays = quirks._load()
    without = [overlay.pattern.pattern for overlay in overlays if not any(map(overlay.pattern.search, makes))]
    assert not without
