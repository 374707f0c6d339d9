"""`smsgw init --system`: the gateway as a service of this machine, step by step; each step says what it finds and does.

With root's rights it does them, else it prints what root is to type. Whatever is there already stays as it is.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from gateway.cli.installing import File, Place, place_of, write
from gateway.cli.show import say
from gateway.cli.starting import CONFIGURATION, UNIT
from gateway.errors import GatewayError
from gateway.i18n import _

USER = "smsgw"
PORTS = ("dialout", "uucp")  # the group that serial ports belong to, by distribution
HOME = Path("/var/lib/smsgw")
RULES = Path("/etc/udev/rules.d/70-smsgw.rules")
PROGRAM = "/opt/smsgw/bin/smsgw"  # as the packaged unit names it
HIDDEN = (Path("/home"), Path("/root"))  # ProtectHome= hides them from the service
BACK_OFF_SINCE = 254  # systemd that knows RestartSteps=
BACK_OFF = ("RestartSteps", "RestartMaxDelaySec")
FOLDER_MODE = 0o2770  # what is made in it belongs to the group, which the MIS may be in
CONFIGURATION_MODE = 0o750


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has to be so."""

    what: str  # a sentence when it is done
    is_done: bool
    by_hand: str  # what root types instead
    do: Callable[[], None]
    there: str = ""  # a sentence when it was so before


@dataclass(frozen=True, slots=True)
class System:
    """The machine that the gateway is installed on, or a folder that stands for it."""

    root: Path
    program: str
    database: Path = HOME / "gateway.db"

    @property
    def is_real(self) -> bool:
        return self.root == Path("/")

    def at(self, path: Path) -> Path:
        """Where an absolute path of the machine is."""
        return self.root / path.relative_to("/")


def steps(system: System) -> Iterator[Step]:
    """In the order in which they have to be taken."""
    if system.is_real:
        yield _user()
    yield _folder(system, HOME, FOLDER_MODE, owner=USER)
    yield _folder(system, CONFIGURATION.parent, CONFIGURATION_MODE, owner="root")
    yield _file(File(system.at(UNIT), unit(system, systemd_version())))
    yield _file(File(system.at(RULES), packaged("70-smsgw.rules").replace(PORTS[0], ports_group())))


def afterwards(system: System) -> Sequence[Sequence[str]]:
    """Commands that tell the system of its new files."""
    if not system.is_real:
        return ()
    systemd = [("systemctl", "daemon-reload")] if Path("/run/systemd/system").is_dir() else []
    udev = [("udevadm", "control", "--reload"), ("udevadm", "trigger", "--subsystem-match=usb", "--action=change")]
    return [*systemd, *(udev if Path("/run/udev/control").exists() else [])]


def take(step: Step) -> None:
    """Do it, if it is needed, and say so."""
    if step.is_done:
        say(step.there or step.what)
        return
    step.do()
    say(step.what)


def tell(step: Step) -> None:
    """Say what would be done, or what root has to type."""
    say(step.there or step.what if step.is_done else step.by_hand)


def command() -> str:
    """The command's own place, absolute: what the service starts."""
    beside = Path(sys.prefix) / "bin" / "smsgw"
    found = beside if beside.exists() else Path(shutil.which("smsgw") or "smsgw")
    return str(found.absolute()) if found.is_absolute() or found.exists() else f"{sys.executable} -m gateway"


def refuse_hidden(program: str, others: Sequence[str] = (sys.executable, sys.prefix, sys.base_prefix)) -> None:
    """A service can't be started from somebody's home, nor with a Python that lies there."""
    places = [Path(place) for name in (program.split()[0], *others) for place in (name, os.path.realpath(name))]
    if any(place.is_relative_to(home) for place in places for home in HIDDEN):
        sentence = _(
            "{program}, or its Python, lies in a home folder, into which a service may not look. Install it for all:"
            " sudo /usr/bin/python3 -m venv /opt/smsgw && sudo /opt/smsgw/bin/pip install . &&"
            " sudo /opt/smsgw/bin/smsgw init --system"
        )
        raise GatewayError(sentence.format(program=program))


def unit(system: System, systemd: int) -> str:
    """The packaged unit with this installation's command and the database's folder."""
    text = packaged("smsgw.service").replace(PROGRAM, system.program).replace(PORTS[0], ports_group())
    if systemd >= BACK_OFF_SINCE:
        for name in BACK_OFF:
            text = text.replace(f"#{name}=", f"{name}=")
    folder = system.database.parent
    if not folder.is_relative_to(HOME):
        text = text.replace(f"RequiresMountsFor={HOME}", f"RequiresMountsFor={HOME} {folder}")
        text = text.replace("ProtectSystem=strict", f"ProtectSystem=strict\nReadWritePaths={folder}")
    return text


def packaged(name: str) -> str:
    """A file that comes with the gateway."""
    return resources.files("gateway.cli").joinpath("files", name).read_text("utf-8")


def ports_group() -> str:
    """The group of this machine's serial ports."""
    return next((name for name in PORTS if _is_known(grp.getgrnam, name)), PORTS[0])


def systemd_version() -> int:
    """Of this machine; 0 where there is none."""
    try:
        told = subprocess.run(
            ["systemctl", "--version"], capture_output=True, text=True, check=False, timeout=10
        ).stdout
        return int(told.split()[1])
    except (OSError, subprocess.TimeoutExpired, IndexError, ValueError):
        return 0


def own(path: Path, user: str, group: str) -> None:
    """Give a file to a user of this machine, as far as there is one and we may."""
    if os.geteuid() == 0 and _is_known(pwd.getpwnam, user) and _is_known(grp.getgrnam, group):
        os.chown(path, pwd.getpwnam(user).pw_uid, grp.getgrnam(group).gr_gid, follow_symlinks=False)


def _user() -> Step:
    group = ports_group()
    line = ["useradd", "--system", "--user-group", "--home-dir", str(HOME), "--no-create-home", "--groups", group, USER]
    return Step(
        what=_("The user {user} is made, in the group {group} of the serial ports.").format(user=USER, group=group),
        is_done=_is_known(pwd.getpwnam, USER),
        by_hand=" ".join(line),
        do=lambda: run(line),
        there=_("The user {user} is there.").format(user=USER),
    )


def _folder(system: System, path: Path, mode: int, owner: str) -> Step:
    place = system.at(path)
    return Step(
        what=_("The folder {path} is made.").format(path=place),
        is_done=place.is_dir(),
        by_hand=f"install -d -o {owner} -g {USER} -m {mode:o} {place}",
        do=lambda: _make_folder(place, mode, owner),
        there=_("The folder {path} is there.").format(path=place),
    )


def _make_folder(place: Path, mode: int, owner: str) -> None:
    place.mkdir(parents=True)
    own(place, owner, USER)
    place.chmod(mode)


def _file(file: File) -> Step:
    place = place_of(file)
    is_kept = place is Place.CHANGED
    is_beside = is_kept and file.beside.exists() and file.beside.read_text("utf-8", "replace") == file.sealed
    kept = _("{path} was changed by somebody and stays; the new one is laid beside it as {beside}.")
    written = kept if is_kept else _("{path} is written.")
    target = file.beside if is_kept else file.path
    return Step(
        what=written.format(path=file.path, beside=file.beside),
        is_done=place is Place.SAME or is_beside,
        by_hand=f"cat > {target} <<'END-OF-FILE'\n{file.sealed}END-OF-FILE",
        do=lambda: _write(file),
        there=(kept if is_kept else _("{path} is there.")).format(path=file.path, beside=file.beside),
    )


def _write(file: File) -> None:
    write(file)


def _is_known(look_up: Callable[[str], object], name: str) -> bool:
    """To the system, as a user or as a group."""
    try:
        look_up(name)
    except KeyError:
        return False
    return True


def run(line: Sequence[str]) -> None:
    """A command of the system; raises GatewayError with its last word."""
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or str(done.returncode)).splitlines()[-1]
        raise GatewayError(_("{command}: {reason}").format(command=" ".join(line), reason=reason))
