"""Lists of Chinese administrators."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from tests.merge.clinic_lists import BLANK, ClinicList
from tests.merge.lists import write_xlsx
from tests.merge.test_formats_of_files import write_csv

Rows = Sequence[Sequence[object]]
DAY = date(2026, 12, 5)


def _bookings(path: Path, rows: Rows) -> Path:
    """The department's cell is merged downwards over its patients."""

    def finish(book: Any, page: Any) -> None:
        page.set_row(0, 30, book.add_format({"bold": True, "font_size": 18}))
        page.autofilter(1, 0, len(rows) - 1, 6)

    return write_xlsx(path, rows, sheet="预约", merged=[(0, 0, 0, 6), (2, 1, 4, 1)], hidden_rows=[6], finish=finish)


BOOKINGS = ClinicList(
    "预约名单.xlsx",
    "the booking desk: a title, a department merged over its patients, a filter",
    "{姓名}您好，请于{日期:%-m月%-d日}（{日期:%A}）{时间:%H:%M}到{科室}就诊。",
    [
        ("title", "门诊预约名单（12月）"),
        ("heading", "序号", "科室", "姓名", "手机号码", "日期", "时间", "备注"),
        ("+79000000201", 1, "内科", "王芳", "+7 900 000-02-01", DAY, time(9, 0), None),
        ("+79000000202", 2, None, "李伟", 79000000202, DAY, time(9, 30), "复诊"),
        ("!no_phone", 3, None, "张敏", "无", DAY, time(10, 0), None),
        ("hidden", 4, "外科", "刘洋", "+7 900 000-02-04", DAY, time(10, 30), "已取消"),
        ("!empty_value", 5, None, "陈静", "+7 900 000-02-05", DAY, time(11, 0), None),
        ("+79000000206", 6, "外科", "杨光", "＋７９００００００２０６", DAY, time(11, 30), None),
        ("total", "合计", None, 6, None, None, None, None),
        ("signature", "制表：赵某", None, None, None, None, None, None),
    ],
    _bookings,
    {
        3: "王芳您好，请于12月5日（星期六）09:00到内科就诊。",
        4: "李伟您好，请于12月5日（星期六）09:30到内科就诊。",
    },
)

REPORTS = ClinicList(
    "报告.csv",
    "the laboratory's system, as GB 18030",
    "{姓名}，您{日期:%-m月%-d日}的报告已出。",
    [
        ("heading", "姓名", "联系电话", "日期"),
        ("+79000000211 ?foreign_number", "王芳", "+7 900 000-02-11", "2026年12月5日"),
        ("+79000000212 ?foreign_number", "李伟", "电话：+79000000212", "2026-12-05"),
        ("!not_a_date", "张敏", "+79000000213", "12月5日"),
        ("!landline", "刘洋", "010-12345678", "2026年12月5日"),
        ("!no_phone", "陈静", "", "2026年12月5日"),
        ("total", "总计", "", ""),
    ],
    lambda path, rows: write_csv(path, rows, "gb18030", ","),
    {2: "王芳，您12月5日的报告已出。"},
    country="CN",
)

BY_HAND = ClinicList(
    "体检提醒.xlsx",
    "a nurse, without a heading for anything",
    "体检提醒：请于本周到院。",
    [
        ("+79000000221", "王芳", "+7 900 000-02-21"),
        ("+79000000222", "李伟", 79000000222),
        ("!too_short", "张敏", "+7 900 000-02"),
        (BLANK, None, None),
        ("!placeholder", "刘洋", "00000000000"),
    ],
    lambda path, rows: write_xlsx(path, rows, sheet="Sheet1"),
    {1: "体检提醒：请于本周到院。"},
)

LISTS = (BOOKINGS, REPORTS, BY_HAND)
