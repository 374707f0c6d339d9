"""What may happen to one modem, its SIM or its network, as a table: each row is played on a modem of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.stage import ANSWER_WAIT_S, Act, Stage, Story

SURE = "sent once, whole"
HONEST = "never twice without `uncertain`; the modem is back by itself"
NO_CLAIM = "sent: nothing is claimed to be delivered"
TRAFFIC_S = 3.0  # while a modem hangs, somebody wants to send so often
MAY_FAIL = "never twice without `uncertain`; failed only after two such tries; the modem is back by itself"
LATER = ANSWER_WAIT_S + 1.2
GONE_S = 2.0


@dataclass(frozen=True)
class AtTheSms:
    """A fault of the fake modem (its faults.py) at the struck message's SMS."""

    kind: str
    after: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    gone_s: float = 0.0  # the fault takes the device away; so long after it a hand plugs it in again

    def __call__(self, stage: Stage) -> float:
        over_at = stage.fault(self.kind, self.after, **self.options)
        if not self.gone_s:
            return over_at
        stage.sleep(self.gone_s)
        stage.notes.append(f"the carrier was {stage.state}")
        stage.modem.plug()
        return stage.sleep(0.0)


def fault(kind: str, after: str | None = None, **options: Any) -> Act:
    return AtTheSms(kind, after, options)


def _begin(stage: Stage, strike: Any) -> None:
    """Before a short message, in the middle of a long one."""
    if stage.is_long:
        stage.begin()
    strike()
    if not stage.is_long:
        stage.struck = stage.send()


def hang(remedy: str, *, is_silent: bool) -> Act:
    """It ends when the gateway finds the right remedy: the time is that from the beginning."""

    def act(stage: Stage) -> float:
        _begin(stage, lambda: stage.modem.hang_until(remedy, is_silent=is_silent))
        began = stage.sleep(0.0)
        while stage.modem.is_ill and stage.sleep(0.0) < began + stage.story.patience_s:
            stage.send()
            stage.sleep(TRAFFIC_S)
        stage.notes.append(f"mended {stage.sleep(0.0) - began:.0f} s after it began")
        return began

    return act


def registration(stat: int, seconds: float) -> Act:
    def act(stage: Stage) -> float:
        _begin(stage, lambda: stage.modem.register(stat))
        stage.sleep(seconds)
        stage.notes.append(f"the carrier was {stage.state}")
        stage.modem.register(1)
        return stage.sleep(0.0)

    return act


def unplug(name: str | None, seconds: float) -> Act:
    def act(stage: Stage) -> float:
        _begin(stage, stage.modem.unplug)
        stage.sleep(seconds)
        stage.notes.append(f"the carrier was {stage.state}")
        stage.modem.plug(f"{stage.story.name}{name}" if name else None)
        return stage.sleep(0.0)

    return act


def other_stick(stage: Stage) -> float:
    """The SIM goes into another stick, under another name; on the bus it has another socket, too."""
    assert stage.spare
    _begin(stage, stage.modem.unplug)
    stage.sleep(1.0)
    stage.spare.insert(stage.modem.sim)
    stage.spare.plug()
    return stage.sleep(0.0)


def flap(stage: Stage) -> float:
    _begin(stage, lambda: stage.modem.flap(15, 0.5, 0.5))
    return stage.sleep(16.0)


def chatter(stage: Stage) -> float:
    _begin(stage, lambda: stage.modem.chatter(0.02))
    stage.sleep(5.0)
    stage.send()
    ended = stage.sleep(0.0)
    stage.sleep(3.0)
    stage.modem.chatter(None)
    return ended


def sim_out(stage: Stage) -> float:
    _begin(stage, stage.modem.pull_sim)
    stage.sleep(4.0)
    stage.notes.append(f"the carrier was {stage.state}")
    stage.modem.push_sim()
    return stage.sleep(0.0)


def no_money(stage: Stage) -> float:
    _begin(stage, lambda: stage.modem.charge(balance=0.0, price=1.0))
    stage.sleep(4.0)
    stage.modem.charge(balance=100.0)
    return stage.sleep(0.0)


def full_store(stage: Stage) -> float:
    _begin(stage, lambda: stage.modem.fill(100))
    return stage.sleep(0.0)


def clock_off(stage: Stage) -> float:
    _begin(stage, lambda: stage.modem.clock(-7 * 86400.0))
    return stage.sleep(0.0)


def forgets(stage: Stage) -> float:
    _begin(stage, stage.modem.forget_settings)
    return stage.sleep(0.0)


def resets(stage: Stage) -> float:
    _begin(stage, stage.modem.reset)
    return stage.sleep(0.0)


def _fault(name: str, act: Act, *ends: str, must: str = SURE, pains: tuple[int, ...] = (4, 7), **more: Any) -> Story:
    return Story(name, name.replace("-", " "), must, act, ends or ("delivered",), pains, **more)


AT_THE_SMS = (
    _fault("garbage-before-the-result", fault("garbage", "PDU"), pains=(21,)),
    _fault("result-byte-by-byte", fault("split_result"), pains=(21,)),
    _fault("noise-before-the-result", fault("urc_before_result", seconds=0.2), pains=(21,)),
    _fault("prompt-byte-by-byte", fault("split", "AT+CMGS"), pains=(21,)),
    _fault("garbage-before-the-prompt", fault("garbage", "AT+CMGS"), pains=(21,)),
    _fault("no-reference-told", fault("no_reference"), pains=(12,)),
    _fault("result-too-late", fault("late_result", seconds=LATER), must="the late answer settles it, no second copy",
           is_single=True),
    _fault("radio-too-slow", fault("slow_result", seconds=LATER), must="the late answer settles it, no second copy",
           is_single=True),
    _fault("answer-lost", fault("answer_lost", "PDU"), must="the report settles it, no second copy", is_single=True),
    _fault("swallowed", fault("swallow"), must="uncertain, then once more"),
    _fault("hung-in-the-prompt", fault("hang_in_prompt", seconds=4.0), must=HONEST, pains=(10,)),
    _fault("restarted-with-the-PDU", fault("reset", "PDU"), must=HONEST),
    _fault("error-500", fault("refuse", code="CMS 500"), pains=(22,)),
    _fault("error-512", fault("refuse", code="CMS 512"), pains=(22,)),
    _fault("error-38", fault("refuse", code="CMS 38"), pains=(22,), patience_s=90.0),
    _fault("error-332", fault("refuse", code="CMS 332"), pains=(22,), patience_s=90.0),
    _fault("bare-ERROR", fault("refuse"), pains=(22,)),
    _fault("error-28", fault("refuse", code="CMS 28"), "failed", must="failed, with the reason", pains=(22,)),
    _fault("busy-before-the-prompt", fault("error", "AT+CMGS", code="CME 515", count=2), pains=(22,)),
    _fault("no-answer-to-AT+CMGS", fault("no_answer", "AT+CMGS"), must=HONEST),
    _fault("prompt-too-late", fault("late", "AT+CMGS", seconds=LATER), must=HONEST),
    _fault("prompt-slow", fault("slow", "AT+CMGS", seconds=1.0)),
    _fault("restarted-at-AT+CMGS", fault("reset", "AT+CMGS"), must=HONEST),
    _fault("hung-at-AT+CMGS", fault("hang", "AT+CMGS", seconds=4.0), must=HONEST, pains=(10,)),
    _fault("unplugged-at-AT+CMGS", AtTheSms("unplug", "AT+CMGS", gone_s=GONE_S), must=HONEST, pains=(9,)),
    _fault("unplugged-with-the-PDU", AtTheSms("unplug", "PDU", gone_s=GONE_S), must=HONEST, pains=(4, 9)),
    _fault("sent-and-unplugged", AtTheSms("sent_and_unplugged", gone_s=GONE_S),
           must="the report settles it, no second copy", pains=(4, 9), is_single=True),
    _fault("report-in-noise", fault("report_noise"), pains=(21,)),
    _fault("report-byte-by-byte", fault("report_split"), pains=(21,)),
    _fault("report-damaged", fault("report_damaged"), "sent", must=NO_CLAIM, pains=(14,)),
    _fault("report-lost", fault("report_lost"), "sent", must=NO_CLAIM, pains=(14,)),
    _fault("accepted-and-lost", fault("lost"), "sent", must=NO_CLAIM, swallowed=True),
    _fault(
        "code-swallowed", fault("swallow"), "failed", must="failed, never resent", pains=(4,), category="otp",
    ),
    _fault(
        "emergency-swallowed", fault("swallow"), must="resent at once and said so", pains=(4,), category="emergency",
    ),
)  # fmt: skip

HANGS = tuple(
    Story(
        f"hang-{'silent' if is_silent else 'failing'}-until-{remedy}",
        f"{'answers nothing' if is_silent else 'answers, and every submit fails'} until {words}",
        HONEST,
        hang(remedy, is_silent=is_silent),
        pains=(8, 10),
        patience_s=patience_s,
    )
    for remedy, words, patience_s in (
        ("escape", "an ESC comes", 60.0),
        ("radio", "its radio was off and on", 120.0),
        ("reopen", "its port was closed and opened", 120.0),
        ("reset", "it is reset (AT+CFUN=1,1)", 240.0),
    )
    for is_silent in ((True,) if remedy == "escape" else (True, False))
)

DEVICES = (
    Story("unplugged", "pulled out for 3 s", HONEST, unplug(None, 3.0), pains=(9,)),
    Story("renamed", "pulled out, back under another name", HONEST, unplug("-again", 2.0), pains=(9,), find_by="imei"),
    Story("moved-SIM", "its SIM goes into another stick", HONEST, other_stick, pains=(9, 30), find_by="iccid",
          uses_spare=True),
    Story("flapping", "leaves the bus every second, 15 times", MAY_FAIL, flap, pains=(9,), patience_s=90.0,
          ends=("delivered", "failed")),
    Story("restarted", "restarts by itself", HONEST, resets, pains=(8,)),
    Story("restarts-and-boots", "restarts, deaf for a while, and says RDY", HONEST, resets, pains=(8,),
          personality="resetting"),
    Story("forgets-settings", "a restart that nobody saw: echo, text mode, no notifications", HONEST, forgets,
          pains=(12, 20), ends=("delivered", "sent")),
    Story("50-lines-a-second", "50 unasked lines a second for 8 s", SURE, chatter, pains=(20, 21)),
    Story("full-store", "its SIM's store is full of old messages", SURE, full_store, pains=(19,)),
    Story("full-store-stops-sending", "the same, on a model that then refuses to send", SURE, full_store, pains=(19,),
          personality="m590"),
    Story("clock-off", "its clock is a week slow", SURE, clock_off, pains=(27,)),
)  # fmt: skip

NETWORK = (
    Story("no-coverage", "no network for 5 s", HONEST, registration(2, 5.0), pains=(22, 24), patience_s=90.0),
    Story("lost-registration", "not registered for 5 s", HONEST, registration(0, 5.0), pains=(22, 24), patience_s=90.0),
    Story("denied", "the network denies the SIM for 5 s", HONEST, registration(3, 5.0), pains=(22,), patience_s=120.0),
    Story("SIM-out", "the SIM is pulled out for 4 s while it runs", HONEST, sim_out, pains=(24,), patience_s=120.0),
    Story("no-money", "no money for 4 s: CMS 38", HONEST, no_money, pains=(23,), patience_s=120.0),
)


def other_numbers(stage: Stage) -> float:
    _begin(stage, stage.modem.unplug)
    stage.sleep(1.0)
    number = 20 + 10 * sum(map(ord, stage.story.name)) % 500
    stage.modem.plug(f"ttyUSB{number}")
    return stage.sleep(0.0)


def turns_into_a_disk(stage: Stage) -> float:
    """It hangs, the reset that it needs makes a disk of it, and only re-plugging brings it back."""
    stage.modem.reset_as("storage")
    _begin(stage, lambda: stage.modem.hang_until("reset"))
    began = stage.sleep(0.0)
    while (stage.modem.is_ill or not stage.modem.is_there) and stage.sleep(0.0) < began + stage.story.patience_s:
        stage.send()
        stage.sleep(TRAFFIC_S)
    stage.notes.append(f"back on the bus {stage.sleep(0.0) - began:.0f} s after it began")
    return began


ON_THE_BUS = (
    Story("stick-renumbered", "a stick of three ports comes back with other ttyUSB numbers", HONEST, other_numbers,
          pains=(9,), personality="huawei_stick", is_on_bus=True),
    Story("stick-moved", "a stick of four ports leaves for 2 s and comes back", HONEST, unplug(None, 2.0), pains=(9,),
          personality="zte_stick", is_on_bus=True),
    Story("SIM-to-another-stick", "its SIM goes into another stick, in another socket", HONEST, other_stick,
          pains=(9, 30), personality="zte_stick", is_on_bus=True, uses_spare=True),
    Story("same-IMEI", "two sticks with one IMEI; one leaves for 2 s", HONEST, unplug(None, 2.0), pains=(30,),
          personality="zte_stick", is_on_bus=True, like="SIM-to-another-stick"),
    Story("hang-until-replug", "answers nothing until its USB connection was off and on", HONEST,
          hang("replug", is_silent=True), pains=(8, 10), personality="zte_stick", is_on_bus=True, patience_s=400.0),
    Story("hang-until-power", "answers nothing until its USB port's power was off and on", HONEST,
          hang("power", is_silent=True), pains=(8, 10), personality="acm_stick", is_on_bus=True, patience_s=400.0),
    Story("reset-makes-a-disk", "hangs; after AT+CFUN=1,1 it is a disk until it is plugged anew", HONEST,
          turns_into_a_disk, pains=(8, 10), personality="huawei_stick", is_on_bus=True, patience_s=500.0),
)  # fmt: skip

STORIES = (*AT_THE_SMS, *HANGS, *DEVICES, *NETWORK)
