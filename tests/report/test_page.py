"""[pure] The page is whole in itself, and nothing that stood in a name becomes a part of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from gateway.report import page
from gateway.report.summary import Group, Summary
from gateway.report.tables import Subject

HOSTILE = "<script src='https://example.org/x.js'></script>\"'&\x00\ud800"
AT = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def rendered(name: str = "十二月提醒", carrier: str = "sim-1") -> str:
    group = Group("", sent=12, delivered=10, lost=1, sms=14)
    groups = [Group(carrier, 7, 6, 1, 8), Group("", 5, 4, 0, 6)]
    hours = [Group("09", 12, 10, 1, 14)]
    summary = Summary(13, 12, {"delivered": 10, "sent": 1, "refused": 2}, group, hours, groups, groups, 3, AT, AT, 1)
    return page.render(Subject(name, "名单.xlsx", "Лист1", AT, AT, ZONE), summary)


class Elements(HTMLParser):
    """Every element with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_it_loads_nothing_and_points_nowhere() -> None:
    text = rendered()
    elements = Elements(text).found
    assert not {tag for tag, _attributes in elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "a",
        "object",
        "base",
        "form",
    }
    assert not [each for _tag, attributes in elements for each in attributes if each in ("src", "href", "onload")]
    assert not re.search(r"https?:|url\(|@import|//", text)
    assert "default-src 'none'" in text


def test_a_name_with_markup_stays_a_name() -> None:
    text = rendered(HOSTILE, HOSTILE)
    assert "<script" not in text
    assert "&lt;script src=" in text
    assert "\x00" not in text
    assert text.encode("utf-8")


def test_each_chart_has_a_name_and_its_bars_are_to_scale() -> None:
    charts = [ElementTree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", rendered(), re.DOTALL)]
    assert [chart.get("aria-label") for chart in charts] == [
        *("Rows and messages by verdict", "By hour of sending", "By operator", "By carrier")
    ]
    widths = [float(each.get("width", "0")) for each in charts[3].findall("rect")]
    assert widths == pytest.approx([widths[0], widths[0] / 6, widths[0] * 4 / 6, widths[0] / 6], abs=0.2)
    titles = [each.findtext("title") for each in charts[3].findall("rect")]
    assert titles == [
        "sim-1: Delivered 6",
        "sim-1: Not delivered 1",
        "not known: Delivered 4",
        "not known: No report yet 1",
    ]


def test_it_says_what_it_is_about_in_the_clinic_s_time() -> None:
    text = rendered()
    assert '<html lang="en">' in text
    assert "<title>Campaign “十二月提醒”</title>" in text
    assert "Queued 2026-12-01 17:00; as it was 2026-12-01 17:00" in text
    assert "<dt>Share delivered</dt><dd>83.33%</dd>" in text
    assert "1 message of it was removed since" in text


def test_without_any_message_there_is_no_empty_chart() -> None:
    none = Summary(0, 0, {}, Group(""), [], [], [], 0, None, None)
    text = page.render(Subject("x", "", "", AT, AT, ZONE), none)
    assert "<svg" not in text
    assert "<dd>–</dd>" in text
