"""Disks that may be lost: a small one in memory that can be filled, and one in a file that turns read-only.

Only root may mount them, and not in every container: where it can't be done, that is said.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.clinic import NOTHING_LOST, SETTLE_S, judged, recovered, under_load
from tests.reliability.result import Result

NOT_ALLOWED = "this user may not mount a disk here"
IMAGE_BYTES = 32 * 1024 * 1024
FORCE_ERROR = "/sys/fs/ext4/{device}/trigger_fs_error"


def _is_done(*command: str | Path) -> bool:
    return subprocess.run([str(word) for word in command], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    command = ("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "smsgw-reliability", folder)
    is_mounted = os.geteuid() == 0 and _is_done(*command)
    try:
        yield is_mounted
    finally:
        if is_mounted:
            _is_done("umount", "-l", folder)


def full_disk(folder: Path, seconds: float) -> Result:
    name, done = f"disk full for {seconds:.0f} s", "a disk of 8 MB is filled to the last octet"
    with small_disk(folder / "disk", 8) as is_mounted:
        if not is_mounted:
            return Result(name, done, NOTHING_LOST, NOT_ALLOWED, None)
        with under_load(folder / "disk") as load:
            ballast = folder / "disk" / "ballast"
            fill(ballast)
            time.sleep(seconds)
            ballast.unlink()
            return judged(name, done, NOTHING_LOST, load, time.monotonic(), (26,))


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"\0" * 4096)


class ImageDisk:
    """An ext4 in a file, which turns read-only at an error, as most are set up to."""

    def __init__(self, folder: Path) -> None:
        self.image, self.folder = folder / "disk.image", folder / "disk"
        self.folder.mkdir(parents=True)

    def make(self) -> bool:
        with self.image.open("wb") as file:
            file.truncate(IMAGE_BYTES)
        is_made = os.geteuid() == 0 and _is_done("mkfs.ext4", "-q", "-F", self.image)
        return is_made and self.mount()

    def mount(self) -> bool:
        return _is_done("mount", "-o", "loop,errors=remount-ro", self.image, self.folder)

    def fail(self) -> bool:
        """The kernel meets an error of the file system, by order. What nobody synchronised would go with it."""
        os.sync()
        found = subprocess.run(["findmnt", "-no", "SOURCE", self.folder], capture_output=True, text=True, check=False)
        switch = Path(FORCE_ERROR.format(device=Path(found.stdout.strip()).name))
        with contextlib.suppress(OSError):
            switch.write_text("1")
        return not os.access(self.folder, os.W_OK) or not _can_write(self.folder)

    def repair(self) -> bool:
        """What a person does, with the daemon stopped."""
        _is_done("umount", self.folder)
        _is_done("e2fsck", "-fy", self.image)
        return self.mount()

    def remove(self) -> None:
        _is_done("umount", "-l", self.folder)


def _can_write(folder: Path) -> bool:
    try:
        (folder / "trial").write_text("x")
    except OSError:
        return False
    return True


READ_ONLY = (
    "disk turns read-only",
    "the kernel meets an error and makes it read-only; 8 s later a person stops the daemon, repairs, starts it",
    "no SMS goes out that can't be noted down; afterwards nothing lost, nothing twice silently",
)


def read_only(folder: Path) -> Result:
    disk = ImageDisk(folder)
    try:
        return _read_only(disk) if disk.make() else Result(*READ_ONLY, NOT_ALLOWED, None)
    finally:
        disk.remove()


def _read_only(disk: ImageDisk) -> Result:
    with under_load(disk.folder) as load:
        clinic, bank = load.fleet.clinic, load.fleet.bank
        with load.paused():  # what the kernel says of a row at the very moment of its error proves nothing
            has_failed = disk.fail()
        if not has_failed:
            return Result(*READ_ONLY, "the kernel has no way to be told of an error", None)
        time.sleep(1.0)  # what was in the air comes to its end
        before = len(bank.submitted)
        time.sleep(8.0)
        wrong = [f"{len(bank.submitted) - before} SMS went out unnoted"] if len(bank.submitted) > before else []
        load.stop()
        clinic.terminate()
        if not disk.repair():
            return Result(*READ_ONLY, "it could not be repaired", ["the disk is gone"])
        load.write_one("Afterwards")
        started_at = time.monotonic()
        clinic.start()
        back_s = recovered(load, started_at)
        wrong += [] if load.settle(SETTLE_S) else ["it did not settle"]
        wrong += load.complaints()
        counts = ", ".join(
            f"{value} {what}" for what, value in {**load.counted(), "refused rows": load.refused}.items()
        )
        return Result(*READ_ONLY, counts, wrong, back_s, (26,))
