"""A list becomes contacts, contacts get an offer over the real daemon, and one of them answers STOP."""

from __future__ import annotations

from tests.contacts.patients import ANNA, BORIS, CONSENT, PHONES, written
from tests.e2e.conftest import OpenClinic
from tests.e2e.installation import Installation

AGREED = (*BORIS[:8], "да")


def test_an_offer_to_a_group_ends_for_whoever_answers_stop(open_clinic: OpenClinic) -> None:
    clinic, bank = open_clinic(1, bank={"radio_s": 0.05})
    clinic.create_database()
    clinic.start(modems_ready=1)
    brought = ("contacts", "import", written(clinic.folder, [ANNA, AGREED]), "--key", "Карта", *PHONES, *CONSENT)
    clinic.smsgw(*brought, "--group", "Кардиология", "--yes").check_returncode()
    offer = ("contacts", "send", "--group", "Кардиология", "--category", "marketing", "--yes", "--template")
    clinic.smsgw(*offer, "{ФИО}, скидка до пятницы").check_returncode()
    clinic.wait_for(lambda: _delivered(clinic) == 2, "both offers")
    texts = {each.decoded.recipient: each.decoded.text for each in bank.submitted}
    assert texts == {
        "+79000000001": "Белова Анна, скидка до пятницы",
        "+79000000002": "Глебов Борис, скидка до пятницы",
    }

    bank.modems[0].deliver("+79000000001", "Стоп!")
    clinic.wait_for(lambda: clinic.rows("SELECT 1 FROM opt_outs"), "the opt-out")
    late = clinic.insert("+79000000001", "Ещё скидка", category="marketing")
    clinic.wait_for_state(late, "rejected")
    assert clinic.json("outbox", "show", str(late))["message"]["error_code"] == "opted_out"
    reminder = clinic.insert("+79000000001", "Ждём вас завтра")
    clinic.wait_for_state(reminder, "delivered")
    clinic.smsgw(*offer, "{ФИО}, скидка до субботы").check_returncode()
    clinic.wait_for(lambda: _delivered(clinic) == 4, "the offer to the other one")
    assert [each.decoded.recipient for each in bank.submitted[3:]] == ["+79000000002"]
    said = clinic.json("contacts", "show", "104-22")["consents"]
    assert [(each["is_given"], each["source"]) for each in said] == [(True, "анкета"), (False, "reply")]


def _delivered(clinic: Installation) -> int:
    return len(clinic.rows("SELECT 1 FROM outbox WHERE state = 'delivered'"))
