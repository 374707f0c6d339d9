"""A fake SMSC: SMPP 3.4 on real sockets with its own codec, its faults, and the phones behind it."""

from __future__ import annotations

from tests.fake_smsc.conduct import Conduct
from tests.fake_smsc.smsc import Smsc

__all__ = ["Conduct", "Smsc"]
