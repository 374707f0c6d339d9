"""Every kind of device under one daemon: a long text out, its report, a long text in.

Pains 1 and 2 (damaged texts), 12 (reports that never match), 18 (read twice), 20 (Huawei) and 25 (long incoming).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.fleet import Fleet, assembled
from tests.fake_modem.personality import load_all

KINDS = tuple(load_all())
TEXT = (
    "Уважаемая Анна Ивановна, ждём вас завтра в 10:00 в кабинете 204. Возьмите с собой полис и результаты анализов. 👩‍⚕️"
)
REPLY = "Спасибо, приду. Подскажите, пожалуйста, можно ли утром пить воду, и сколько времени займёт приём у врача? Анна"
# No report can be had of these: two do not offer them, one always gives the reference 0.
WITHOUT_REPORTS = {"no_reports", "nokia_no_cnmi", "android_cr_only"}


def patient(kind: str) -> str:
    return f"+7900000{1000 + KINDS.index(kind)}"


@dataclass(frozen=True)
class Sent:
    """The fleet, and the message of each kind of device."""

    fleet: Fleet
    messages: dict[str, int]


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sent]:
    """All devices start, send and receive side by side."""
    with assembled(tmp_path_factory.mktemp("devices"), KINDS, bank={"personality": KINDS}) as fleet:
        messages = {kind: fleet.send(kind, patient(kind), TEXT) for kind in KINDS}
        fleet.clinic.start()
        for kind, modem in fleet.modems.items():
            modem.deliver(patient(kind), REPLY, order=(2, 1, 2))
        yield Sent(fleet, messages)


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_cyrillic_text_arrives_whole_over(sent: Sent, kind: str) -> None:
    row = sent.fleet.clinic.wait_for_state(sent.messages[kind], "sent", "delivered", "failed", "undelivered")
    assert (row["carrier"], row["segments"], row["attempts"]) == (kind, 2, 1)
    assert sent.fleet.bank.phones[patient(kind)] == [TEXT]


@pytest.mark.parametrize("kind", sorted(set(KINDS) - WITHOUT_REPORTS))
def test_the_reports_of_every_segment_are_matched_over(sent: Sent, kind: str) -> None:
    message = sent.messages[kind]
    sent.fleet.clinic.wait_for_state(message, "delivered")
    assert all(segment["reported_at"] for segment in sent.fleet.segments_of(message))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"nokia_no_cnmi"}))
def test_a_long_answer_reaches_the_inbox_once_and_whole_over(sent: Sent, kind: str) -> None:
    clinic = sent.fleet.clinic
    question = "SELECT * FROM inbox WHERE sender = ?"
    clinic.wait_for(lambda: clinic.rows(question, patient(kind)), f"the answer over {kind}")
    (row,) = clinic.rows(question, patient(kind))
    assert (row["body"], row["complete"], row["carrier"]) == (REPLY, 1, kind)


def test_no_device_was_opened_twice_nothing_went_wrong_and_nothing_stays_in_a_sim(sent: Sent) -> None:
    clinic = sent.fleet.clinic
    readable = [modem for kind, modem in sent.fleet.modems.items() if kind != "nokia_no_cnmi"]
    clinic.wait_for(lambda: not any(modem.stored() for modem in readable), "every SIM emptied")
    clinic.wait_for(lambda: clinic.ready_modems() == len(KINDS), "every modem ready")
    log = clinic.log.read_text()
    assert "carrier_lost" not in log
    assert "_failed" not in log
