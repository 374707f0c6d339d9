"""What a person orders of one modem: paused, reset, asked by USSD; through the running daemon, and without it."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.fleet import assembled


def test_one_modem_is_paused_over_a_restart_while_the_other_sends(tmp_path: Path) -> None:
    with assembled(tmp_path, ["one", "two"]) as fleet:
        clinic = fleet.clinic
        clinic.start(modems_ready=2)
        done = clinic.smsgw("modems", "pause", "one", "--reason", "new SIM", "--wait")
        assert (done.returncode, fleet.state_of("one")) == (0, "paused"), done.stderr
        waits = fleet.send("one", "+79000000001", "Hello")
        goes = clinic.insert("+79000000002", "Hello")
        clinic.wait_for_state(goes, "delivered")
        assert clinic.terminate() == 0
        assert "Paused: new SIM." in clinic.json("modems")[0]["detail"]
        clinic.start(modems_ready=1)
        clinic.wait_for(lambda: fleet.state_of("one") == "paused", "still paused")
        assert clinic.row(waits)["state"] == "queued"
        assert clinic.smsgw("modems", "resume", "one").returncode == 0
        clinic.wait_for_state(waits, "delivered")
        history = clinic.json("modems", "history", "one")
        assert {"pause", "resume", "state"} <= {row["event"] for row in history}


def test_a_modem_is_reset_and_asked_by_ussd_with_and_without_the_daemon(tmp_path: Path) -> None:
    with assembled(tmp_path, ["one"]) as fleet:
        clinic, modem = fleet.clinic, fleet.modems["one"]
        clinic.start(modems_ready=1)
        for is_running in (True, False):
            if not is_running:
                assert clinic.terminate() == 0
                assert clinic.smsgw("modems", "pause", "one").returncode == 0
            asked = clinic.smsgw("ussd", "one", "*100#")
            assert (asked.returncode, bool(asked.stdout.strip())) == (0, True), asked.stderr
            resets = modem.commands.count("AT+CFUN=1,1")
            reset = clinic.smsgw("modems", "reset", "one")
            assert reset.returncode == 0, reset.stderr
            assert ("still paused" in reset.stderr) is not is_running
            assert modem.commands.count("AT+CFUN=1,1") == resets + 1
        assert "*100#" not in clinic.log.read_text()
        assert asked.stdout.strip() not in clinic.log.read_text()
        remedies = [row for row in clinic.json("modems", "history", "one") if row["event"] == "remedy"]
        assert [row["detail"].partition(":")[0] for row in remedies] == ["reset", "reset"]


def test_a_modem_that_waits_for_its_pin_answers_orders_at_once(tmp_path: Path) -> None:
    """A SIM that wants a PIN is waited for; what is asked of the modem meanwhile is answered at once."""
    with assembled(tmp_path, ["one"]) as fleet:
        clinic, modem = fleet.clinic, fleet.modems["one"]
        modem.lock("1234")
        clinic.start()
        clinic.wait_for(lambda: fleet.state_of("one") == "needs_pin", "the PIN is asked for")
        asked = clinic.smsgw("ussd", "one", "*100#")
        assert asked.returncode == 1
        assert "needs_pin" in asked.stderr
        modem.lock(None)
        assert clinic.smsgw("modems", "resume", "one").returncode == 0
        clinic.wait_for(lambda: fleet.state_of("one") == "ready", "it is ready")
