"""Whether a bind is to leave a place to something urgent that is just being examined."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.routing import Opening
from tests.queue.clinic import Clinic, later

WAY = Opening("operator sim-1", is_first=True, is_shared=True)


@pytest.fixture
def clinic(tmp_path: Path, empty: bytes) -> Clinic:
    file = tmp_path / "gateway.db"
    file.write_bytes(empty)
    return Clinic(file)


def write(clinic: Clinic, **columns: object) -> None:
    """As another program does; nobody has examined it yet."""
    columns = {"recipient": "+79000001111", "body": "Hello"} | columns
    marks = ", ".join("?" * len(columns))
    clinic.connection.execute(f"INSERT INTO outbox ({', '.join(columns)}) VALUES ({marks})", tuple(columns.values()))


@pytest.mark.parametrize(
    ("columns", "is_coming"),
    [
        pytest.param({"category": "otp"}, True, id="a code"),
        pytest.param({"category": "emergency"}, True, id="an emergency"),
        pytest.param({"priority": 9}, True, id="whatever has its weight"),
        pytest.param({"category": "otp", "priority": 3}, False, id="a code that may wait"),
        pytest.param({}, False, id="a reminder"),
        pytest.param({"category": "marketing"}, False, id="marketing"),
    ],
)
def test_it_is_one_by_its_weight_until_it_is_examined(
    clinic: Clinic, columns: dict[str, object], is_coming: bool
) -> None:
    write(clinic, **columns)
    assert clinic.box.is_urgent_coming("sim-1", []) is is_coming
    clinic.box.intake(later())
    assert not clinic.box.is_urgent_coming("sim-1", [])


@pytest.mark.parametrize(
    ("route", "openings", "is_coming"),
    [
        pytest.param("", [], False, id="anybody may take it"),
        pytest.param("sim-1", [], False, id="it is this one's"),
        pytest.param("sim-2", [], True, id="it is another one's"),
        pytest.param(WAY.way, [WAY], False, id="in an open way"),
        pytest.param(WAY.way, [], True, id="in a way that is shut"),
    ],
)
def test_where_urgent_ones_are_due_for_the_carrier_it_has_no_need_to(
    clinic: Clinic, route: str, openings: list[Opening], is_coming: bool
) -> None:
    write(clinic, category="otp", recipient="+79000002222")
    clinic.box.intake(later())
    clinic.connection.execute("UPDATE outbox SET route = ?", (route,))
    write(clinic, category="otp")
    assert clinic.box.is_urgent_coming("sim-1", openings) is is_coming
