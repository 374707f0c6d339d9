"""Sticks that show themselves as a disk, and sticks that may fall asleep: both look like modems that are not there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.i18n import _
from gateway.modem.sysfs import word_of

CHECK = "usb"
STORAGE = "08"  # bInterfaceClass
# Makers of modems, as in config/70-smsgw.rules.
MAKERS = frozenset(
    (
        "12d1",
        "19d2",
        "1e0e",
        "2c7c",
        "05c6",
        "1199",
        "114f",
        "0af0",
        "1bc7",
        "1e2d",
        "0681",
        "1bbb",
        "1c9e",
        "2cb7",
        "0bdb",
    )
)  # Huawei ZTE SIMCom Quectel Qualcomm Sierra Wavecom Option Telit Cinterion Siemens Alcatel Longcheer Fibocom Ericsson
AWAKE = "on"
SWITCH = _("It holds its driver for Windows: sudo apt install usb-modeswitch, then unplug it and plug it in again.")


def check(ports: Iterable[str], sysfs: Path) -> Iterator[Finding]:
    """`ports`: those behind which modems are looked for."""
    yield from _disks(sysfs)
    yield from _sleepers(ports, sysfs)


def _disks(sysfs: Path) -> Iterator[Finding]:
    for device in sorted((sysfs / "bus" / "usb" / "devices").glob("*-*")):
        vendor, product = word_of(device / "idVendor"), word_of(device / "idProduct")
        kinds = {word_of(each) for each in device.glob("*:*/bInterfaceClass")}
        if vendor in MAKERS and kinds == {STORAGE}:
            sentence = _("The stick {vendor}:{product} at USB {place} shows itself as a disk and not as a modem.")
            yield Finding(CHECK, False, sentence.format(vendor=vendor, product=product, place=device.name), SWITCH)


def _sleepers(ports: Iterable[str], sysfs: Path) -> Iterator[Finding]:
    """Devices that the kernel may suspend to save power."""
    from gateway.modem import usb

    found = (usb.describe(port, sysfs) for port in ports)
    for device in sorted({each.device for each in found if each}):
        control = device / "power" / "control"
        if word_of(control) not in (AWAKE, ""):
            sentence = _("The modem at USB {place} may be put to sleep to save power, and then misses what comes in.")
            remedy = _("sudo smsgw init --system puts a udev rule against it; until then: echo on | sudo tee {control}")
            yield Finding(CHECK, False, sentence.format(place=device.name), remedy.format(control=control))
