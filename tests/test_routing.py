"""Which table is about a message, which carriers may take it, and who serves its way at the moment."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import routing
from gateway.routing import Facts, Opening, Route

MESSAGE = Facts("+79000001234", "notification", "Clinic", 2)
BOTH = Route(carriers=("operator", "sim-1"))

# condition -> whether it is about MESSAGE
CONDITIONS = {
    "none": ({}, True),
    "its category": ({"categories": ("otp", "notification")}, True),
    "another category": ({"categories": ("otp",)}, False),
    "its prefix": ({"prefixes": ("+7916", "+7900")}, True),
    "another prefix": ({"prefixes": ("+7916",)}, False),
    "its sender": ({"senders": ("Clinic",)}, True),
    "another sender": ({"senders": ("Lab",)}, False),
    "at least its size": ({"min_sms": 2}, True),
    "at least more": ({"min_sms": 3}, False),
    "at most its size": ({"max_sms": 2}, True),
    "at most less": ({"max_sms": 1}, False),
    "all of its own": ({"categories": ("notification",), "prefixes": ("+79",), "senders": ("Clinic",)}, True),
    "one of several wrong": ({"categories": ("notification",), "prefixes": ("+7916",)}, False),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_table_is_about_what_fits_all_of_its_conditions(case: str) -> None:
    conditions, fits = CONDITIONS[case]
    assert replace(BOTH, **conditions).fits(MESSAGE) is fits  # type: ignore[arg-type]


def test_the_first_table_that_fits_counts() -> None:
    routes = [replace(BOTH, categories=("otp",)), replace(BOTH, carriers=("sim-2",)), BOTH]
    assert routing.fitting(routes, MESSAGE) == 1
    assert routing.way_of(routes, MESSAGE) == "sim-2"


def test_without_a_table_that_fits_any_carrier_takes_it() -> None:
    assert routing.way_of([replace(BOTH, categories=("otp",))], MESSAGE) == routing.ANY


BEARERS = {  # routes, who has the sender -> the way
    "no route, one bind": ([], ["operator"], "operator"),
    "no route, two binds": ([], ["operator", "other"], "\noperator\nother"),
    "no route, nobody": ([], [], None),
    "those of the route alone": ([BOTH], ["operator", "other"], "operator"),
    "none of the route": ([Route(carriers=("sim-1",))], ["operator"], None),
    "in the route's order": ([Route(carriers=("b", "a", "c"))], ["a", "b"], "b\na"),
    "whoever has most left": ([Route(carriers=("b", "a"), is_shared=True)], None, "\nb\na"),
    "the same one twice": ([Route(carriers=("b", "b"))], None, "b"),
}


@pytest.mark.parametrize("case", BEARERS)
def test_a_sender_goes_only_over_those_that_have_it_and_that_the_route_names(case: str) -> None:
    routes, bearers, way = BEARERS[case]
    assert routing.way_of(routes, MESSAGE, bearers) == way


def test_what_stands_in_the_queue_is_read_back() -> None:
    assert routing.names_of(routing.ANY) == ()
    assert routing.names_of("operator\nsim-1") == ("operator", "sim-1")
    assert routing.names_of("\nsim-2\nsim-1") == ("sim-2", "sim-1")
    assert [routing.is_several(way) for way in ("", "sim-1", "a\nb", "\na\nb")] == [False, False, True, True]


def test_by_weight_each_gets_its_share_and_a_number_keeps_its_carrier() -> None:
    route = Route(carriers=("a", "b", "c"), weights=(6, 3, 1))
    numbers = [f"+7900{n:07}" for n in range(3000)]
    firsts = Counter(route.order(number)[0] for number in numbers)
    assert abs(firsts["a"] - 1800) < 120
    assert abs(firsts["b"] - 900) < 120
    assert abs(firsts["c"] - 300) < 90
    assert [route.order(number) for number in numbers] == [route.order(number) for number in numbers]


@given(st.lists(st.integers(1, 50), min_size=1, max_size=5), st.text("0123456789", min_size=1))
def test_by_weight_all_carriers_stay_in_the_way(weights: list[int], number: str) -> None:
    carriers = tuple(f"c{n}" for n in range(len(weights)))
    assert sorted(Route(carriers=carriers, weights=tuple(weights)).order(number)) == sorted(carriers)


SERVERS = {  # who can send, and who of them for a while -> who serves operator, sim-1
    "both": ("operator sim-1", "operator sim-1", "operator"),
    "only the second": ("sim-1", "sim-1", "sim-1"),
    "the first has just come back": ("operator sim-1", "sim-1", "sim-1"),
    "both have just come": ("operator sim-1", "", "operator"),
    "the first has just come and the other is gone": ("operator", "", "operator"),
    "nobody": ("", "", None),
    "another one": ("sim-2", "sim-2", None),
}


@pytest.mark.parametrize("case", SERVERS)
def test_the_best_one_that_can_send_serves_and_one_that_came_back_waits_a_while(case: str) -> None:
    able, steady, who = SERVERS[case]
    assert routing.server(("operator", "sim-1"), able.split(), steady.split()) == who


def test_each_carrier_knows_the_ways_that_are_open_to_it() -> None:
    ways, everybody = ["operator\nsim-1", "\nsim-1\nsim-2"], {"operator", "sim-1", "sim-2"}
    assert routing.openings(ways, everybody, everybody) == {
        "operator": (Opening("operator\nsim-1"),),
        "sim-1": (Opening("operator\nsim-1", is_first=False), Opening("\nsim-1\nsim-2", is_shared=True)),
        "sim-2": (Opening("\nsim-1\nsim-2", is_shared=True),),
    }


def test_where_nobody_can_send_whoever_comes_first_begins() -> None:
    found = routing.openings(["operator\nsim-1"], (), ())
    assert [each.is_first for each in (*found["operator"], *found["sim-1"])] == [True, True]


@given(
    st.lists(st.sampled_from("abcd"), min_size=2, max_size=4, unique=True),
    st.sets(st.sampled_from("abcdx")),
    st.sets(st.sampled_from("abcdx")),
)
def test_one_carrier_and_no_other_is_first_wherever_one_can_send(
    names: list[str], able: set[str], steady: set[str]
) -> None:
    way = routing.way(names)
    assert way is not None
    found = routing.openings([way], able, steady)
    firsts = {name for name, openings in found.items() if openings[0].is_first}
    assert set(found) == set(names)
    assert firsts == (set(names) if not able & set(names) else {routing.server(names, able, steady)})
