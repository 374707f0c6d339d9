"""Lines: a SIM keeps its name, and every change of its place is an event of its carrier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from sqlite3 import Connection

from gateway.carrier import CarrierStatus
from gateway.life import Life
from gateway.queue import heartbeat, lines
from gateway.queue.lines import Sighting

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIM, ANOTHER = "8970199000000000017", "8970199000000000025"
IMEI, OTHER_IMEI = "350000000000006", "350000000000014"


def see(connection: Connection, line: str, carrier: str, *, imei: str = IMEI, port: str = "/dev/ttyUSB0") -> list[str]:
    """The events that it brought."""
    before = connection.execute("SELECT COALESCE(max(id), 0) FROM events").fetchone()[0]
    lines.seen(connection, Sighting(line, carrier, imei=imei, iccid=line, port=port), NOW)
    rows = connection.execute("SELECT carrier, event, detail FROM events WHERE id > ? ORDER BY id", (before,))
    return [" ".join(row) for row in rows]


def test_a_line_keeps_its_name_and_a_new_one_gets_the_lowest_that_is_free(connection: Connection) -> None:
    first = lines.give_name(connection, SIM, NOW)
    second = lines.give_name(connection, ANOTHER, NOW, taken={"sim-2"})
    assert (first, second) == ("sim-1", "sim-3")
    assert lines.give_name(connection, SIM, NOW, taken={"sim-1"}) == "sim-1"
    assert lines.names(connection) == {"sim-1", "sim-3"}


def test_the_sim_of_a_modem_that_was_locked_inherits_its_name(connection: Connection) -> None:
    assert lines.give_name(connection, IMEI, NOW, imei=IMEI) == "sim-1"
    assert lines.give_name(connection, SIM, NOW, imei=IMEI) == "sim-1"
    assert lines.give_name(connection, ANOTHER, NOW, imei=IMEI) == "sim-2"


def test_a_name_that_another_modem_bears_now_is_not_inherited(connection: Connection) -> None:
    lines.give_name(connection, IMEI, NOW, imei=IMEI)
    assert lines.give_name(connection, SIM, NOW, imei=IMEI, taken={"sim-1"}) == "sim-2"


def test_a_name_that_a_person_has_given_to_another_modem_is_given_up(connection: Connection) -> None:
    lines.give_name(connection, SIM, NOW)
    assert lines.give_name(connection, SIM, NOW, configured={"sim-1", "sim-2"}) == "sim-3"
    assert lines.give_name(connection, SIM, NOW) == "sim-3"


def test_first_sight_another_port_and_another_device_are_events(connection: Connection) -> None:
    assert see(connection, SIM, "sim-1") == [f"sim-1 sim It has the SIM {SIM}."]
    assert see(connection, SIM, "sim-1") == []
    assert see(connection, SIM, "sim-1", port="/dev/ttyUSB3") == ["sim-1 port It is at /dev/ttyUSB3 now."]
    (moved,) = see(connection, SIM, "sim-1", imei=OTHER_IMEI, port="/dev/ttyUSB5")
    assert "another device" in moved


def test_two_sims_that_change_places_are_told_of_from_both_sides(connection: Connection) -> None:
    see(connection, SIM, "a")
    see(connection, ANOTHER, "b", imei=OTHER_IMEI, port="/dev/ttyUSB1")
    now_in_a = see(connection, ANOTHER, "a", imei=OTHER_IMEI)
    now_in_b = see(connection, SIM, "b", port="/dev/ttyUSB1")
    assert any("another SIM" in event and "follow the SIM" in event for event in now_in_a)
    assert any("b's before" in event for event in now_in_a)
    assert any("It has the SIM" in event or "another SIM" in event for event in now_in_b)


def test_a_line_that_stays_where_it_is_is_written_down_once_an_hour(connection: Connection) -> None:
    see(connection, SIM, "sim-1")
    for minutes, written in ((59, NOW), (61, NOW + timedelta(minutes=61))):
        sighting = Sighting(SIM, "sim-1", imei=IMEI, iccid=SIM, port="/dev/ttyUSB0")
        lines.seen(connection, sighting, NOW + timedelta(minutes=minutes))
        (known,) = lines.known(connection)
        assert known.last_seen_at == written


def test_what_was_known_of_a_line_is_kept_when_it_is_seen_in_part(connection: Connection) -> None:
    see(connection, SIM, "sim-1")
    connection.execute("UPDATE lines SET blocks = 2, blocked_code = 'cms_38'")
    lines.seen(connection, Sighting(SIM, "sim-1"), NOW + timedelta(days=1))
    (known,) = lines.known(connection)
    assert (known.imei, known.iccid, known.port, known.carrier) == (IMEI, SIM, "/dev/ttyUSB0", "sim-1")
    assert connection.execute("SELECT blocks, first_seen_at FROM lines").fetchone() == (2, "2026-11-22T09:00:00.000Z")


ACCOUNT = "smpp:clinic@192.0.2.7:2775"


def see_bind(connection: Connection, name: str, *, minutes: int, present: Sequence[str]) -> str | None:
    """Who has the account then; `present`: the carriers that the daemon has told of just before."""
    at = NOW + timedelta(minutes=minutes)
    for each in present:
        status = CarrierStatus(Life.READY, line=ACCOUNT)
        heartbeat.report(connection, each, "smpp", status, 0, None, at - timedelta(seconds=2))
    lines.seen(connection, Sighting(ACCOUNT, name, kind="smpp", port="192.0.2.7:2775"), at)
    holder: str | None = connection.execute("SELECT carrier FROM lines WHERE line = ?", (ACCOUNT,)).fetchone()[0]
    return holder


def test_an_account_that_two_binds_have_stays_with_the_first_of_them(connection: Connection) -> None:
    both = ("operator-1", "operator-2")
    found = [see_bind(connection, bind, minutes=at, present=both) for at in range(0, 150, 30) for bind in both]
    assert set(found) == {"operator-1"}
    assert connection.execute("SELECT event, detail FROM events WHERE event <> 'state'").fetchall() == []
    assert connection.execute("SELECT last_seen_at FROM lines").fetchone() == ("2026-11-22T11:00:00.000Z",)


def test_an_account_is_another_binds_when_the_first_is_no_longer_there(connection: Connection) -> None:
    see_bind(connection, "operator-1", minutes=0, present=("operator-1",))
    assert see_bind(connection, "operator-2", minutes=5, present=("operator-2",)) == "operator-2"
