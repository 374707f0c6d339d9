"""The gateway of the command's tests, for reports."""

from __future__ import annotations

from tests.cli.conftest import _quiet_machine, gateway, now

__all__ = ["_quiet_machine", "gateway", "now"]
