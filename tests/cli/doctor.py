"""What the tests of the doctor share: a configuration, and what is amiss."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.checks.finding import Finding
from gateway.settings import ModemSettings, Settings, SmppSettings
from gateway.settings.models import GatewaySettings


def settings(*modems: ModemSettings, smpp: tuple[SmppSettings, ...] = ()) -> Settings:
    return Settings(
        path=Path("gateway.toml"), gateway=GatewaySettings(timezone="Europe/Moscow"), modems=modems, smpp=smpp
    )


def modem(port: object, pin: str | None = None) -> ModemSettings:
    return ModemSettings.model_validate({"name": "sim-1", "port": str(port), "pin": pin})


def problems(found: object) -> list[Finding]:
    return [finding for finding in found if not finding.ok]  # type: ignore[attr-defined]
