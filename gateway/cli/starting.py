"""What a person types to start the daemon: the unit that `init --system` installed, else `smsgw run`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.settings import Settings

CONFIGURATION = Path("/etc/smsgw/gateway.toml")  # the one that the unit works by
UNIT = Path("/etc/systemd/system/smsgw.service")
SERVICE = "sudo systemctl start smsgw"
BY_HAND = "smsgw run"


def command(settings: Settings) -> str:
    """With another configuration than the unit's the unit would start another gateway."""
    is_units = os.path.realpath(settings.path) == os.path.realpath(CONFIGURATION)
    return SERVICE if is_units and os.path.exists(UNIT) else BY_HAND
