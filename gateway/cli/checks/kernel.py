"""What the kernel has seen of power, cables and disks in the last day: most modems that vanish lack current."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.i18n import _

CHECK = "kernel log"
KMSG = Path("/dev/kmsg")  # Documentation/ABI/testing/dev-kmsg: priority,number,microseconds since boot,flags;text
RECORD = 8192  # octets; the kernel's own limit is less
JOURNAL = ("journalctl", "--dmesg", "--boot", "--since=-1d", "--output=cat", "--no-pager", "--quiet")
JOURNAL_S = 10.0
A_DAY_S = 86_400.0
USB = r"(?:usb|hub) (?P<place>usb\d+(?:-port\d+)?|\d+-[\d.]+(?:-port\d+)?)(?::[\d.]+)?:"
DISK = r"(?P<place>(?!loop|ram|zram)[\w-]+)"
POWER = _("Use a hub with a power supply of its own, and fewer modems on each; then another cable.")
CABLE = _("Push the plug in; try another cable, socket or hub; then another power supply.")


@dataclass(frozen=True, slots=True)
class Pattern:
    """A line of the kernel's that means trouble from so many on."""

    match: re.Pattern[str]
    least: int
    finding: str  # with {place} and {count}
    remedy: str


def _pattern(match: str, least: int, finding: str, remedy: str) -> Pattern:
    return Pattern(re.compile(match, re.IGNORECASE), least, finding, remedy)


# The first that fits a line counts.
PATTERNS = (
    _pattern(rf"{USB} .*over-?current", 1, _("USB {place}: too much current was drawn ({count}×)."), POWER),
    _pattern(r"(?P<place>under-?voltage) detected", 1, _("The machine's own voltage fell too low ({count}×)."),
             _("Give it the power supply that its maker recommends, and the modems a hub with their own.")),
    _pattern(r"(?P<place>[xe]hci_hcd [\w:.]+): .*(?:HC died|not responding|controller halt|dead)", 1,
             _("The USB controller {place} has failed ({count}×)."),
             _("Restart the machine. If it comes back: another USB socket, newer firmware, or a controller card.")),
    _pattern(rf"{USB} (?:unable to enumerate|device not accepting address|device not responding)", 1,
             _("USB {place}: a device could not be taken up ({count}×)."), CABLE),
    _pattern(rf"{USB} .*error -(?:32|71|84|110)\b", 1,
             _("USB {place}: disturbed transmission ({count}×)."), CABLE),
    _pattern(rf"{USB} USB disconnect", 3, _("USB {place}: the device went away in the last day ({count}×)."), POWER),
    _pattern(rf"(?:I/O error, dev|EXT4-fs error \(device|critical medium error, dev) {DISK}", 1,
             _("The disk {place} has errors ({count}×)."),
             _("Make a backup now (smsgw backup FILE on another disk), then replace the disk.")),
    _pattern(r"Out of memory: Killed process \d+ \((?P<place>[^)]{1,30})\)", 1,
             _("The machine ran out of memory and ended {place} ({count}×)."),
             _("Give it more memory, or run fewer programs on it.")),
)  # fmt: skip


def check() -> Iterator[Finding]:
    """Nothing where this user may not read it but one line that says so."""
    lines = _lines()
    if lines is None:
        unread = _("This user may not read it: sudo smsgw doctor looks into it too.")
        yield Finding(CHECK, True, _("It can't be read here.") if os.geteuid() == 0 else unread)
        return
    found = list(troubles(lines))
    yield from found or [Finding(CHECK, True, _("It tells of no trouble with USB, power or disks in the last day."))]


def troubles(lines: Iterable[str]) -> Iterator[Finding]:
    """One finding for each kind of trouble at each place."""
    seen = Counter(hit for line in lines if (hit := _hit(line)))
    for (number, place), count in sorted(seen.items()):
        pattern = PATTERNS[number]
        if count >= pattern.least:
            yield Finding(CHECK, False, pattern.finding.format(place=place, count=count), pattern.remedy)


def recent(records: Iterable[str], now_s: float) -> Iterator[str]:
    """The texts of /dev/kmsg's records of the last day; `now_s` in seconds since boot."""
    for record in records:
        head, _separator, text = record.partition(";")
        fields = head.split(",")
        if len(fields) > 2 and fields[2].isdigit() and now_s - int(fields[2]) / 1e6 <= A_DAY_S:
            yield text.split("\n", 1)[0]


def _hit(line: str) -> tuple[int, str] | None:
    """Which pattern, and where."""
    for number, pattern in enumerate(PATTERNS):
        if found := pattern.match.search(line):
            return number, found["place"]
    return None


def _lines() -> list[str] | None:
    try:
        return list(recent(_records(KMSG), time.clock_gettime(time.CLOCK_MONOTONIC)))
    except OSError:
        return _from_journal()


def _records(path: Path) -> Iterator[str]:
    """All that is in the kernel's buffer; one read gives one record."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        while record := _record(descriptor):
            yield record
    finally:
        os.close(descriptor)


def _record(descriptor: int) -> str:
    """The next one; empty at the end."""
    while True:
        try:
            return os.read(descriptor, RECORD).decode("utf-8", "replace")
        except BlockingIOError:
            return ""
        except BrokenPipeError:  # overwritten while we read: go on with the oldest that is left
            continue


def _from_journal() -> list[str] | None:
    """None where this user may not read it, or there is none."""
    try:
        done = subprocess.run(JOURNAL, capture_output=True, text=True, timeout=JOURNAL_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.splitlines() or None
