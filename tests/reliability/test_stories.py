"""The table of what may happen to a modem leaves out nothing that the fake modem can do to an SMS."""

from __future__ import annotations

from tests.fake_modem.faults import COMMAND_KINDS, PDU_KINDS, REPORT_KINDS
from tests.reliability.stories import STORIES, AtTheSms


def test_each_fault_of_the_fake_modem_has_its_story() -> None:
    told = {story.act.kind for story in STORIES if isinstance(story.act, AtTheSms)}
    assert {*COMMAND_KINDS, *PDU_KINDS, *REPORT_KINDS} - told == set()
