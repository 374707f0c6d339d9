"""The power fails at every step of what people decide about many: campaigns, opt-outs, pauses and orders, floods."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.carrier import Deferred, Incoming, Scope
from gateway.errors import GatewayError
from gateway.queue import campaigns, desk, orders, overview, standstill
from gateway.queue.adding import NewMessage, add
from gateway.queue.campaigns import CANCEL, PAUSE, RESUME, Decision, NewCampaign, Noted
from gateway.queue.rules import SafetyRules
from gateway.sms.message import Concatenation
from tests.queue.clinic import BUSY, LONG, NOW, OTHER_PHONE, PHONE, RULES
from tests.queue.power import Tale, World, survives

THIRD_PHONE = "+79000004321"
PHONES = (PHONE, OTHER_PHONE, THIRD_PHONE)


def rows(world: World, query: str, *values: object) -> list[tuple[object, ...]]:
    return world.connection.execute(query, values).fetchall()


# --- a campaign, stopped and let go and taken back -------------------------------------------------------------------


def begin(world: World, name: str, *bodies: str) -> None:
    """One message for each text, to another number each."""
    if campaigns.is_known(world.connection, name):
        return  # a person who is not sure looks first; and a second one of that name would be refused
    messages = [
        NewMessage(phone, body, external_id=f"{name} {phone}", list_row=row)
        for row, (phone, body) in enumerate(zip(PHONES, bodies, strict=False), 2)
    ]
    refused = Noted(9, "refused", "landline", "Телефон", "It is a landline.")
    campaigns.queue(world.connection, NewCampaign(name, "olga", rows=[refused]), messages, world.now)
    while world.box.intake(world.now):
        pass


def decide(world: World, decision: Decision, name: str) -> None:
    """As the command does it: the decision, then what is to be done with the messages."""
    found = campaigns.decide(world.connection, name, decision, "olga", world.now)
    for _some in campaigns.go_on(world.connection, found.id, world.now):
        pass


def campaigns_that_are_stopped(world: World) -> None:
    """One is paused while a part of a message is out, goes on, and is done; another one is paused and taken back."""
    begin(world, "November", LONG, "Ждём вас")
    world.send(world.accepted(), go_on=False)
    decide(world, PAUSE, "November")
    world.send(world.accepted(), world.accepted())  # what is out in part goes on
    assert world.claim() is None
    overview.newest(world.connection, 5)
    decide(world, RESUME, "November")
    world.send(BUSY)
    world.wait(minutes=1)
    begin(world, "December", "С праздником", "С праздником")
    decide(world, PAUSE, "December")
    world.send(world.accepted())
    assert world.claim() is None
    decide(world, CANCEL, "December")


def the_campaigns_once_more(world: World) -> None:
    """A person wants the end of the story; the dispatcher does what was left to be done."""
    while world.box.ripen(world.now):
        pass
    for name, decision in (("November", RESUME), ("December", CANCEL)):
        begin(world, name, *["Ждём вас"] * 2)
        try:
            campaigns.decide(world.connection, name, decision, "olga", world.now)
        except GatewayError:
            assert decision is RESUME  # it is running: there is nothing to resume
    while standstill.go_on(world.connection, world.now) is not None:
        pass


def each_campaign_is_whole(world: World) -> None:
    """All of its messages or none; what is cancelled has gone to nobody; nothing is set aside for ever."""
    for name in ("November", "December"):
        assert rows(world, "SELECT messages, to_do FROM campaigns WHERE name = ?", name) == [(2, 0)]
    assert rows(world, "SELECT count(*) FROM outbox GROUP BY campaign") == [(2,), (2,)]
    assert rows(world, "SELECT count(*) FROM campaign_rows GROUP BY campaign") == [(1,), (1,)]
    assert rows(world, "SELECT DISTINCT state FROM outbox WHERE campaign = 2") == [("cancelled",)]
    assert rows(world, "SELECT DISTINCT state FROM outbox WHERE campaign = 1") == [("sent",)]
    assert rows(world, "SELECT count(*) FROM outbox WHERE due = 2 AND state = 'queued'") == [(0,)]
    told = [event for (event,) in rows(world, "SELECT event FROM events WHERE event LIKE 'campaign%' ORDER BY id")]
    assert (told.count("campaign_created"), told.count("campaign_cancelled")) == (2, 1)
    assert told.count("campaign_paused") >= told.count("campaign_resumed")


# --- whoever wants no more messages ----------------------------------------------------------------------------------


STOP = Incoming(PHONE, "СТОП", NOW, None, "stop")
LONG_STOP = [
    Incoming(PHONE, text, NOW, Concatenation(7, 2, place), f"start {text}") for place, text in ((1, "СТ"), (2, "АРТ"))
]
LOST = Deferred("carrier_lost", "It was unplugged.", Scope.DEVICE)


def offer(world: World, body: str, *phones: str) -> None:
    world.add(body, *phones, category="marketing")


def an_answer_of_stop(world: World) -> None:
    """Of the offers for the number one waits, one is held, one comes back from its carrier, one is written later."""
    offer(world, "Скидка", PHONE)
    out = world.claim()
    offer(world, "Вторая скидка", PHONE, OTHER_PHONE)
    offer(world, "Третья скидка", PHONE)
    world.add("Ждём вас", PHONE)
    world.connection.execute("UPDATE outbox SET state = 'held' WHERE id = 4")
    world.store(STOP)
    world.hand_over(out, LOST)
    offer(world, "Четвёртая скидка", PHONE)
    for _each in range(3):
        world.send(world.accepted())


def the_answer_comes_once_more(world: World) -> None:
    """What was not acknowledged is still in the SIM's storage, and is read again."""
    world.store(STOP)


def no_offer_went_out_after_the_stop(world: World) -> None:
    assert rows(world, "SELECT count(*), min(is_out) FROM opt_outs") == [(1, 1)]
    assert rows(world, "SELECT count(*) FROM inbox") == [(1,)]
    sent = rows(
        world,
        "SELECT s.id FROM outbox AS o JOIN segments AS s ON s.outbox_id = o.id"
        " WHERE o.msisdn = ? AND o.category = 'marketing' AND s.state IN ('sent', 'uncertain')",
        PHONE,
    )
    uncertain = rows(world, "SELECT count(*) FROM events WHERE to_state = 'uncertain' AND outbox_id = 1")[0][0]
    assert len(sent) <= int(str(uncertain))  # the one that was in the air when the power failed
    told = rows(world, "SELECT DISTINCT state FROM outbox WHERE category = 'marketing' AND recipient = ?", PHONE)
    assert {state for (state,) in told} <= {"rejected", "cancelled", "failed", "sent"}
    assert rows(world, "SELECT count(*) FROM outbox WHERE state = 'sent' AND category IS NULL") <= [(1,)]


def stop_and_start(world: World) -> None:
    """The second in two parts."""
    world.store(STOP)
    offer(world, "Скидка", PHONE)
    world.now += timedelta(minutes=1)
    world.store(LONG_STOP[0])
    world.store(LONG_STOP[1])
    offer(world, "Ещё скидка", PHONE)
    world.send(world.accepted())


def both_answers_once_more(world: World) -> None:
    world.now += timedelta(minutes=1)
    world.store(STOP)
    world.store(*LONG_STOP)


def it_is_back(world: World) -> None:
    assert rows(world, "SELECT is_out FROM opt_outs ORDER BY at, id") == [(1,), (0,)]
    assert rows(world, "SELECT count(*) FROM inbox") == [(2,)]
    states = [state for (state,) in rows(world, "SELECT state FROM outbox ORDER BY id")]
    assert states in ([], ["rejected"], ["sent"], ["rejected", "sent"])  # one that was not examined before the START


# --- orders of people ------------------------------------------------------------------------------------------------


def what_people_want(world: World) -> None:
    """Pauses that are reworded and follow a name, orders that are withdrawn, done, refused."""
    world.add("Ждём вас", PHONE, OTHER_PHONE, THIRD_PHONE)
    orders.pause(world.connection, "sim-1", "SIM", world.now)
    orders.pause(world.connection, "sim-1", "tariff", world.now)
    orders.give(world.connection, "sim-1", "reset", "", world.now)
    orders.follow(world.connection, "sim-1", "sim-2", world.now)
    number = orders.give(world.connection, "sim-2", "ussd", "*100#", world.now)
    do_next(world, "sim-2", "done")
    orders.withdraw(world.connection, number, world.now)
    orders.give(world.connection, "sim-2", "resume", "", world.now)
    do_next(world, "sim-2", "failed")
    orders.resume(world.connection, "sim-2", world.now)
    desk.cancel(world.connection, 3, world.now)
    world.connection.execute("UPDATE outbox SET state = 'held' WHERE id = 2")
    desk.release(world.connection, 2, world.now)
    world.wait(seconds=1)
    world.send(world.accepted())


def do_next(world: World, carrier: str, state: str) -> None:
    order = orders.take(world.connection, carrier, world.now)
    if order is not None:
        orders.finish(world.connection, order.id, state, "", world.now)


def nothing_is_done_behind_their_backs(world: World) -> None:
    """No order outlives its daemon, none is begun twice; a pause stands with its event, or is none."""
    assert rows(world, "SELECT count(*) FROM orders WHERE state NOT IN ('done', 'failed') OR word <> ''") == [(0,)]
    begun = rows(world, "SELECT count(*) FROM events WHERE event = 'order'")
    assert begun <= rows(world, "SELECT count(*) FROM orders WHERE verb <> 'ussd'")
    assert rows(world, "SELECT count(*) FROM orders WHERE state = 'done'") <= begun
    last = rows(world, "SELECT event FROM events WHERE event IN ('pause', 'resume') ORDER BY id DESC LIMIT 1")
    paused = orders.paused(world.connection)
    assert bool(paused) is (last == [("pause",)])
    assert len(paused) <= 1
    assert all(reason in ("SIM", "tariff") for reason in paused.values())


# --- a loop in another program ---------------------------------------------------------------------------------------

LIMIT, OF_A_DAY = 2, 4
GUARDED = replace(RULES, safety=SafetyRules(same_text_limit=LIMIT, daily_limit=OF_A_DAY, backlog_limit=0))


def a_flood(world: World) -> None:
    """In portions: what was examined is forgotten at a restart, and then counts by what was taken."""
    messages = [NewMessage(PHONE, "Ждём вас")] * 5 + [NewMessage(PHONE, f"Код {number}") for number in range(4)]
    add(world.connection, messages, world.now)
    add(world.connection, [NewMessage(OTHER_PHONE, "Ждём вас")], world.now)
    while world.box.intake(world.now, 4):
        world.send(world.accepted())
    held = rows(world, "SELECT max(id) FROM outbox WHERE state = 'held'")[0][0]
    assert held is not None
    desk.release(world.connection, int(str(held)), world.now)


def no_more_went_out_than_the_limits_let(world: World) -> None:
    released = rows(world, "SELECT count(*) FROM outbox WHERE released_at IS NOT NULL")[0][0]
    again = rows(world, "SELECT count(*) FROM events WHERE event = 'resend'")[0][0]
    spare = int(str(released)) + int(str(again))
    out = """SELECT count(*) FROM spent AS s JOIN segments AS g ON g.id = s.segment_id
        JOIN outbox AS o ON o.id = g.outbox_id"""
    assert int(str(rows(world, f"{out} WHERE o.body = 'Ждём вас' AND o.msisdn = ?", PHONE)[0][0])) <= LIMIT + spare
    assert int(str(rows(world, f"{out} WHERE o.msisdn = ?", PHONE)[0][0])) <= OF_A_DAY + spare
    total = rows(world, "SELECT count(*) FROM outbox")[0][0]
    assert total in (0, 9, 10)
    if total == 10:
        assert rows(world, "SELECT state FROM outbox WHERE id = 10") == [("sent",)]
        assert rows(world, "SELECT count(*) FROM outbox WHERE state = 'held'")[0] >= (4,)


TALES = (
    Tale(campaigns_that_are_stopped, RULES, the_campaigns_once_more, each_campaign_is_whole),
    Tale(an_answer_of_stop, RULES, the_answer_comes_once_more, no_offer_went_out_after_the_stop),
    Tale(stop_and_start, RULES, both_answers_once_more, it_is_back),
    Tale(what_people_want, RULES, is_right=nothing_is_done_behind_their_backs),
    Tale(a_flood, GUARDED, is_right=no_more_went_out_than_the_limits_let),
)


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.name)
@pytest.mark.timeout(120)
def test_a_power_cut_at_any_step_leaves_what_people_have_decided(tmp_path: Path, empty: bytes, tale: Tale) -> None:
    assert survives(tale, tmp_path, empty) > 20
