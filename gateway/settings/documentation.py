"""docs/configuration.md, made from the table of keys.

python -m gateway.settings.documentation > docs/configuration.md
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from gateway.settings import example
from gateway.settings.duration import words
from gateway.settings.models import CATEGORIES, TABLES, about, heading

BEGINNING = """\
# Configuration

One TOML file: `--config FILE`, else `$SMSGW_CONFIG`, else `./config/gateway.toml`, else `/etc/smsgw/gateway.toml`.
`smsgw init` writes it with every key as a comment: [config/gateway.example.toml](../config/gateway.example.toml).
Relative paths count from the file's folder. Unknown keys, wrong types and impossible values stop the start; every
mistake is reported at once, one line each, with the file, the key and what is allowed.

A default in brackets is only an example: without the key nothing is set. After a change: `systemctl reload smsgw`,
or SIGHUP; `smsgw status` names what waits for a restart. Change `database` while the service is stopped
([why](operations.md#change-something)).
"""


def markdown() -> str:
    """The whole page."""
    return "\n".join([BEGINNING, *map(_section, TABLES)])


def _section(name: str) -> str:
    if name == "category":
        return "\n".join(["## [category.NAME]", about(name), "", *_categories(), ""])
    return "\n".join([f"## {heading(name)}", about(name), "", *_rows(TABLES[name]), ""])


def _rows(table: type[BaseModel]) -> Iterator[str]:
    yield "| key | default | may be | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, shown, allowed, comment in example.keys(table):
        default = f"`{shown}`" if example.has_default(table, name) else f"(`{shown}`)"
        yield f"| `{name}` | {default} | {allowed} | {comment} |"


def _categories() -> Iterator[str]:
    yield "| table | `priority` | `expires` | `when_uncertain` | `in_backlog` | `consent` | `signature` | `opt_out` |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for name, table in CATEGORIES.items():
        yield (
            f'| `[category.{name}]` | `{table.priority}` | `"{words(table.expires or 0)}"` '
            f'| `"{table.when_uncertain}"` | `"{table.in_backlog}"` | `"{table.consent}"` '
            f'| `"{table.signature}"` | `"{table.opt_out}"` |'
        )


if __name__ == "__main__":
    print(markdown(), end="")
