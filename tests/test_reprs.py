"""No value that has a patient's number, text or PDU shows it in its repr, which ends up in tracebacks and logs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "gateway").rglob("*.py"))
PRIVATE = {"msisdn", "recipient", "body", "phone", "pdu", "octets"}


def private_of(tree: ast.AST) -> Iterator[tuple[str, str, str]]:
    """Class, field and default of each field of a dataclass that has words or octets under such a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(each) for each in node.decorator_list):
            fields = (each for each in node.body if isinstance(each, ast.AnnAssign))
            for each in filter(is_private, fields):
                yield node.name, ast.unparse(each.target), ast.unparse(each.value) if each.value else ""


def is_private(field: ast.AnnAssign) -> bool:
    kinds = {kind.strip() for kind in ast.unparse(field.annotation).split("|")}
    return ast.unparse(field.target) in PRIVATE and bool({"str", "bytes"} & kinds)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_private_is_not_shown(path: Path) -> None:
    found = private_of(ast.parse(path.read_text("utf-8")))
    assert not [(owner, name) for owner, name, default in found if "repr=False" not in default]
