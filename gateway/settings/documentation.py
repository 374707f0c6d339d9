"""docs/configuration.md, made from the table of keys.

python -m gateway.settings.documentation > docs/configuration.md
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from gateway.settings import example
from gateway.settings.duration import words
from gateway.settings.models import (
    CATEGORIES,
    AlarmSettings,
    GatewaySettings,
    ModemSettings,
    NotifySettings,
    RetentionSettings,
    SafetySettings,
    SmppSettings,
)

BEGINNING = """\
# Configuration

One TOML file: `--config FILE`, else `$SMSGW_CONFIG`, else `./config/gateway.toml`, else `/etc/smsgw/gateway.toml`.
`smsgw init` writes it with every key as a comment: [config/gateway.example.toml](../config/gateway.example.toml).
Relative paths count from the file's folder. Unknown keys, wrong types and impossible values stop the start; every
mistake is reported at once, one line each, with the file, the key and what is allowed.

A default in brackets is only an example: without the key nothing is set. After a change: `systemctl reload smsgw`,
or SIGHUP; `smsgw status` names what waits for a restart.
"""
SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("[gateway]", "The whole gateway.", GatewaySettings),
    (
        "[[modem]]",
        "One table per modem; without any, every modem found at the start is used. Each needs a name, and a port or one"
        " of imei, imsi and iccid.",
        ModemSettings,
    ),
    ("[safety]", "What protects people from too many messages; what is too much waits as `held`.", SafetySettings),
    ("[alarms]", "From when on something is worth an alarm.", AlarmSettings),
    ("[[notify]]", "Who is told of alarms: in one or more of four ways, each table for itself.", NotifySettings),
    ("[retention]", "How long finished messages are kept; small batches, texts first.", RetentionSettings),
    ("[[smpp]]", "One table per bind. This version checks them and does not send over SMPP yet.", SmppSettings),
)


def markdown() -> str:
    """The whole page."""
    return "\n".join([BEGINNING, *(_section(*section) for section in SECTIONS), _categories()])


def _section(heading: str, about: str, table: type[BaseModel]) -> str:
    return "\n".join([f"## {heading}", about, "", *_rows(table), ""])


def _rows(table: type[BaseModel]) -> Iterator[str]:
    yield "| key | default | may be | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, shown, allowed, comment in example.keys(table):
        default = f"`{shown}`" if example.has_default(table, name) else f"(`{shown}`)"
        yield f"| `{name}` | {default} | {allowed} | {comment} |"


def _categories() -> str:
    rows = [
        f'| `[category.{name}]` | `{table.priority}` | `"{words(table.expires or 0)}"` '
        f'| `"{table.when_uncertain}"` | `"{table.in_backlog}"` |'
        for name, table in CATEGORIES.items()
    ]
    about = "What a message gets whose writer said nothing else."
    head = ["| table | `priority` | `expires` | `when_uncertain` | `in_backlog` |", "| --- | --- | --- | --- | --- |"]
    return "\n".join(["## [category.NAME]", about, "", *head, *rows, ""])


if __name__ == "__main__":
    print(markdown(), end="")
