"""What a carrier does beside sending: sweeps, a look at the network, warnings; no more of it because a modem chats."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from gateway.carrier import Accepted, Deferred, Incoming
from gateway.errors import CarrierLost
from gateway.modem import answers
from gateway.modem.chores import Chore
from gateway.modem.service import CALLED
from tests.fake_modem import Bank
from tests.fake_modem.handle import Handle
from tests.fake_modem.personality import Personality, load_all
from tests.modem.live import SENDER, opened, receive, sms, until

NOW = 1000.0


def count(modem: Handle, prefix: str) -> int:
    return sum(command.startswith(prefix) for command in modem.commands)


@pytest.mark.parametrize(
    ("age_s", "is_wanted", "factor", "is_due"),
    [
        (60.0, False, 1.0, True),
        (59.9, False, 1.0, False),
        (299.9, False, 5.0, False),
        (300.0, False, 5.0, True),
        (3.0, True, 5.0, True),
        (2.9, True, 1.0, False),
    ],
)
def test_a_chore_is_due_by_its_age_or_when_it_is_wanted(
    age_s: float, is_wanted: bool, factor: float, is_due: bool
) -> None:
    assert Chore(60.0, 3.0, done_at=NOW - age_s, is_wanted=is_wanted).is_due(NOW, factor) is is_due


def test_a_chore_that_was_never_done_is_due_and_one_that_began_is_not() -> None:
    chore = Chore(60.0, 3.0)
    assert chore.is_due(0.0)
    chore.want()
    chore.begin(NOW)
    assert not chore.is_due(NOW + 10)
    assert chore.due_at() == NOW + 60


def test_nothing_but_submits_and_acknowledgements_goes_out_while_there_is_a_backlog() -> None:
    with Bank(1) as bank, opened(bank.modems[0]) as carrier:
        receive(carrier, 1, within_s=0.1)
        before = len(bank.modems[0].commands)
        for key in range(50):
            carrier.submit(sms(key))
            for each in carrier.receive(0):
                carrier.acknowledge(each)
        said = bank.modems[0].commands[before:]
    assert {command.partition("=")[0] for command in said} <= {"AT+CMGS", "AT+CNMA"}


def test_a_chatty_modem_is_not_asked_for_the_network_at_each_of_its_lines() -> None:
    with Bank(1, personality="chatty") as bank, opened(bank.modems[0]) as carrier:
        receive(carrier, 1, within_s=0.5)  # some 50 lines about registration
        assert count(bank.modems[0], "AT+CSQ") <= 2


def test_an_idle_line_is_asked_for_a_sign_of_life() -> None:
    with Bank(1) as bank, opened(bank.modems[0], refresh_s=0.1) as carrier:
        before = count(bank.modems[0], "AT+CSQ")
        receive(carrier, 1, within_s=0.5)
        assert count(bank.modems[0], "AT+CSQ") > before + 1


def test_a_modem_that_hangs_in_the_midst_of_a_chore_is_not_shown_as_ready_while_it_is_called(
    modem: Handle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.modem.storage.LIST_S", 0.2)
    with opened(modem) as carrier:
        modem.fault("hang", "AT+CMGL=4")
        work = threading.Thread(target=carrier.receive, args=(0.0,), daemon=True)
        work.start()
        until(lambda: carrier.status().state == "recovering", within_s=4.0)  # it is called for 12 s
        assert (work.is_alive(), carrier.status().detail) == (True, CALLED)
        modem.recover()
        work.join()
        receive(carrier, 1, within_s=0.1)
        assert carrier.status().state == "ready"


def test_an_idle_modem_that_hangs_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.modem.transport.Transport.bring_in_step.__defaults__", (0.1,))
    with Bank(1) as bank, opened(bank.modems[0], refresh_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.1)
        bank.modems[0].fault("hang", "AT")
        with pytest.raises(CarrierLost, match="does not answer"):
            receive(carrier, 1, within_s=30)
        assert carrier.status().state == "recovering"


def test_both_storages_are_looked_through() -> None:
    with Bank(1) as bank, opened(bank.modems[0], sweep_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.3)
        assert {'AT+CPMS="SM"', 'AT+CPMS="ME"', "AT+CMGL=4"} <= set(bank.modems[0].commands)


def test_a_full_sim_that_stops_sending_is_emptied_and_sends_again() -> None:
    with Bank(1, personality="m590") as bank:
        modem = bank.modems[0]
        with opened(modem):
            pass
        for number in range(12):
            modem.deliver(SENDER, f"Приду {number}")
        assert bank.wait_for(lambda: len(modem.stored("SM")) == 10)
        with opened(modem) as carrier:
            assert isinstance(carrier.submit(sms()), Deferred)
            found = [each for each in receive(carrier, 12) if isinstance(each, Incoming)]
            assert {each.text for each in found} == {f"Приду {number}" for number in range(12)}
            assert isinstance(carrier.submit(sms()), Accepted)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('+CSCA: "+79000000990",145', True),
        ("+CSCA: +79000000990,145", True),
        ('+CSCA: "002B00370039",145', True),
        ('+CSCA: "",129', False),
        ("+CSCA: ,", False),
    ],
)
def test_an_empty_service_centre_is_noticed(line: str, expected: bool) -> None:
    assert answers.has_service_centre([line]) is expected
    assert answers.has_service_centre([]) is True


def test_a_sim_without_a_service_centre_is_a_warning() -> None:
    with Bank(1) as bank:
        bank._modems[0].smsc = ""
        with opened(bank.modems[0]) as carrier:
            assert "service centre" in carrier.status().detail


def test_a_modem_that_does_not_search_is_told_to() -> None:
    with Bank(1) as bank:
        modem = bank.modems[0]
        modem.register(0)
        with pytest.raises(CarrierLost, match="told to"), opened(modem, registration_s=0.2):
            pass
        assert "AT+COPS=0" in modem.commands


def test_a_reset_without_a_word_is_noticed_by_the_echo() -> None:
    silent = replace(Personality(), boot_lines=())
    with Bank(1, personality=silent) as bank, opened(bank.modems[0], refresh_s=0.1) as carrier:
        receive(carrier, 1, within_s=0.1)
        bank.modems[0].reset()
        with pytest.raises(CarrierLost, match="restarted"):
            receive(carrier, 1)


@pytest.mark.parametrize("name", [name for name, each in load_all().items() if each.boot_lines])
def test_a_reset_is_noticed_on_every_kind_that_tells_of_it(name: str) -> None:
    with Bank(1, personality=name) as bank, opened(bank.modems[0], refresh_s=0.2) as carrier:
        receive(carrier, 1, within_s=0.1)
        bank.modems[0].reset()
        with pytest.raises(CarrierLost, match=r"restarted|gone"):
            receive(carrier, 1)
