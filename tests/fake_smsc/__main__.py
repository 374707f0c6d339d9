"""`python -m tests.fake_smsc --answer-s 0.02`: an SMSC as its own process; told to end it says what it counted."""

from __future__ import annotations

import argparse
import json
import signal
import threading
from typing import Any

from tests.fake_smsc.conduct import Conduct
from tests.fake_smsc.smsc import Smsc


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fake_smsc", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="where to listen")
    parser.add_argument("--port", type=int, default=0, help="0: a free one, which is printed")
    parser.add_argument("--system-id", default="clinic", help="the account")
    parser.add_argument("--password", default="secret", help="its password")
    parser.add_argument("--answer-s", type=float, default=0.0, help="seconds until a submit is answered")
    parser.add_argument("--receipt-s", type=float, help="seconds until the receipt (default: there are none)")
    parser.add_argument("--per-second", type=float, help="refuse what is more with ESME_RTHROTTLED")
    parser.add_argument("--ids", default="decimal", help="how message ids are written")
    parser.add_argument("--watch", metavar="DIGITS", help="say when each SMS came, and which went to such a number")
    parser.add_argument("--receipt-ids", help="how receipts write them (default: the same)")
    return parser


def main() -> int:
    options = arguments().parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    conduct = Conduct(
        answer_s=options.answer_s,
        receipt_s=options.receipt_s,
        most_per_second=options.per_second,
        ids=options.ids,
        receipt_ids=options.receipt_ids,
    )
    accounts = {options.system_id: options.password}
    with Smsc(conduct, accounts=accounts, host=options.host, port=options.port) as smsc:
        print("ready", smsc.port, flush=True)
        ended.wait()
        texts = smsc.texts
        found = {
            "taken": len(smsc.taken),
            "texts": sum(len(each) for each in texts.values()),
            "distinct": len({(number, text) for number, each in texts.items() for text in each}),
            "incomplete": smsc.incomplete,
            "complaints": smsc.complaints[:10],
            **smsc.counts,
        }
        print(json.dumps(found | _watched(smsc, options.watch)), flush=True)
    return 0


def _watched(smsc: Smsc, digits: str | None) -> dict[str, list[Any]]:
    """The time of day of each SMS, in order, and the places of those to a number that begins so."""
    if digits is None:
        return {}
    places = [place for place, each in enumerate(smsc.taken) if each.dest[2].startswith(digits)]
    return {"taken_at": smsc.taken_at, "watched": places}


if __name__ == "__main__":
    raise SystemExit(main())
