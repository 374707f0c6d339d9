"""[pure] The summary as one HTML page: whole in itself, without script or any address outside, fit to be printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway import forms
from gateway.i18n import LANGUAGE, _
from gateway.report import svg
from gateway.report.colours import FILL
from gateway.report.harmless import for_page
from gateway.report.summary import Summary
from gateway.report.svg import Bar, Part
from gateway.report.tables import (
    COUNTED,
    Subject,
    Table,
    Value,
    counted,
    facts,
    heading,
    remarks,
    tables,
    verdicts,
    written,
)
from gateway.report.verdicts import Mood

# Nothing may be loaded or run, whatever stood in a name: the page's own styles are all that it has.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.45 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; color: #1f2328;
  background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
p { margin: .2rem 0; } .faint { color: #57606a; font-size: .9rem; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .6rem; margin: 1.2rem 0; }
dl div { border: 1px solid #d0d7de; border-radius: 6px; padding: .5rem .7rem; }
dt { color: #57606a; font-size: .85rem; } dd { margin: 0; font-size: 1.1rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #d0d7de; padding: .3rem .6rem; text-align: right; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom-width: 2px; }
td:first-child { overflow-wrap: anywhere; min-width: 6em; }
svg { width: 100%; height: auto; margin: .3rem 0 .6rem; font: 13px system-ui, "Segoe UI", sans-serif; fill: #1f2328; }
.key span { display: inline-block; margin-right: 1.2rem; }
.key i { display: inline-block; width: .9em; height: .9em; margin-right: .4em; vertical-align: -.1em; }
section { break-inside: avoid; margin-bottom: 1.2rem; }
* { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
@media print { body { margin: 0; max-width: none; } }
"""
STACKED = ((1, Mood.GOOD), (2, Mood.BAD), (3, Mood.OPEN))  # place in COUNTED -> whose colour its part has


def render(subject: Subject, summary: Summary) -> str:
    title, *lines = heading(subject)
    body = [f"<h1>{for_page(title)}</h1>", *(_faint(line) for line in lines), _facts(facts(summary, subject.zone))]
    body += [_verdicts(summary), *(_table(table) for table in tables(summary))]
    body += [_faint(line) for line in remarks(summary)]
    head = (
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{for_page(title)}</title><style>{STYLE}</style>"
    )
    content = "\n".join(body)
    return f'<!DOCTYPE html>\n<html lang="{LANGUAGE}">\n<head>{head}</head>\n<body>\n{content}\n</body>\n</html>\n'


def _faint(line: str) -> str:
    return f'<p class="faint">{for_page(line)}</p>'


def _facts(pairs: Iterable[tuple[str, Value]]) -> str:
    boxes = (f"<div><dt>{for_page(name)}</dt><dd>{for_page(written(value))}</dd></div>" for name, value in pairs)
    return f"<dl>{''.join(boxes)}</dl>"


def _verdicts(summary: Summary) -> str:
    found = verdicts(summary)
    title = _("Rows and messages by verdict")
    lines = [
        Bar(word, [Part(word, number, FILL[mood])], f"{forms.whole(number)} · {share}")
        for word, number, share, mood in found
    ]
    return f"<section><h2>{for_page(title)}</h2>{svg.bars(title, lines)}</section>" if lines else ""


def _table(table: Table) -> str:
    lines = [_bar(name, counted(group)) for name, group in zip(table.names, table.groups, strict=True)]
    head = "".join(f"<th>{for_page(name)}</th>" for name in table.headings)
    rows = "".join(f"<tr>{''.join(f'<td>{for_page(written(value))}</td>' for value in row)}</tr>" for row in table.rows)
    return (
        f"<section><h2>{for_page(table.title)}</h2>{_key()}{svg.bars(table.title, lines)}"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _bar(name: str, values: Sequence[Value]) -> Bar:
    parts = [Part(COUNTED[place], _count(values[place]), FILL[mood]) for place, mood in STACKED]
    return Bar(name, parts, written(values[-1]))


def _count(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _key() -> str:
    """Which colour is what."""
    names = (
        f'<span><i style="background:{FILL[mood]}"></i>{for_page(COUNTED[place])}</span>' for place, mood in STACKED
    )
    return f'<p class="key faint">{"".join(names)}</p>'
