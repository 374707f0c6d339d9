"""[[route]] tables: what the queue makes of them, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.daemon import hiring
from gateway.errors import UsageProblem
from gateway.queue.rules import IntakeRules
from gateway.routing import Route
from gateway.settings import Settings, load
from gateway.settings.rules import intake_rules

CARRIERS = """
[[modem]]
name = "sim-1"
port = "/dev/ttyUSB0"
cost = 2.5
max_per_day = 100
[[smpp]]
name = "operator"
host = "smsc.example"
system_id = "clinic"
source = "Clinic"
senders = ["Lab", "Clinic"]
cost = 1
[[smpp]]
name = "other"
host = "smsc.example"
system_id = "clinic2"
senders = ["Lab"]
max_per_day = 1000
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def read(file: Path, routes: str, carriers: str = CARRIERS) -> Settings:
    file.write_text(carriers + routes, encoding="utf-8")
    return load(file)


def rules(file: Path, routes: str) -> IntakeRules:
    return intake_rules(read(file, routes))


def mistakes(file: Path, routes: str, carriers: str = CARRIERS) -> list[str]:
    with pytest.raises(UsageProblem) as problem:
        read(file, routes, carriers)
    return [line.removeprefix(f"{file}: ") for line in str(problem.value).splitlines()]


ROUTES = {  # table -> route
    "a preference": ('carriers = ["operator", "sim-1"]', Route(("operator", "sim-1"))),
    "one of a kind": (
        'carriers = ["operator"]\ncategory = "otp"\nprefix = "+7916"\nsender = "Lab"',
        Route(("operator",), frozenset({"otp"}), ("+7916",), frozenset({"Lab"})),
    ),
    "several of a kind": (
        'carriers = ["operator"]\ncategory = ["otp", "emergency"]\nprefix = ["+7916", "+7917"]',
        Route(("operator",), frozenset({"otp", "emergency"}), ("+7916", "+7917")),
    ),
    "by size": ('carriers = ["operator"]\nmin_sms = 2\nmax_sms = 4', Route(("operator",), min_sms=2, max_sms=4)),
    "the cheapest": ('carriers = ["sim-1", "operator"]\norder = "cost"', Route(("operator", "sim-1"))),
    "by weight": (
        'carriers = ["operator", "sim-1"]\nspread = "weight"\nweights = [3, 1]',
        Route(("operator", "sim-1"), weights=(3, 1)),
    ),
    "by allowance": (
        'carriers = ["operator", "sim-1"]\nspread = "allowance"',
        Route(("operator", "sim-1"), is_shared=True),
    ),
}


@pytest.mark.parametrize("case", ROUTES)
def test_a_table_becomes_a_route(file: Path, case: str) -> None:
    table, route = ROUTES[case]
    expected = Route(
        route.carriers,
        frozenset(route.categories),
        route.prefixes,
        frozenset(route.senders),
        route.min_sms,
        route.max_sms,
        route.weights,
        route.is_shared,
    )
    assert rules(file, f"[[route]]\n{table}").routes == (expected,)


def test_each_sender_is_known_with_the_binds_that_have_it(file: Path) -> None:
    assert rules(file, "").senders == {"Lab": ("operator", "other"), "Clinic": ("operator",)}


def test_the_longest_message_of_a_bind_is_that_of_its_limits(file: Path) -> None:
    assert rules(file, "").longest == {"sim-1": 100, "other": 1000}


MISTAKES = {  # table -> the one line that a person gets
    "no carriers": (
        'category = "otp"',
        'route[1].carriers: is missing; must be a list of names of [[smpp]] and [[modem]] tables, such as ["operator",'
        ' "sim-1"]',
    ),
    "a carrier that is none": (
        'carriers = ["operator", "sim-2"]',
        'route[1].carriers: there is no carrier "sim-2" (did you mean "sim-1"?)',
    ),
    "the cheapest of which one has no cost": (
        'carriers = ["operator", "other"]\norder = "cost"',
        'route[1]: order = "cost" needs the key cost of "other"',
    ),
    "too few weights": (
        'carriers = ["operator", "other"]\nspread = "weight"\nweights = [1]',
        'route[1]: needs weights, one for each of its carriers, with spread = "weight"; and no weights without it',
    ),
    "weights for nothing": (
        'carriers = ["operator", "other"]\nweights = [1, 2]',
        'route[1]: needs weights, one for each of its carriers, with spread = "weight"; and no weights without it',
    ),
    "cost and spread": (
        'carriers = ["operator", "sim-1"]\norder = "cost"\nspread = "allowance"',
        'route[1]: order = "cost" takes the cheapest, spread shares the load: it can do only one of them',
    ),
    "sizes that nothing has": (
        'carriers = ["operator"]\nmin_sms = 3\nmax_sms = 2',
        "route[1]: min_sms is larger than max_sms: no message fits",
    ),
    "a category that is none": (
        'carriers = ["operator"]\ncategory = "opt"',
        'route[1].category[1]: must be one of "emergency", "otp", "notification", "marketing", or a list of them, got'
        ' "opt" (did you mean "otp"?)',
    ),
    "an unknown key": (
        'carriers = ["operator"]\nprefixes = ["+7916"]',
        'route[1].prefixes: unknown key (did you mean "prefix"?)',
    ),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_each_mistake_is_one_line_that_helps(file: Path, case: str) -> None:
    table, line = MISTAKES[case]
    assert mistakes(file, f"[[route]]\n{table}") == [line]


def test_a_modem_that_is_still_to_be_found_may_be_named_and_nothing_else(file: Path) -> None:
    bind = CARRIERS[CARRIERS.index("[[smpp]]") :]
    assert read(file, '[[route]]\ncarriers = ["operator", "sim-3"]', bind).routes
    line = 'route[1].carriers: there is no carrier "opertor" (did you mean "operator"?)'
    assert mistakes(file, '[[route]]\ncarriers = ["opertor", "sim-3"]', bind) == [line]


def test_what_a_bind_costs_and_whose_names_it_has_changes_while_its_link_stays(file: Path) -> None:
    before = read(file, "").smpp[0]
    cheaper = before.model_copy(update={"cost": 0.5, "senders": ("New",)})
    assert hiring.is_same_link(before, cheaper)
    assert not hiring.is_same_link(before, cheaper.model_copy(update={"window": 50}))


def test_what_a_modem_costs_changes_while_it_stays_open(file: Path) -> None:
    before = read(file, "").modems[0]
    assert hiring.can_change(before, before.model_copy(update={"cost": 0.5}))
