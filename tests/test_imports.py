"""The rooms' imports point one way, and docs/architecture.md names what is in each."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "gateway").rglob("*.py"))

# Rooms that the ones below know nothing of.
OUTSIDE = ("gateway.cli", "gateway.daemon", "gateway.worker", "gateway.contacts", "gateway.alarms", "gateway.report")
HIGHER = ("gateway.settings", *OUTSIDE)

# A room and what it must never import.
FORBIDDEN = {
    "gateway.sms": ("gateway.modem", "gateway.smpp", "gateway.queue", "gateway.merge", "gateway.plan", *HIGHER),
    "gateway.carrier": ("gateway.modem", "gateway.smpp", "gateway.queue", "gateway.merge", "gateway.plan", *HIGHER),
    "gateway.modem": ("gateway.smpp", "gateway.queue", "gateway.merge", "gateway.plan", *OUTSIDE),
    "gateway.smpp": ("gateway.modem", "gateway.queue", "gateway.merge", "gateway.plan", *OUTSIDE),
    "gateway.queue": ("gateway.modem", "gateway.smpp", "gateway.merge", *HIGHER),
    "gateway.plan": ("gateway.queue", "gateway.modem", "gateway.smpp", "gateway.merge", *HIGHER),
    "gateway.merge": ("gateway.modem", "gateway.smpp", *HIGHER),
    "gateway.report": ("gateway.modem", "gateway.smpp", "gateway.plan", "gateway.settings", *OUTSIDE[:-1]),
    "gateway.contacts": ("gateway.modem", "gateway.smpp", "gateway.plan", "gateway.settings", "gateway.report"),
    "gateway.alarms": ("gateway.modem", "gateway.smpp", "gateway.merge", "gateway.cli", "gateway.daemon"),
    "gateway.worker": ("gateway.modem", "gateway.smpp", "gateway.merge", "gateway.cli", "gateway.daemon"),
    "gateway.daemon": ("gateway.merge", "gateway.cli"),
}

# Modules whose docstring must say [pure]: no I/O, no clock, no threads. Whatever else says so is held to it too.
MUST_BE_PURE = (
    "gateway/sms/[!_]*.py", "gateway/carrier.py", "gateway/life.py", "gateway/routing.py", "gateway/alarms/judging.py",
    "gateway/alarms/values.py",
    "gateway/worker/rest.py", "gateway/worker/ladder.py", "gateway/worker/shown.py", "gateway/daemon/watchdog.py",
    "gateway/daemon/telling.py", "gateway/daemon/pace.py",
    "gateway/plan/[!_]*.py",
    "gateway/modem/lines.py", "gateway/modem/at.py", "gateway/modem/events.py", "gateway/modem/urc.py",
    "gateway/modem/fields.py", "gateway/modem/tpdu.py", "gateway/modem/pdu.py", "gateway/modem/codes.py",
    "gateway/queue/states.py", "gateway/queue/retry.py", "gateway/queue/matching.py",
    "gateway/smpp/fields.py", "gateway/smpp/tlv.py", "gateway/smpp/pdu.py", "gateway/smpp/messages.py",
    "gateway/smpp/commands.py", "gateway/smpp/codes.py", "gateway/smpp/coding.py", "gateway/smpp/address.py",
    "gateway/smpp/times.py", "gateway/smpp/shaping.py", "gateway/smpp/payload.py", "gateway/smpp/receipt.py",
    "gateway/smpp/incoming.py", "gateway/smpp/ids.py", "gateway/smpp/arrivals.py",
    "gateway/merge/template.py", "gateway/merge/rows.py", "gateway/merge/plan.py",
    "gateway/report/verdicts.py", "gateway/report/summary.py", "gateway/report/list_sheet.py", "gateway/report/page.py",
    "gateway/contacts/where.py", "gateway/contacts/asking.py", "gateway/contacts/row.py",
    "gateway/contacts/comparing.py", "gateway/contacts/gathering.py", "gateway/contacts/age.py",
)  # fmt: skip
PURE = [path for path in MODULES if (ast.get_docstring(ast.parse(path.read_text())) or "").startswith("[pure]")]
NO_FILES = {"error_code", "schema"}  # what else the page's table sets as code
IMPURE_IMPORTS = {"os", "io", "socket", "select", "selectors", "sqlite3", "subprocess", "threading", "time", "serial"}
IN_MEMORY = {"io.StringIO"}
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today", "read_text", "read_bytes", "write_text"}


def name_of(path: Path) -> str:
    """The module's dotted name."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    """Dotted names of all that a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def is_within(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_nothing_that_its_room_must_not_know(path: Path) -> None:
    forbidden = [wrong for room, wrongs in FORBIDDEN.items() if is_within(name_of(path), room) for wrong in wrongs]
    found = {name for name in imports_of(path) for wrong in forbidden if is_within(name, wrong)}
    assert not found


def calls_of(path: Path) -> set[str]:
    """The names of all functions that a module calls: `open` for open(…), `now` for datetime.now(…); no archive's."""
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    plain = {function.id for function in calls if isinstance(function, ast.Name)}
    return plain | {function.attr for function in calls if isinstance(function, ast.Attribute)} - {"open"}


@pytest.mark.parametrize("pattern", MUST_BE_PURE)
def test_what_must_be_pure_says_so(pattern: str) -> None:
    paths = sorted(ROOT.glob(pattern))
    assert paths, f"{pattern} names no module"
    assert set(paths) <= set(PURE)


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_a_module_that_says_pure_touches_nothing_of_the_world(path: Path) -> None:
    assert not {name for name in imports_of(path) - IN_MEMORY if name.split(".")[0] in IMPURE_IMPORTS}
    assert not calls_of(path) & IMPURE_CALLS


def test_only_the_transport_touches_the_serial_port() -> None:
    users = {name_of(path) for path in MODULES for name in imports_of(path) if is_within(name, "serial")}
    its_exception = {"gateway.modem.loss"}  # which says what it means
    assert users <= {"gateway.modem.transport", "gateway.modem.ports"} | its_exception


def test_only_the_worker_and_the_fleet_know_both_a_queue_and_a_carrier() -> None:
    """And two verbs of the command, which work on a modem while no daemon runs."""
    both = {
        name_of(path)
        for path in MODULES
        if any(is_within(name, "gateway.queue") for name in imports_of(path))
        and any(is_within(name, "gateway.modem") or name == "gateway.carrier.Carrier" for name in imports_of(path))
    }
    allowed = (
        "gateway.worker",
        "gateway.daemon.fleet",
        "gateway.daemon.hiring",
        "gateway.daemon.newcomers",
        "gateway.cli.doctor",
        "gateway.cli.direct",
    )
    assert all(any(is_within(name, room) for room in allowed) for name in both), both


def named_on_the_page(room: str) -> set[str]:
    """What stands as code in the rows of the room in the page's table."""
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rows = re.findall(rf"^\| `gateway/{room}/`[^|]*\|(.*)\|$", page, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


@pytest.mark.parametrize("room", sorted(path.parent.name for path in ROOT.glob("gateway/*/__init__.py")))
def test_the_page_names_every_file_of_a_room_and_none_that_is_not_there(room: str) -> None:
    files = {path.stem for path in (ROOT / "gateway" / room).glob("[!_]*.py")}
    named = {name for name in named_on_the_page(room) if name.islower()} - NO_FILES
    assert named == files
