"""The fake SMSC, spoken to with smpplib's PDUs over a plain socket: a reader and writer that others wrote."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from smpplib import consts, smpp
from smpplib.client import SimpleSequenceGenerator

from tests.fake_smsc import Conduct, Smsc, codec
from tests.fake_smsc.process import SmscProcess

PHONE = "79000000001"


class Peer:
    """A client on a plain socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.buffer = bytearray()
        self.pdus: list[tuple[int, int, int, bytes]] = []
        self.sequence_generator = SimpleSequenceGenerator()

    @property
    def sequence(self) -> int:
        return int(self.sequence_generator.sequence)

    def next_sequence(self) -> int:
        return int(self.sequence_generator.next_sequence())

    def send(self, command: str, **fields: object) -> int:
        pdu = smpp.make_pdu(command, client=self, **fields)
        self.socket.sendall(pdu.generate())
        return int(pdu.sequence)

    def read(self) -> tuple[int, int, int, bytes]:
        while not self.pdus:
            octets = self.socket.recv(4096)
            if not octets:
                raise EOFError
            self.buffer += octets
            self.pdus = codec.cut(self.buffer)
        return self.pdus.pop(0)

    def bind(self, password: str = "secret") -> int:
        self.send("bind_transceiver", system_id="clinic", password=password, interface_version=0x34)
        return self.read()[1]

    def submit(self, text: bytes = b"Hello", **fields: object) -> int:
        defaults: dict[str, object] = {
            "source_addr": "Clinic", "source_addr_ton": 5, "source_addr_npi": 0, "dest_addr_ton": 1,
            "dest_addr_npi": 1, "destination_addr": PHONE, "short_message": text, "data_coding": 0, "esm_class": 0,
            "registered_delivery": 1,
        }  # fmt: skip
        return self.send("submit_sm", **(defaults | fields))


@contextmanager
def peer_of(smsc: Smsc | SmscProcess) -> Iterator[Peer]:
    peer = Peer(smsc.port)
    with closing(peer.socket):
        yield peer


def test_a_submit_is_answered_with_an_id_and_a_receipt_follows() -> None:
    with Smsc(Conduct(ids="hex", first_id=0xAB)) as smsc, peer_of(smsc) as peer:
        assert peer.bind() == 0
        sequence = peer.submit()
        command, status, answered, body = peer.read()
        assert (command, status, answered, body) == (0x80000004, 0, sequence, b"ab\0")
        command, _status, _number, body = peer.read()
        assert command == codec.DELIVER_SM
        assert b"id:ab sub:001" in body
        assert smsc.texts == {PHONE: ["Hello"]}
        assert smsc.complaints == []


def test_a_wrong_password_is_refused() -> None:
    with Smsc() as smsc, peer_of(smsc) as peer:
        assert peer.bind("wrong") == codec.BAD_PASSWORD


def test_a_submit_before_the_bind_is_refused() -> None:
    with Smsc() as smsc, peer_of(smsc) as peer:
        peer.submit()
        assert peer.read()[1] == codec.WRONG_BIND_STATE


@pytest.mark.parametrize("is_by_header", [True, False])
def test_a_long_message_is_put_together_in_any_order(is_by_header: bool) -> None:
    with Smsc(Conduct(receipt_s=None)) as smsc, peer_of(smsc) as peer:
        peer.bind()
        for number, text in ((2, "мир"), (1, "Привет, ")):
            octets = text.encode("utf-16-be")
            if is_by_header:
                peer.submit(bytes((5, 0, 3, 7, 2, number)) + octets, esm_class=codec.UDHI, data_coding=8)
            else:
                sar = {"sar_msg_ref_num": 7, "sar_total_segments": 2, "sar_segment_seqnum": number}
                peer.submit(octets, data_coding=8, **sar)
            peer.read()
        assert smsc.texts == {PHONE: ["Привет, мир"]}
        assert smsc.incomplete == 0
        assert smsc.complaints == []


def test_what_is_too_fast_is_throttled() -> None:
    with Smsc(Conduct(receipt_s=None, most_per_second=20)) as smsc, peer_of(smsc) as peer:
        peer.bind()
        for _ in range(10):
            peer.submit()
        statuses = [peer.read()[1] for _ in range(10)]
        assert codec.THROTTLED in statuses
        assert statuses.count(0) == len(smsc.taken)


@pytest.mark.parametrize(("how", "error"), [("reset", ConnectionResetError), ("close", EOFError)])
@pytest.mark.parametrize(("at", "taken"), [("submit", 1), ("taken", 2)])
def test_the_link_breaks_where_it_is_told_to(at: str, taken: int, how: str, error: type[Exception]) -> None:
    with Smsc(Conduct(receipt_s=None)) as smsc, peer_of(smsc) as peer:
        peer.bind()
        smsc.break_at(at, how, after=2)
        peer.submit()
        assert peer.read()[1] == 0
        peer.submit()
        with pytest.raises(error):
            peer.read()
        assert len(smsc.taken) == taken


def test_half_an_answer_arrives() -> None:
    with Smsc(Conduct(receipt_s=None)) as smsc, peer_of(smsc) as peer:
        peer.bind()
        smsc.break_at("half_answer", "close")
        peer.submit()
        with pytest.raises(EOFError):
            peer.read()
        assert len(peer.buffer) == 9


def test_a_stalled_link_says_nothing_more() -> None:
    with Smsc() as smsc, peer_of(smsc) as peer:
        peer.bind()
        smsc.break_at("submit", "stall")
        peer.submit()
        peer.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            peer.read()


def test_a_receipt_that_was_not_acknowledged_comes_again_on_the_next_link() -> None:
    with Smsc() as smsc:
        with peer_of(smsc) as peer:
            peer.bind()
            peer.submit()
            assert [peer.read()[0], peer.read()[0]] == [0x80000004, codec.DELIVER_SM]
        with peer_of(smsc) as peer:
            peer.bind()
            command, _status, sequence, _body = peer.read()
            assert command == codec.DELIVER_SM
            peer.socket.sendall(struct.pack(">IIIIB", 17, 0x80000005, 0, sequence, 0))
            peer.send("enquire_link")
            peer.read()
        assert smsc.statuses == [consts.SMPP_ESME_ROK]


def test_what_is_not_smpp_is_complained_of() -> None:
    with Smsc() as smsc, peer_of(smsc) as peer:
        peer.bind()
        peer.socket.sendall(codec.pdu(codec.SUBMIT_SM, 0, 9, b"no end"))
        assert peer.read()[1] == codec.SYSTEM_ERROR
        assert smsc.complaints == ["service_type: has no end"]


def test_as_a_process_it_counts_what_came() -> None:
    with SmscProcess("--ids", "letters") as smsc:
        with peer_of(smsc) as peer:
            peer.bind()
            peer.submit(b"one")
            peer.submit(b"one")
            assert peer.read()[3] == b"clinic-1\0"
        found = smsc.stop()
    assert (found["taken"], found["texts"], found["distinct"]) == (2, 2, 1)
