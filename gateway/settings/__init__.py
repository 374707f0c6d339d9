"""The configuration: one TOML file -> checked, frozen values; every mistake is reported at once, with file and key.

`models` holds the tables and their keys (name, default, what is allowed, comment), `loading` finds and reads the file,
`mistakes` puts what is wrong into words, `example` writes the commented file.
"""

from __future__ import annotations

from gateway.settings.loading import find, load
from gateway.settings.models import (
    AlarmSettings,
    CategorySettings,
    GatewaySettings,
    ModemSettings,
    NotifySettings,
    RetentionSettings,
    SafetySettings,
    Settings,
    SmppSettings,
)

__all__ = [
    "AlarmSettings",
    "CategorySettings",
    "GatewaySettings",
    "ModemSettings",
    "NotifySettings",
    "RetentionSettings",
    "SafetySettings",
    "Settings",
    "SmppSettings",
    "find",
    "load",
]
