"""A bind leaves a place to what is urgent and just being examined: it begins little before it meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from gateway.queue.adding import NewMessage, add_one
from gateway.worker.precedence import EXAMINED_S, FEW, PORTION, Precedence
from tests.fake_smsc import Conduct
from tests.worker.bound import bound, number_of, numbered

URGENT = NewMessage(number_of(999), "Code 4711", category="otp")


def test_it_takes_few_while_something_urgent_is_coming_and_as_many_as_ever_after_it() -> None:
    precedence = Precedence()
    taken = [precedence.most(moment, is_coming=is_so) for moment, is_so in ((1.0, False), (1.01, True), (1.05, False))]
    assert taken == [PORTION, FEW, PORTION]


def test_what_cannot_be_examined_slows_it_down_once_and_not_for_long() -> None:
    precedence = Precedence()
    moments = [10.0, 10.0 + EXAMINED_S - 0.01, 10.0 + EXAMINED_S, 11.0, 1000.0]
    assert [precedence.most(moment, is_coming=True) for moment in moments] == [FEW, FEW, PORTION, PORTION, PORTION]
    assert precedence.most(1001.0, is_coming=False) == PORTION
    assert precedence.most(1002.0, is_coming=True) == FEW


def test_the_bind_begins_few_before_an_urgent_one_that_nobody_has_examined(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None), window=50) as made:
        made.add(*numbered(40))
        add_one(made.connection, URGENT, datetime.now(UTC))
        made.start()
        made.until(lambda: made.smsc.taken)
        made.add(NewMessage(number_of(998), "Hello"))  # the dispatcher examines what is there
        made.until_all("sent")
        groups = made.carrier.groups
        assert groups[0] == FEW
        assert max(groups) > FEW
        order = [submit.dest[2] for submit in made.smsc.taken]
        assert order[-1] == number_of(998).removeprefix("+")
        assert order.index(number_of(999).removeprefix("+")) < 40


def test_behind_urgent_ones_that_are_due_it_holds_nothing_back(tmp_path: Path) -> None:
    with bound(tmp_path, Conduct(receipt_s=None), window=50) as made:
        made.add(*numbered(40, category="otp"))
        add_one(made.connection, URGENT, datetime.now(UTC))
        made.start()
        made.until(lambda: len(made.smsc.taken) == 40)
        assert made.carrier.groups[0] == PORTION
