"""What an SMS may meet that is handed to a simulated modem: by the name of each fault what happens, and the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from gateway.carrier import Accepted, Deferred, LateAnswer, Outcome, Refused
from gateway.errors import CarrierLost, Cause
from gateway.modem import codes
from gateway.modem.submit import LOST_IN_THE_AIR, MODEM_GONE, NO_ANSWER, NO_PROMPT
from tests.fake_modem import codec
from tests.simulation.modem import Holder, Modem
from tests.simulation.network import Network, Sim, Try
from tests.simulation.world import World

ANSWER_WAIT_S = 40.0
NUMBER_CODES, NETWORK_CODES, DEVICE_CODES, FINAL_CODES = (22, 27, 127), (38, 42, 331, 332), (300, 500, 515), (1, 21, 30)
BLOCKED_CODE = 8  # operator determined barring


class Handing(Holder, Protocol):
    """The carrier that hands it over."""

    modem: Modem
    network: Network
    world: World

    @property
    def sim(self) -> Sim: ...

    def take(self, submit: codec.Submit, tried: Try) -> int: ...

    def radio(self) -> None: ...

    def answer_late(self, late: LateAnswer) -> None: ...


Mishap = Callable[[Handing, codec.Submit, Try], Outcome]


def _none(carrier: Handing, submit: codec.Submit, tried: Try) -> Outcome:
    if carrier.sim.is_blocked:
        return _refused(carrier, submit, tried, codes=(BLOCKED_CODE,))
    reference = carrier.take(submit, tried)  # before the answer has come: the power may fail in between
    carrier.radio()
    if carrier.modem.carrier is not carrier or carrier.modem.lost:
        return LOST_IN_THE_AIR
    tried.has_reference = carrier.modem.tells_references
    return Accepted(str(reference) if tried.has_reference else "")


def _refused(carrier: Handing, _submit: codec.Submit, tried: Try, *, codes: tuple[int, ...]) -> Outcome:
    carrier.network.tries.append(tried)
    carrier.radio()
    carrier.sim.next_reference()
    return _outcome_of(carrier.world.chance.choice(codes))


def _outcome_of(number: int) -> Deferred | Refused:
    return codes.outcome_of("CMS", number)


def _before(carrier: Handing, _submit: codec.Submit, tried: Try, *, outcome: Outcome) -> Outcome:
    """Nothing left the gateway."""
    carrier.network.tries.append(tried)
    carrier.world.baton.sleep(10.0)
    return outcome


def _silent(carrier: Handing, submit: codec.Submit, tried: Try, *, is_taken: bool) -> Outcome:
    if is_taken:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    carrier.world.baton.sleep(ANSWER_WAIT_S)
    return NO_ANSWER


def _late(carrier: Handing, submit: codec.Submit, tried: Try) -> Outcome:
    """The answer comes when nobody waits for it any more."""
    answer: Accepted | Deferred | Refused
    if carrier.world.chance.random() < 0.6:
        reference = carrier.take(submit, tried)
        answer = Accepted(str(reference) if carrier.modem.tells_references else "")
    else:
        carrier.network.tries.append(tried)
        answer = _outcome_of(carrier.world.chance.choice(NETWORK_CODES + FINAL_CODES))
    carrier.world.baton.sleep(ANSWER_WAIT_S)
    late = LateAnswer(tried.key, answer)
    carrier.world.after(carrier.world.chance.uniform(0.1, 1200.0), partial(carrier.answer_late, late))
    return NO_ANSWER


def _gone(carrier: Handing, submit: codec.Submit, tried: Try, *, is_out: bool) -> Outcome:
    if is_out and carrier.world.chance.random() < 0.5:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    carrier.modem.fall(CarrierLost("The line broke.", Cause.SILENT))
    return LOST_IN_THE_AIR if is_out else MODEM_GONE


def _gateway_fault(carrier: Handing, submit: codec.Submit, tried: Try) -> Outcome:
    if carrier.world.chance.random() < 0.5:
        carrier.take(submit, tried)
    else:
        carrier.network.tries.append(tried)
    tried.told = "uncertain"
    raise RuntimeError("a fault of our own")


MISHAPS: dict[str, Mishap] = {
    "none": _none,
    "refused_number": partial(_refused, codes=NUMBER_CODES),
    "refused_network": partial(_refused, codes=NETWORK_CODES),
    "refused_device": partial(_refused, codes=DEVICE_CODES),
    "refused_final": partial(_refused, codes=FINAL_CODES),
    "no_prompt": partial(_before, outcome=NO_PROMPT),
    "silent_lost": partial(_silent, is_taken=False),
    "silent_taken": partial(_silent, is_taken=True),
    "late_answer": _late,
    "gone_before": partial(_gone, is_out=False),
    "gone_after": partial(_gone, is_out=True),
    "gateway_fault": _gateway_fault,
}
