"""`python -m tests.fake_modem --modems 4`: a bank as its own process, until SIGTERM or SIGINT.

With `--sysfs DIR` the modems are USB sticks, and it says which variables show them to `smsgw`: then they can be pulled
out and plugged in (`--control`, control.py), also by `echo 1 > …/disable` in DIR, beside `smsgw doctor` and the daemon.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from tests.fake_modem.bank import Bank
from tests.fake_modem.personality import load_all


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_modem", description=__doc__)
    parser.add_argument("--modems", type=int, default=4, help="how many")
    parser.add_argument("--dir", type=Path, help="where the links to the ports go (default: a temporary folder)")
    parser.add_argument(
        "--sysfs", type=Path, help="a folder as /sys: then they are USB sticks, and --dir is their /dev"
    )
    parser.add_argument("--radio-s", type=float, default=1.0, help="seconds that the radio takes per SMS")
    parser.add_argument("--report-s", type=float, default=2.0, help="seconds until the status report")
    parser.add_argument(
        "--personality", action="append", choices=sorted(load_all()), help="may be repeated: the modems take turns"
    )
    parser.add_argument(
        "--rule", action="append", default=[], metavar="NUMBER=RULE", help="what becomes of SMS to a number"
    )
    parser.add_argument("--seed", type=int, default=0, help="of everything random")
    parser.add_argument("--pin", help="the PIN that every SIM asks for")
    parser.add_argument("--journal", type=Path, help="write one JSON line per event")
    parser.add_argument("--control", type=Path, help="a Unix socket for commands, one JSON line each")
    parser.add_argument("--quiet", action="store_true", help="print nothing but `ready`")
    return parser


def main() -> int:
    options = arguments().parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    bank = Bank(
        options.modems, folder=options.dir, radio_s=options.radio_s, report_s=options.report_s,
        personality=options.personality or "default", seed=options.seed, journal=options.journal,
        control=options.control, sysfs=options.sysfs,
    )  # fmt: skip
    for line in options.rule:
        number, _, chosen = line.partition("=")
        bank.on_submit(number, chosen)
    for modem in bank.modems:
        modem.lock(options.pin)
    with bank:
        if not options.quiet:
            for modem in bank.modems:
                print(modem.name, modem.port, flush=True)
            if options.sysfs:
                print(f"SMSGW_DEV={bank.folder.absolute()} SMSGW_SYSFS={options.sysfs.absolute()}", file=sys.stderr)
        print("ready", flush=True)
        stopped.wait()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
