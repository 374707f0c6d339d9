"""The outbox between the MIS, the clock and the carriers.

Pains 5 (the same again), 6 (old reminders after an outage), 11 (one bad number blocks all), 24 (stuck for ever),
26 (database locked), 27 (wrong clock) and 30 (the wrong modem).
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import serial

from tests.e2e.fleet import Fleet, assembled
from tests.e2e.installation import Installation

ZONE = "Asia/Almaty"  # five hours ahead of UTC, nowhere near this machine's own
PATIENT = "+79000000001"
RADIO_S = 0.05


def phone(number: int) -> str:
    return f"+7900000{5000 + number}"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two modems; what an outage left in the queue is there before the daemon starts."""
    with assembled(
        tmp_path_factory.mktemp("queue"), ["north", "south"], bank={"radio_s": RADIO_S}, timezone=ZONE
    ) as made:
        yield made


def local(moment: datetime) -> str:
    """As a program in the clinic writes it: its own time, without an offset."""
    return moment.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def in_utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_status_tells_that_nothing_runs_and_for_how_long_messages_have_waited(fleet: Fleet) -> None:
    """Pain 24: nothing is stuck in the dark."""
    fleet.clinic.insert(phone(0), "Hello")
    status = fleet.clinic.json("status")
    assert (status["running"], status["queue"]["queued"]) == (False, 1)
    assert status["oldest_queued_s"] > 0


def test_after_an_outage_what_is_too_late_is_not_sent_and_the_network_learns_how_long_the_rest_is_good(
    fleet: Fleet,
) -> None:
    """Pain 6; the daemon starts here."""
    now = datetime.now(UTC)
    old = fleet.clinic.insert(phone(1), "Come today at 10", expires_at=local(now - timedelta(minutes=1)))
    good = fleet.clinic.insert(phone(2), "Come tomorrow at 10", expires_at=local(now + timedelta(hours=2)))
    fleet.clinic.start(modems_ready=2)
    fleet.clinic.wait_for_state(good, "delivered")
    assert fleet.clinic.json("status")["running"] is True
    assert fleet.clinic.wait_for_state(old, "expired")["error_code"] == "expired"
    assert fleet.submitted_to(phone(1)) == []
    (submitted,) = fleet.submitted_to(phone(2))
    assert 7000 <= (submitted.decoded.validity_s or 0) <= 7800


def test_times_are_read_in_the_clinics_zone_and_written_in_utc(fleet: Fleet) -> None:
    """Pain 27: an hour that has begun in the clinic, and one that begins in a moment."""
    begun = datetime.now(UTC) - timedelta(minutes=1)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    at_once = fleet.clinic.insert(phone(3), "At once", not_before=local(begun))
    later = fleet.clinic.insert(phone(4), "Soon", not_before=local(soon))
    row = fleet.clinic.wait_for_state(at_once, "delivered")
    sent = fleet.clinic.wait_for_state(later, "delivered")
    assert in_utc(sent["sent_at"]) >= soon.replace(microsecond=0)
    written = [row[column] for column in ("created_at", "updated_at", "sent_at", "delivered_at")]
    assert all(text.endswith("Z") and abs(in_utc(text) - datetime.now(UTC)) < timedelta(minutes=5) for text in written)


def test_bad_numbers_and_planned_messages_at_the_head_delay_nobody(fleet: Fleet) -> None:
    """Pains 11 and 24: refused for good, phone off, planned for tomorrow; all more urgent than the others.

    A second try at one of them comes after a minute: nobody waits for that here.
    """
    troubles = {"CMS 1": "failed", "CMS 21": "failed", "CMS 22": "queued", "CMS 27": "queued", "CMS 28": "failed"}
    for number, code in enumerate(troubles, 10):
        fleet.bank.on_submit(phone(number), "delivered", code=code)
    bad = [fleet.clinic.insert(phone(number), "Hello", priority=9) for number in range(10, 10 + len(troubles))]
    tomorrow = local(datetime.now(UTC) + timedelta(days=1))
    planned = fleet.clinic.insert(phone(20), "Hello", priority=9, not_before=tomorrow)
    others = [fleet.clinic.insert(phone(number), "Hello") for number in range(30, 50)]
    for message in others:
        fleet.clinic.wait_for_state(message, "delivered")
    rows = [fleet.clinic.row(message) for message in bad]
    assert [row["state"] for row in rows] == list(troubles.values())
    assert [row["error_code"] for row in rows] == [code.lower().replace(" ", "_") for code in troubles]
    assert all(row["error_text"] for row in rows)
    assert fleet.clinic.row(planned)["state"] == "queued"


def test_a_key_that_was_used_never_becomes_a_second_sms(fleet: Fleet) -> None:
    """Pain 5: a program that runs wild, with each kind of INSERT that SQL has."""
    columns = {"recipient": phone(70), "body": "Once", "external_id": "visit-70"}
    fleet.clinic.wait_for_state(fleet.clinic.insert(**columns), "delivered")
    connection = sqlite3.connect(fleet.clinic.database, timeout=5.0)
    for verb in ("INSERT", "INSERT OR IGNORE", "INSERT OR REPLACE"):
        try:
            with connection:
                statement = (
                    f"{verb} INTO outbox (recipient, body, external_id) VALUES (:recipient, :body, :external_id)"
                )
                connection.execute(statement, columns)
        except sqlite3.IntegrityError:
            assert verb != "INSERT OR IGNORE"
    connection.close()
    last = fleet.clinic.insert(phone(71), "Last")
    fleet.clinic.wait_for_state(last, "delivered")
    assert fleet.bank.phones[phone(70)] == ["Once"]


def test_each_message_leaves_by_the_modem_that_it_names(fleet: Fleet) -> None:
    """Pain 30, under load, and who sent what is written down."""
    names = ("north", "south")
    messages = {
        fleet.send(names[n % 2], phone(100 + n), f"Of {names[n % 2]}"): (names[n % 2], phone(100 + n))
        for n in range(40)
    }
    for message, (name, number) in messages.items():
        assert fleet.clinic.wait_for_state(message, "delivered")["carrier"] == name
        (submitted,) = fleet.submitted_to(number)
        assert submitted.modem == fleet.modems[name].name
        assert fleet.bank.received[number][0].sender == fleet.modems[name].sim.number


def test_writers_and_gateway_share_the_database_without_an_error(fleet: Fleet) -> None:
    """Pain 26: four programs write while both modems send; a program that is impatient gets through as well."""
    faults: list[sqlite3.Error] = []
    writers = [threading.Thread(target=write_many, args=(fleet.clinic, n, faults)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    wanted = [phone(1000 + n * 100 + each) for n in range(4) for each in range(25)]
    fleet.clinic.wait_for(lambda: all(fleet.bank.phones.get(number) for number in wanted), "all of them sent")
    received = Counter(submitted.decoded.recipient for submitted in list(fleet.bank.submitted))
    assert {received[number] for number in wanted} == {1}


def write_many(clinic: Installation, writer: int, faults: list[sqlite3.Error]) -> None:
    connection = sqlite3.connect(clinic.database, timeout=1.0)
    for each in range(25):
        try:
            with connection:
                values = (phone(1000 + writer * 100 + each), f"Text {each}")
                connection.execute("INSERT INTO outbox (recipient, body) VALUES (?, ?)", values)
        except sqlite3.Error as fault:
            faults.append(fault)
    connection.close()


def test_no_other_program_can_take_the_port(fleet: Fleet) -> None:
    """Pain 30: two programs on one port steal each other's answers."""
    with pytest.raises(serial.SerialException):
        serial.Serial(fleet.modems["north"].port, exclusive=True)


def test_a_port_that_another_program_has_is_told_and_taken_when_it_is_free(tmp_path: Path) -> None:
    """Pain 30, the other way round: ModemManager was first."""
    with assembled(tmp_path, ["north"]) as fleet:
        other = serial.Serial(fleet.modems["north"].port, exclusive=True)
        message = fleet.clinic.insert(PATIENT, "Hello")
        fleet.clinic.start()
        fleet.clinic.wait_for(lambda: fleet.state_of("north") == "absent", "the port is not ours")
        assert "in use" in fleet.clinic.json("modems")[0]["detail"]
        other.close()
        fleet.clinic.wait_for_state(message, "delivered")
        assert fleet.bank.phones[PATIENT] == ["Hello"]
