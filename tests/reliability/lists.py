"""kill -9 of `smsgw import` and `smsgw contacts import` at random moments: all of a list, or nothing of it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from gateway.queue import checking, db
from tests.e2e.installation import ROOT, Installation
from tests.reliability.result import Result

PEOPLE = 5000
AGAIN = 5  # of the lists that are there are imported once more
TIMED_EVERY = 10  # kills
LONGEST_S = 300.0  # of a whole import, where other programs keep all cores busy
EARLIEST, LATEST = 0.3, 1.1  # a command is killed within these shares of the time that it takes as a whole

# Messages, different numbers, keys, first events and campaigns of one text; then what belongs to no text.
OF_TEXT = """
    SELECT count(*) AS messages, count(DISTINCT o.recipient) AS numbers, count(k.external_id) AS keys,
           count(e.id) AS events, count(DISTINCT o.campaign) AS campaigns
    FROM outbox AS o LEFT JOIN external_ids AS k ON k.external_id = o.external_id
    LEFT JOIN events AS e ON e.outbox_id = o.id
    WHERE o.body LIKE '% ' || ?"""
LEFT_OVER = """
    SELECT (SELECT count(*) FROM external_ids) - (SELECT count(*) FROM outbox)
         + (SELECT count(*) FROM campaigns AS c WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE campaign = c.id)) AS n"""
OF_GROUP = """
    SELECT count(*) AS members, count(DISTINCT p.key) AS persons, count(n.msisdn) AS numbers,
           (SELECT count(*) FROM consents) AS consents
    FROM members AS m JOIN contact_groups AS g ON g.id = m.contact_group AND g.name = ?
    LEFT JOIN persons AS p ON p.id = m.person LEFT JOIN person_numbers AS n ON n.person = p.id"""


@dataclass(frozen=True)
class Command:
    """`arguments` for one word, and what the database has of it then; `whole` when all is there."""

    arguments: Callable[[str], Sequence[str]]
    found: Callable[[Installation, str], tuple[int, ...]]
    whole: tuple[int, ...]


def killed(folder: Path, times: int, seed: int = 0) -> Result:
    """Of a list of messages, then of one of contacts."""
    installation = _installed(folder)
    file = str(folder / "list.csv")
    lists = Command(
        lambda word: ("import", file, "--template", f"{{Имя}}, ждём вас {word}", "--name", word, "--yes"),
        lambda clinic, word: tuple(clinic.rows(OF_TEXT, word)[0].values()),
        (PEOPLE, PEOPLE, PEOPLE, PEOPLE, 1),
    )
    seen, wrong = _played(installation, lists, times, random.Random(seed))
    if (left := installation.rows(LEFT_OVER)[0]["n"]) != 0:
        wrong.append(f"{left} keys or campaigns without a message")
    with closing(db.open_database(installation.database)) as connection:
        wrong += [fault.what for fault in checking.faults(connection)]
    return Result(
        f"kill -9 of an import, {times} times",
        f"a list of {PEOPLE:,} rows is imported and killed, within its last two thirds or just after its end, and"
        " imported again until all of it is there; then another text",
        "all of a list or nothing of it: messages, keys, events, campaign; never twice",
        seen,
        wrong,
    )


def contacts_killed(folder: Path, times: int, seed: int = 0) -> Result:
    installation = _installed(folder)
    file = str(folder / "list.csv")
    more = ("--consent", "marketing", "--consent-source", "form", "--yes")
    contacts = Command(
        lambda word: ("contacts", "import", file, "--group", word, "--consent-date", "2026-11-01", *more),
        lambda clinic, word: tuple(clinic.rows(OF_GROUP, word)[0].values()),
        (PEOPLE, PEOPLE, PEOPLE, PEOPLE),
    )
    seen, wrong = _played(installation, contacts, times, random.Random(seed))
    return Result(
        f"kill -9 of an import of contacts, {times} times",
        f"the same with {PEOPLE:,} contacts, each time into a new group",
        "all of them are in the group, or nobody; nobody is there twice",
        seen,
        wrong,
    )


def _installed(folder: Path) -> Installation:
    installation = Installation(folder)
    installation.configure([])
    installation.create_database()
    phones = (f"8 900 {n // 10000:03}-{n // 100 % 100:02}-{n % 100:02}" for n in range(PEOPLE))
    lines = ["Имя;Телефон", *(f"Пациент {n};{phone}" for n, phone in enumerate(phones))]
    (folder / "list.csv").write_text("\n".join(lines), encoding="utf-8")
    return installation


def _played(clinic: Installation, command: Command, times: int, chance: random.Random) -> tuple[str, list[str]]:
    """What was seen, and what was wrong."""
    wrong, nothing, done, usual_s = [], 0, 0, 0.0
    for kill in range(times):
        if kill % TIMED_EVERY == 0:
            usual_s = _whole_s(clinic, command, f"w{done}")
            done += 1
        word = f"w{done}"
        _kill_after(clinic, command.arguments(word), usual_s * chance.uniform(EARLIEST, LATEST))
        found = command.found(clinic, word)
        nothing += found[0] == 0
        done += found[0] != 0
        if found[0] and found != command.whole:
            wrong.append(f"{word}: {found}")
    again = [f"w{number}" for number in range(min(done, AGAIN))]
    for word in again:
        _whole_s(clinic, command, word)
    wrong += [f"{word} twice" for word in again if command.found(clinic, word) != command.whole]
    seen = f"{nothing} times nothing was there, {times - nothing} times all; {len(again)} lists were imported once more"
    return f"{seen}, and nothing came of it", wrong


def _whole_s(clinic: Installation, command: Command, word: str) -> float:
    """How long it takes to its end, on a machine that is now busy and now not."""
    began = time.monotonic()
    words = [sys.executable, "-m", "gateway", "--config", str(clinic.config), *command.arguments(word)]
    subprocess.run(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=LONGEST_S, check=True)
    return time.monotonic() - began


def _kill_after(clinic: Installation, arguments: Sequence[str], after_s: float) -> None:
    command = [sys.executable, "-m", "gateway", "--config", str(clinic.config), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(after_s)
        process.kill()
