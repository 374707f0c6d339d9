"""`smsgw import` tells before the question when it would be out, over which SIMs, and what it would cost."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from gateway.carrier import CarrierStatus
from gateway.daemon.lock import hold
from gateway.queue import db, heartbeat
from tests.cli.conftest import Gateway
from tests.cli.test_import import listed
from tests.merge.lists import HEADINGS, TEMPLATE, person

PEOPLE = [HEADINGS, *(person(f"8 900 000-00-{number:02}") for number in range(1, 25))]


def configured(gateway: Gateway, *lines: str) -> Gateway:
    with gateway.config.open("a") as config:
        config.write("\n".join(lines) + "\n")
    return gateway


def dry(gateway: Gateway, folder: Path, *options: str) -> tuple[str, dict[str, object]]:
    arguments = ("import", listed(folder, PEOPLE), "--template", TEMPLATE, "--dry-run", *options)
    return " ".join(gateway.run(*arguments).stderr.split()), gateway.json(*arguments)["estimate"]


def test_the_preview_says_when_it_would_be_out_and_what_is_left_of_the_sim(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, "max_per_minute = 6", "max_per_day = 500", "cost = 1.5")
    said, document = dry(gateway, tmp_path)
    assert "By estimate the last one goes at 20" in said
    assert "sim-1: about 24 SMS, 6 a minute; 500 left today" in said
    assert "Cost: about 36.00." in said
    assert (document["sms"], document["cost"], document["is_cost_whole"]) == (24, 36.0, True)
    assert document["carriers"] == [
        {"name": "sim-1", "sms": 24, "per_minute": 6.0, "left_today": 500, "left_this_month": None}
    ]


def test_a_sender_that_names_a_carrier_leaves_the_others_out(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, "[[modem]]", 'name = "sim-2"', f'port = "{tmp_path}/none"')
    _said, document = dry(gateway, tmp_path, "--sender", "sim-2")
    assert [each["name"] for each in document["carriers"]] == ["sim-2"]  # type: ignore[attr-defined]


def test_the_pace_of_a_bind_is_a_plain_number(gateway: Gateway, tmp_path: Path) -> None:
    """30 SMS a second are 1800 a minute, which three digits would tell as 1.8e+03."""
    (tmp_path / "smpp.secret").write_text("secret\n")
    configured(
        gateway,
        *("[[smpp]]", 'name = "operator"', 'host = "127.0.0.1"', 'system_id = "clinic"', 'source = "Clinic"'),
        *(f'password_file = "{tmp_path}/smpp.secret"', "max_per_second = 30"),
    )
    said, _document = dry(gateway, tmp_path, "--sender", "operator")
    assert "operator: about 24 SMS, 1,800 a minute" in said


def test_routes_leave_the_others_out_too(gateway: Gateway, tmp_path: Path) -> None:
    configured(
        gateway,
        *("[[modem]]", 'name = "sim-2"', f'port = "{tmp_path}/none"'),
        *("[[route]]", 'category = ["marketing"]', 'carriers = ["sim-2"]'),
    )
    names = [
        [each["name"] for each in dry(gateway, tmp_path, "--category", category)[1]["carriers"]]  # type: ignore[attr-defined]
        for category in ("marketing", "notification")
    ]
    assert names == [["sim-2"], ["sim-1", "sim-2"]]


TWO = ("[[modem]]", 'name = "sim-2"', 'port = "/dev/none"', "max_per_minute = 6", "cost = 2.0")
IN_ORDER = ("[[route]]", 'carriers = ["sim-2", "sim-1"]')


def sms_by_carrier(document: dict[str, object]) -> dict[str, int]:
    return {each["name"]: each["sms"] for each in document["carriers"]}  # type: ignore[attr-defined]


def test_of_carriers_in_an_order_the_better_one_is_reckoned_with(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, *TWO, *IN_ORDER)
    said, document = dry(gateway, tmp_path)
    assert sms_by_carrier(document) == {"sim-1": 0, "sim-2": 24}
    assert "sim-2: about 24 SMS, 6 a minute" in said
    assert "sim-1:" not in said
    assert document["cost"] == 48.0


def test_where_the_better_one_has_little_left_the_next_one_takes_the_rest(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, *TWO, "max_per_day = 10", *IN_ORDER)
    assert sms_by_carrier(dry(gateway, tmp_path)[1]) == {"sim-1": 14, "sim-2": 10}


@pytest.mark.parametrize(("state", "reckoned"), [("ready", 24), ("searching", 0), ("blocked", 0)])
def test_a_better_one_that_can_not_send_now_is_not_counted_on(
    gateway: Gateway, tmp_path: Path, now: datetime, state: str, reckoned: int
) -> None:
    configured(gateway, *TWO, *IN_ORDER)
    with closing(db.open_database(gateway.database)) as connection:
        heartbeat.beat(connection, 17, now)
        for name, its_state in (("sim-1", "ready"), ("sim-2", state)):
            heartbeat.report(connection, name, "modem", CarrierStatus(its_state), 0, None, now)
    with hold(gateway.database):
        assert sms_by_carrier(dry(gateway, tmp_path)[1]).get("sim-2", 0) == reckoned


def test_a_route_of_a_prefix_takes_what_goes_there_and_nothing_else(gateway: Gateway, tmp_path: Path) -> None:
    of_nine = ("[[route]]", 'prefix = "+7900000000"', 'carriers = ["sim-2"]', "[[route]]", 'carriers = ["sim-1"]')
    configured(gateway, *TWO, *of_nine)
    assert sms_by_carrier(dry(gateway, tmp_path)[1]) == {"sim-1": 15, "sim-2": 9}


def test_a_spread_by_weight_is_that_of_the_messages(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, *TWO, "[[route]]", 'carriers = ["sim-1", "sim-2"]', 'spread = "weight"', "weights = [1, 3]")
    found = sms_by_carrier(dry(gateway, tmp_path)[1])
    assert found["sim-1"] + found["sim-2"] == 24
    assert 0 < found["sim-1"] < 12


def test_what_nobody_has_looked_at_yet_stands_before_as_if_it_went_the_same_way(
    gateway: Gateway, tmp_path: Path
) -> None:
    configured(gateway, *TWO, *IN_ORDER)
    gateway.insert()
    assert dry(gateway, tmp_path)[1]["ahead_sms"] == 1


def test_what_is_spread_is_not_through_before_its_last_time(gateway: Gateway, tmp_path: Path) -> None:
    said, document = dry(gateway, tmp_path, "--send-at", "2030-12-01 10:00", "--spread", "4 h")
    assert "They go from 2030-12-01 10:00 to 2030-12-01 13:50" in said
    assert "the last one goes at 2030-12-01 13:5" in said, document


def test_what_can_not_be_through_says_so(gateway: Gateway, tmp_path: Path) -> None:
    configured(gateway, "max_per_month = 1", 'quiet = ["00:00-00:00"]')
    said, document = dry(gateway, tmp_path)
    assert "not through within 92 days: more SIMs or higher limits are needed" in said
    assert document["finish_at"] is None


def latin1_bind(gateway: Gateway, folder: Path) -> None:
    """It lacks €, which the GSM alphabet has."""
    (folder / "smpp.secret").write_text("secret\n")
    configured(
        gateway,
        *("[[smpp]]", 'name = "operator"', 'host = "127.0.0.1"', 'system_id = "clinic"', 'source = "Clinic"'),
        *(f'password_file = "{folder}/smpp.secret"', 'gsm7 = "latin1"', "gsm7_coding = 3"),
    )


LONG_WITH_EURO = "Your bill is 40 €. " + "Please come to the desk. " * 5


def warned(gateway: Gateway, folder: Path, *options: str, text: str = LONG_WITH_EURO) -> list[tuple[object, object]]:
    arguments = ("import", listed(folder, PEOPLE), "--template", text, "--dry-run", *options)
    said = " ".join(gateway.run(*arguments).stderr.split())
    warnings = gateway.json(*arguments)["warnings"]
    assert all(f"{each['code']}" in said for each in warnings)
    return [(each["row"], each["code"]) for each in warnings]


def test_a_text_that_no_carrier_can_write_is_pointed_out_in_the_preview(gateway: Gateway, tmp_path: Path) -> None:
    latin1_bind(gateway, tmp_path)
    assert warned(gateway, tmp_path) == [], "a modem writes it"
    configured(gateway, "[[route]]", 'carriers = ["operator"]')
    assert warned(gateway, tmp_path) == [(row, "no_coding") for row in range(2, 26)]
    queued = gateway.run("import", listed(tmp_path, PEOPLE), "--template", LONG_WITH_EURO, "--yes")
    assert (queued.exit_code, gateway.count()) == (1, 0)
    assert warned(gateway, tmp_path, text="Your bill is 40 €.") == [], "so short it goes in UCS-2"
    assert warned(gateway, tmp_path, text=LONG_WITH_EURO.replace("€", "roubles")) == []


def test_a_route_that_leads_nowhere_is_pointed_out(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "smpp.secret").write_text("secret\n")
    latin1_bind(gateway, tmp_path)
    configured(gateway, 'senders = ["Lab"]', "[[route]]", 'carriers = ["sim-1"]')
    codes = {code for _row, code in warned(gateway, tmp_path, "--sender", "Lab", text="Hello")}
    assert codes == {"no_route"}
