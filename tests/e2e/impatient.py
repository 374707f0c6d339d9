"""The real daemon, which takes an SMSC that is silent for gone after half a second: `python -m tests.e2e.impatient`."""

from __future__ import annotations

from gateway.__main__ import main
from gateway.smpp import session

if __name__ == "__main__":
    session.ENQUIRE_ANSWER_S = session.UNBIND_S = 0.5
    main()
