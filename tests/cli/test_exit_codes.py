"""What each verb answers when it can't be done: 0, 1 or 2 as the contract has it, and one line that says what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

import pytest

from gateway.queue import db
from tests.cli.conftest import CONFIGURATION, Gateway

NOBODY = 65534  # the user that owns nothing

# Each goes its own way to the database.
VERBS = (
    "status",
    "modems pause sim-1",
    "modems history sim-1",
    "ussd sim-1 *100#",
    "alarms",
    "outbox list",
    "outbox release --all --yes",
    "outbox settle 1 sent",
    "inbox list",
    "send +79000000001 x",
    "backup copy.db",
    "db check",
    "db upgrade",
    "init --no-search",
)
READING = {"status", "modems history sim-1", "alarms", "outbox list", "inbox list", "backup copy.db", "db check"}

Spoil = Callable[[Path], AbstractContextManager[None]]


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway in a folder that every user of the machine may use, with its database in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="smsgw-"))
    folder.chmod(0o777)
    config, database = folder / "gateway.toml", folder / "data" / "gateway.db"
    config.write_text(CONFIGURATION.format(folder=folder).replace("gateway.db", "data/gateway.db"))
    database.parent.mkdir()
    db.create_or_upgrade(database)
    monkeypatch.chdir(folder)
    yield Gateway(config, database)
    shutil.rmtree(folder)


def without(database: Path) -> AbstractContextManager[None]:
    for path in database.parent.iterdir():
        path.unlink()
    return nullcontext()


def without_folder(database: Path) -> AbstractContextManager[None]:
    shutil.rmtree(database.parent, ignore_errors=True)
    return nullcontext()


def replaced(content: bytes) -> Spoil:
    def spoil(database: Path) -> AbstractContextManager[None]:
        without(database)
        database.write_bytes(content)
        return nullcontext()

    return spoil


def anothers(database: Path) -> AbstractContextManager[None]:
    without(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE patients (name TEXT)")
    return nullcontext()


def damaged(database: Path) -> AbstractContextManager[None]:
    whole = database.read_bytes()
    return replaced(whole[:8192] + b"\x55" * (len(whole) - 8192))(database)


def of_version(version: int) -> Spoil:
    def spoil(database: Path) -> AbstractContextManager[None]:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute(f"PRAGMA user_version = {version:d}")
        return nullcontext()

    return spoil


@contextmanager
def locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def closed(mode: int) -> Spoil:
    """The database's folder has these rights, and somebody comes who is neither its owner nor of its group."""

    @contextmanager
    def spoil(database: Path) -> Iterator[None]:
        database.parent.chmod(mode)
        database.chmod(0o644)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            if is_root:
                os.seteuid(0)
            database.parent.chmod(0o755)

    return spoil


# Whose work is to say what is wrong: by findings, and by the exit code.
FINDS = {("it is a letter", "db check"), ("it is damaged", "db check")}
# What is done to it, what the one line says, which verbs do their work all the same.
SPOILT: dict[str, tuple[Spoil, str, set[str]]] = {
    "it is not there": (without, "made by `smsgw init`.", {"init --no-search"}),
    "its folder is not there": (without_folder, "is its disk mounted?", {"init --no-search"}),
    "it is empty": (replaced(b""), "no tables yet: `smsgw init` makes them.", {"init --no-search"}),
    "it is a letter": (
        replaced(b"To the administrator. " * 99), "is not an SQLite database: name another file", {"db check"}
    ),
    "it is another program's": (anothers, "belongs to another program: name another file.", set()),
    "it is damaged": (damaged, "is damaged: restore it from a backup with `smsgw db restore`.", {"db check"}),
    "it is of a newer version": (of_version(999), "newer version of the gateway: upgrade this", {"backup copy.db"}),
    "it is of an older version": (
        of_version(db.schema_version() - 1), "`smsgw db upgrade` brings it to this one", {"backup copy.db", *VERBS[-2:]}
    ),
    "another program writes for long": (
        locked, "is locked by another program: end its long transaction and try again.",
        READING | {"outbox release --all --yes"},
    ),
    "this user may not look into its folder": (closed(0o700), "is closed to this user: use sudo", set()),
    "this user may not write into its folder": (closed(0o755), "can only be read: give this user the right to", set()),
}  # fmt: skip


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits five seconds, or thirty, for another program's lock."""
    monkeypatch.setattr("gateway.queue.db.open_database.__kwdefaults__", {"create": False, "busy_timeout_s": 0.05})
    for name in ("BUSY_TIMEOUT_S", "MIGRATION_TIMEOUT_S"):
        monkeypatch.setattr(db, name, 0.05)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("case", SPOILT)
def test_with_a_database_that_cannot_be_used_each_verb_ends_with_1_and_one_line(clinic: Gateway, case: str) -> None:
    spoil, told, work = SPOILT[case]
    clinic.run("status")  # what it imports may lie where nobody else may look
    for verb in sorted({*VERBS} - work):
        with spoil(clinic.database):
            done = clinic.run(*verb.split())
        line = done.stderr.splitlines()[-1]
        if verb == "ussd sim-1 *100#" and "does not exist" in line:  # it got as far as the modem
            continue
        assert (verb, done.exit_code, done.stdout) == (verb, 1, "")
        assert told in line, verb
        assert len(done.stderr.splitlines()) == (2 if verb.startswith("init") else 1), verb


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("case", SPOILT)
def test_some_verbs_do_their_work_all_the_same(clinic: Gateway, case: str) -> None:
    spoil, _told, work = SPOILT[case]
    for verb in sorted(work - {"db upgrade"}):
        with spoil(clinic.database):
            done = clinic.run(*verb.split())
        (clinic.config.parent / "copy.db").unlink(missing_ok=True)
        assert (verb, done.exit_code) == (verb, 1 if (case, verb) in FINDS else 0), done.stderr


# What is typed, the exit code, and what the last line says.
TYPED: dict[str, tuple[int, str]] = {
    "": (2, "smsgw"),
    "statsu": (2, "Did you mean status?"),
    "stop": (2, "The service: `sudo systemctl stop smsgw`. Without one"),
    "start": (2, "sudo systemctl start smsgw"),
    "status more": (2, "unexpected extra argument"),
    "status --jsn": (2, "--json"),
    "outbox": (2, "show"),
    "outbox lst": (2, "list"),
    "outbox list --state qeued": (2, "'queued'"),
    "outbox list --category otpp": (2, "'otp'"),
    "outbox list --code backlgo": (2, "Did you mean backlog?"),
    "outbox list --limit 0": (2, "--limit"),
    "outbox list --older-than soon": (2, '"2 h"'),
    "outbox show": (2, "ID"),
    "outbox show x": (2, "'x'"),
    "outbox show 99": (1, "There is no message 99."),
    "outbox cancel": (2, "Say which messages"),
    "outbox cancel 99": (1, "There is no message 99."),
    "outbox cancel 1 --all": (2, "not both"),
    "outbox cancel --all": (1, "Add --yes."),
    "outbox retry 1": (1, "only a failed message can be tried again."),
    "outbox retry 99": (1, "There is no message 99."),
    "outbox release 1": (1, "only a held message can be released."),
    "outbox release 99": (1, "There is no message 99."),
    "outbox settle 1 sent": (1, "only an uncertain message can be settled."),
    "outbox settle 1 lost": (2, "'sent'"),
    "outbox settle 99 sent": (1, "There is no message 99."),
    "inbox list --limit x": (2, "--limit"),
    "modems --json --watch": (2, "Choose one"),
    "modems pause": (2, "NAME"),
    "modems pause sim-9": (1, "There are: sim-1."),
    "modems resume sim-9": (1, "There are: sim-1."),
    "modems reset sim-9": (1, "There are: sim-1."),
    "modems reset sim-1": (1, "is the modem plugged in?"),
    "modems history sim-9": (1, "There are: sim-1."),
    "ussd sim-9 *100#": (1, "There are: sim-1."),
    "ussd sim-1": (2, "CODE"),
    "alarms test": (1, "add a [[notify]] table to"),
    "send": (2, "TO"),
    "send +7900 x": (1, "too few digits"),
    "send +79000000001 x --category x": (2, "'otp'"),
    "send +79000000001 x --priority 10": (2, "--priority"),
    "send +79000000001 x --sender sim-9": (1, "there are sim-1."),
    "send +79000000001 x --not-before x": (1, "not_before is not a time"),
    "send +79000000001 x --timeout x": (2, "--timeout"),
    "import none.xlsx --template x": (2, "none.xlsx"),
    "import none.xlsx --template x --template-file y": (2, "no two of them"),
    "backup": (2, "FILE"),
    "backup none/copy.db": (1, "There is no folder"),
    "backup data/gateway.db": (1, "name another one."),
    "backup gateway.toml": (1, "--force"),
    "db": (2, "check"),
    "db restore": (2, "FILE"),
    "db restore none.db": (1, "There is no file"),
    "db restore gateway.toml": (1, "is not an SQLite database"),
    "db restore data/gateway.db": (1, "is the database itself."),
    "init --dry-run": (2, "--system"),
    "completion csh": (2, "'bash'"),
    "--config none.toml status": (2, "`smsgw init` makes one"),
}


@pytest.mark.parametrize("typed", TYPED)
def test_what_can_not_be_done_is_told_with_its_exit_code(clinic: Gateway, typed: str) -> None:
    clinic.insert()
    done = clinic.run(*typed.split())
    code, told = TYPED[typed]
    assert (done.exit_code, told in done.stderr + (done.output if code == 2 else "")) == (code, True), done.output
    assert "Traceback" not in done.output
    assert clinic.count() == 1
    if code == 1:
        assert (done.stdout, len(done.stderr.splitlines())) == ("", 1 + (typed == "outbox cancel --all") * 2)
